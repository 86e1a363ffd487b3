"""What goes in and out over REST. Money is text, statistics are numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from foundation.web.refused import Refused
from lifecycle.kpis.circumstances import Exclusion, KpiControl, Retirement
from lifecycle.kpis.claims.selectors import own_shares
from lifecycle.kpis.models import Baseline, CashLine, GoLive, Kpi, Measurement, Target, ValuePerUnit
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


class BaselineOut(serializers.ModelSerializer[Baseline]):
    """A baseline; values are [[period, value, revision], ...] as frozen."""

    values = serializers.JSONField(read_only=True)
    proposed_by = serializers.CharField(source="proposed_by.name", read_only=True)
    approved_by = serializers.CharField(source="approved_by.name", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Baseline
        fields = [
            "id", "kpi_version", "starts_on", "ends_on", "state", "note", "values", "values_hash", "mean",
            "moving_range", "count", "retrospective", "proposed_by", "proposed_at", "approved_by", "frozen_at",
        ]  # fmt: skip


class BaselineIn(serializers.Serializer[Any]):
    """A window to propose."""

    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=1000)


class ReasonIn(serializers.Serializer[Any]):
    """Why."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class TargetOut(serializers.ModelSerializer[Target]):
    """A target."""

    class Meta:
        model = Target
        fields = ["id", "value", "due_on", "note", "set_at"]


class TargetIn(serializers.Serializer[Any]):
    """A target to set."""

    value = serializers.FloatField()
    due_on = serializers.DateField()
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class UnitValueOut(serializers.ModelSerializer[ValuePerUnit]):
    """What a unit is worth; amounts are text."""

    amount = MoneyField()
    low = MoneyField(allow_null=True)
    high = MoneyField(allow_null=True)

    class Meta:
        model = ValuePerUnit
        fields = ["id", "amount", "low", "high", "currency", "valid_from", "valid_to", "evidence", "set_at"]


class UnitValueIn(serializers.Serializer[Any]):
    """What a unit is worth; amounts are text."""

    amount = MoneyField()
    low = MoneyField(required=False, allow_null=True)
    high = MoneyField(required=False, allow_null=True)
    currency = serializers.CharField(max_length=3)
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(required=False, allow_null=True)
    evidence = serializers.CharField(required=False, allow_blank=True, max_length=300)


class KpiOut(serializers.ModelSerializer[Kpi]):
    """The definition of a KPI."""

    volume_kpi = serializers.SlugRelatedField[Kpi](slug_field="key", read_only=True)
    derived_from = serializers.SlugRelatedField[Kpi](slug_field="key", read_only=True)
    attribution = serializers.SerializerMethodField(help_text="What the project claims of its own KPI this month")

    def get_attribution(self, kpi: Kpi) -> str:
        """From the claims; a list gives all of them in `context["own_shares"]`."""
        known = self.context.get("own_shares") or own_shares([kpi])
        return f"{known[kpi.pk]:.5f}"

    class Meta:
        model = Kpi
        fields = [
            "key", "name", "meaning", "unit", "direction", "kind", "frequency", "volume_kpi", "derived_from",
            "counts", "season", "is_primary", "attribution", "cashable", "simulated", "version",
        ]  # fmt: skip


class KpiDetail(serializers.Serializer[Any]):
    """A KPI with what holds of it now."""

    kpi = KpiOut()
    baseline = BaselineOut(allow_null=True)
    proposed_baseline = BaselineOut(allow_null=True)
    target = TargetOut(allow_null=True)
    unit_value = UnitValueOut(allow_null=True)
    latest_period = serializers.DateField(allow_null=True)
    latest_value = serializers.FloatField(allow_null=True)
    readings = serializers.IntegerField()


class KpiIn(serializers.Serializer[Any]):
    """A KPI to define. Other KPIs are named by key."""

    key = serializers.SlugField(required=False, max_length=60)
    name = serializers.CharField(max_length=120)
    meaning = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    unit = serializers.CharField(max_length=40)
    direction = serializers.ChoiceField(Kpi.Direction.choices)
    kind = serializers.ChoiceField(Kpi.Kind.choices)
    frequency = serializers.ChoiceField(Kpi.Frequency.choices)
    volume_kpi = serializers.SlugField(required=False, allow_null=True)
    derived_from = serializers.SlugField(required=False, allow_null=True)
    counts = serializers.BooleanField(required=False)
    season = serializers.ChoiceField(Kpi.Season.choices, required=False, allow_null=True)
    is_primary = serializers.BooleanField(required=False)
    attribution = serializers.DecimalField(6, 5, required=False, min_value=Decimal(0), max_value=Decimal(1))
    cashable = serializers.DecimalField(6, 5, required=False, min_value=Decimal(0), max_value=Decimal(1))


