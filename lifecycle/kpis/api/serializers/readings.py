"""Readings, one or many, and what became of them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lifecycle.kpis.models import Measurement


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
