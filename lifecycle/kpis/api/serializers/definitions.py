"""What a KPI is, and what holds of it now."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from lifecycle.kpis.api.serializers.values import BaselineOut, TargetOut, UnitValueOut
from lifecycle.kpis.claims.selectors import own_shares
from lifecycle.kpis.models import Kpi


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