class KpiChange(serializers.Serializer[Any]):
    """Fields to change; what is left out stays."""

    name = serializers.CharField(required=False, max_length=120)
    meaning = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    unit = serializers.CharField(required=False, max_length=40)
    direction = serializers.ChoiceField(Kpi.Direction.choices, required=False)
    kind = serializers.ChoiceField(Kpi.Kind.choices, required=False)
    frequency = serializers.ChoiceField(Kpi.Frequency.choices, required=False)
    volume_kpi = serializers.SlugField(required=False, allow_null=True)
    derived_from = serializers.SlugField(required=False, allow_null=True)
    counts = serializers.BooleanField(required=False)
    season = serializers.ChoiceField(Kpi.Season.choices, required=False, allow_null=True)
    is_primary = serializers.BooleanField(required=False)
    attribution = serializers.DecimalField(6, 5, required=False, min_value=Decimal(0), max_value=Decimal(1))
    cashable = serializers.DecimalField(6, 5, required=False, min_value=Decimal(0), max_value=Decimal(1))
    supersede_baseline = serializers.BooleanField(required=False)
    keep_readings = serializers.BooleanField(required=False)
    convert_readings = serializers.BooleanField(required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class MeasurementOut(serializers.ModelSerializer[Measurement]):
    """A reading; `revision` counts the corrections of its period."""

    recorded_by = serializers.CharField(source="recorded_by.name", read_only=True)

    class Meta:
        model = Measurement
        fields = ["period", "value", "revision", "source", "note", "recorded_by", "recorded_at"]


class MeasurementIn(serializers.Serializer[Any]):
    """A reading to record. `period` is any day of the period; a `unit` other than the KPI's is converted or refused."""

    period = serializers.DateField()
    value = serializers.FloatField()
    unit = serializers.CharField(required=False, max_length=40)
    note = serializers.CharField(required=False, allow_blank=True, max_length=200)


class MeasurementsIn(serializers.Serializer[Any]):
    """Up to 10,000 readings; `partial` records the good ones when some are bad."""

    rows = serializers.ListField(child=MeasurementIn())
    partial = serializers.BooleanField(required=False)  # type: ignore[assignment]


class CsvIn(serializers.Serializer[Any]):
    """A CSV file with the columns date and value."""

    file = serializers.FileField()
    partial = serializers.BooleanField(required=False)  # type: ignore[assignment]


class FaultOut(serializers.Serializer[Any]):
    """What is wrong with a row."""

    line = serializers.IntegerField()
    code = serializers.CharField()
    field = serializers.CharField()
    message = serializers.CharField(source="sentence")
    # As it was called before there were codes.
    sentence = serializers.CharField()


class ImportedOut(serializers.Serializer[Any]):
    """What became of a list of rows."""

    added = serializers.IntegerField()
    revised = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    first = serializers.DateField(allow_null=True)
    last = serializers.DateField(allow_null=True)
    faults = FaultOut(many=True)


class GoLiveOut(serializers.ModelSerializer[GoLive]):
    """When the solution begins to work."""

    class Meta:
        model = GoLive
        fields = ["id", "on", "ramp_until", "note", "recorded_at"]


class GoLiveIn(serializers.Serializer[Any]):
    """When the solution begins to work; `ramp_until` is the first day after the ramp."""

    on = serializers.DateField()
    ramp_until = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


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


class ControlOut(serializers.ModelSerializer[KpiControl]):
    """A series to compare with."""

    control = serializers.SlugRelatedField[Kpi](slug_field="key", read_only=True)
    added_by = serializers.CharField(source="added_by.name", read_only=True)

    class Meta:
        model = KpiControl
        fields = ["id", "control", "part", "why", "joined_on", "added_by", "added_at", "ended_at"]


class ControlIn(serializers.Serializer[Any]):
    """Another KPI of the project, by key, and why it was not changed itself, or how the lot was drawn."""

    control = serializers.SlugField()
    part = serializers.ChoiceField(KpiControl.Part.choices, required=False)
    why = serializers.CharField(max_length=300)


class ControlEnd(serializers.Serializer[Any]):
    """End of a comparison; `joined_on`: from that day on a unit that waited has the solution as well."""

    joined_on = serializers.DateField(required=False, allow_null=True)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=500)


class ExclusionOut(serializers.ModelSerializer[Exclusion]):
    """Periods left out because of an event."""

    proposed_by = serializers.CharField(source="proposed_by.name", read_only=True)
    approved_by = serializers.CharField(source="approved_by.name", read_only=True, allow_null=True, default=None)

    class Meta:
        model = Exclusion
        fields = [
            "id", "starts_on", "ends_on", "event", "state", "proposed_by", "proposed_at", "approved_by", "approved_at",
            "ended_at",
        ]  # fmt: skip


class ExclusionIn(serializers.Serializer[Any]):
    """Periods to leave out; `ends_on` is the last day."""

    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    event = serializers.CharField(max_length=300)


class RetirementOut(serializers.ModelSerializer[Retirement]):
    """When the solution was taken away."""

    class Meta:
        model = Retirement
        fields = ["id", "retired_on", "decommissioned_on", "note", "recorded_at"]


class RetirementIn(serializers.Serializer[Any]):
    """`retired_on`: first day without the solution, null to take an earlier word back; `decommissioned_on`: last day
    on which it costs."""

    retired_on = serializers.DateField(allow_null=True)
    decommissioned_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)
