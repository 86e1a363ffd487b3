"""REST of exchange rates. Rates are text, in and out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.web.refused import Refused
from lifecycle.kpis.api.finding import RoomView
from lifecycle.kpis.api.serializers import FaultOut
from lifecycle.kpis.csv_files import MAX_ROWS, parse_day
from lifecycle.kpis.rates import selectors, services
from lifecycle.kpis.rates.lookup import plain
from lifecycle.kpis.rates.models import ExchangeRate
from lifecycle.kpis.rates.permits import may_enter
from lifecycle.kpis.rates.rows import from_json


class RateOut(serializers.ModelSerializer[ExchangeRate]):
    """One unit of `base` is worth `rate` units of `quote`."""

    rate = serializers.SerializerMethodField()
    recorded_by = serializers.CharField(source="recorded_by.name", read_only=True)

    class Meta:
        model = ExchangeRate
        fields = ["id", "base", "quote", "on", "kind", "rate", "source", "recorded_by", "recorded_at"]

    def get_rate(self, row: ExchangeRate) -> str:
        """As text, exactly."""
        return plain(Decimal(row.rate))


class RateIn(serializers.Serializer[Any]):
    """A rate to record. `rate` is text; `on` is a day, or a month such as 2026-02 for its mean."""

    base = serializers.CharField(max_length=3)
    quote = serializers.CharField(max_length=3)
    on = serializers.CharField(max_length=10)
    rate = serializers.CharField(max_length=24)
    kind = serializers.ChoiceField(ExchangeRate.Kind.choices, required=False)
    source = serializers.CharField(max_length=200)  # type: ignore[assignment]


class RatesIn(serializers.Serializer[Any]):
    """Up to 10,000 rates; `partial` records the good ones when some are bad."""

    rows = serializers.ListField(child=RateIn())
    partial = serializers.BooleanField(required=False)  # type: ignore[assignment]


class EnteredOut(serializers.Serializer[Any]):
    """What became of a list of rates."""

    added = serializers.IntegerField()
    corrected = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    faults = FaultOut(many=True)


class RateListView(RoomView):
    """Exchange rates by day and month."""

    serializer_class = RateOut

    @extend_schema(
        operation_id="exchange_rates_list",
        parameters=[
            OpenApiParameter("base", OpenApiTypes.STR),
            OpenApiParameter("quote", OpenApiTypes.STR),
            OpenApiParameter("kind", OpenApiTypes.STR, enum=ExchangeRate.Kind.values),
            OpenApiParameter("from", OpenApiTypes.DATE, description="First day"),
            OpenApiParameter("to", OpenApiTypes.DATE, description="Last day"),
        ],
        responses=RateOut(many=True),
    )
    def get(self, request: Request) -> Response:
        """List the rates, newest day first; of a day the first row counts, the others were corrected."""
        asked = {name: request.query_params.get(name, "").strip() for name in ("base", "quote", "kind")}
        rows: QuerySet[ExchangeRate] = selectors.rates_shown(
            asked["base"].upper(), asked["quote"].upper(), asked["kind"].lower()
        )
        for name, lookup in (("from", "on__gte"), ("to", "on__lte")):
            if text := request.query_params.get(name):
                try:
                    rows = rows.filter(**{lookup: parse_day(text, "day")})
                except ValueError as fault:
                    raise Refused(str(fault), code="day_invalid", status=400, field=name) from None
        return self.pages(rows, RateOut)

    @extend_schema(
        operation_id="exchange_rates_record",
        request=PolymorphicProxySerializer(
            component_name="ExchangeRatesBody", serializers=[RatesIn, RateIn], resource_type_field_name=None
        ),
        responses={201: EnteredOut, 200: EnteredOut},
    )
    def post(self, request: Request) -> Response:
        """Record one rate, a list of rates, or `{"rows": [...], "partial": true}`: all or none, unless `partial`.

        The code of a refusal is `rows_invalid`, with one line for each bad row. A JSON number as rate is refused.
        """
        may_enter(self.caller()).demand()
        body, partial = request.data, False
        if isinstance(body, Mapping) and "rows" in body:
            partial, body = body.get("partial") in (True, "true"), body["rows"]
        elif isinstance(body, Mapping):
            body = [body]
        if not isinstance(body, list):
            raise Refused(
                'Send one rate, a list of rates, or {"rows": [...]}.', code="rows_unreadable", status=400, field="rows"
            )
        if len(body) > MAX_ROWS:
            raise Refused(
                f"These are more than {MAX_ROWS:,} rows. Send them in parts.",
                code="too_many_rows", status=400, field="rows",
            )  # fmt: skip
        good, faults = from_json(body)
        done = services.record_rates(actor=self.caller(), rows=good, faults=faults, partial=partial)
        return Response(EnteredOut(done).data, status=201 if done.recorded else 200)
