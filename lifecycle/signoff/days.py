"""Dates of sign-off, in the organisation's working days: the one place that knows which days count."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any

from foundation.calendar import days as calendar_days
from foundation.calendar import selectors as calendar
from foundation.calendar.days import Rules

_held: ContextVar[Rules | None] = ContextVar("held_calendar", default=None)


@contextmanager
def one_calendar(rules: Rules | None = None) -> Iterator[None]:
    """Count all days inside by the same calendar: the given rules, or those of now, read once."""
    token = _held.set(rules or calendar.present())
    try:
        yield
    finally:
        _held.reset(token)


def today() -> date:
    """The day by which timers run: that of the organisation's time zone."""
    return calendar.today()


def add_working_days(start: date, count: int) -> date:
    """The day that is `count` working days after `start`, before it when negative; `start` for 0.

    One query, none inside `one_calendar`.
    """
    return calendar_days.add_working_days(start, count, _held.get() or calendar.present())


def due_after(rules: Mapping[str, Any], start: date) -> date:
    """The day by which an answer is asked for: the policy's `days` after `start`."""
    return add_working_days(start, int(rules.get("days", 5)))


def add_months(start: date, months: int) -> date:
    """The same day of a later month, or its last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
