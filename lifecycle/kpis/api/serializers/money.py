"""Amounts, costs and benefits: money is text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.web.refused import Refused
from lifecycle.kpis.models import CashLine, Kpi
from lifecycle.kpis.selectors.inputs import money_as_text
from lifecycle.kpis.services import amount_of


@extend_schema_field(OpenApiTypes.DECIMAL)
class MoneyField(serializers.Field[Decimal, Any, str, Any]):
    """An amount as text, such as "1250.50". JSON numbers are refused: they may have been rounded on the way."""

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, int) and not isinstance(data, bool):
            raise Refused(
                'Amounts of money are sent as text. Put the number in quotation marks, such as "1250".',
                code="money_not_text",
                status=400,
                field=self.field_name or "amount",
            )
        return amount_of(data, self.field_name or "amount")

    def to_representation(self, value: Decimal) -> str:
        return money_as_text(value) or "0"


class CashOut(serializers.ModelSerializer[CashLine]):
    """A cost or benefit; the amount is text."""

    amount = MoneyField()
    kpi = serializers.SlugRelatedField[Kpi](slug_field="key", read_only=True)

    class Meta:
        model = CashLine
        fields = [
            "id", "side", "basis", "category", "month", "until", "amount", "currency", "note", "kpi",
            "recorded_at", "voided_at",
        ]  # fmt: skip


class CashIn(serializers.Serializer[Any]):
    """A cost or benefit to add; `month` is any day of it, `until` of the last one of a recurring line."""

    side = serializers.ChoiceField(CashLine.Side.choices)
    basis = serializers.ChoiceField(CashLine.Basis.choices)
    category = serializers.ChoiceField(CashLine.Category.choices)
    month = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True)
    amount = MoneyField()
    currency = serializers.CharField(required=False, max_length=3)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)
    kpi = serializers.SlugField(required=False, allow_null=True)
