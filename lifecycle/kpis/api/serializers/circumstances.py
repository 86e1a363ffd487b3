"""What a KPI is compared with, what is left out of it, and the solution's retirement."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lifecycle.kpis.models import Exclusion, Kpi, KpiControl, Retirement


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
