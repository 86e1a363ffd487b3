"""Dates of sign-off, in working days: the one place that knows which days count."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from lifecycle.kpis.periods import organisation_today


def today() -> date:
    """The day by which timers run: that of the organisation's time zone."""
    return organisation_today()


def add_working_days(start: date, count: int) -> date:
    """The day that is `count` working days (Monday to Friday) after `start`, before it when negative; `start` for 0."""
    day, left, step = start, abs(count), timedelta(days=1 if count > 0 else -1)
    while left > 0:
        day += step
        left -= day.weekday() < 5
    return day


def due_after(rules: Mapping[str, Any], start: date) -> date:
    """The day by which an answer is asked for: the policy's `days` after `start`."""
    return add_working_days(start, int(rules.get("days", 5)))


def add_months(start: date, months: int) -> date:
    """The same day of a later month, or its last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
