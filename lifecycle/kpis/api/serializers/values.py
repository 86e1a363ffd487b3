"""Baselines, targets, what a unit is worth, and go-live."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lifecycle.kpis.api.serializers.money import MoneyField
from lifecycle.kpis.models import Baseline, GoLive, Target, ValuePerUnit


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
