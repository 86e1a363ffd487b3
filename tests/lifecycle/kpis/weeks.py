"""Twelve weekly readings from before go-live."""

from __future__ import annotations

from datetime import date, timedelta

from lifecycle.kpis.csv_files import Reading

FIRST = date(2026, 1, 5)  # a Monday
BEFORE = [11.6, 11.2, 12.0, 11.8, 11.4, 11.9, 11.5, 11.7, 12.1, 11.3, 11.6, 11.5]


def weeks(values: list[float], first: date = FIRST) -> list[Reading]:
    """Weekly rows from `first` on."""
    return [Reading(first + timedelta(weeks=number), value) for number, value in enumerate(values)]
