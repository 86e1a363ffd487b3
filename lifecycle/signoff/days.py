"""Working days, for all timers of sign-off: the one place that knows which days count."""

from __future__ import annotations

from datetime import date, timedelta

from lifecycle.kpis.periods import organisation_today

_SATURDAY = 5


def today() -> date:
    """The day by which timers run: that of the organisation's time zone."""
    return organisation_today()


def is_working_day(day: date) -> bool:
    """Whether people are expected to work on this day."""
    return day.weekday() < _SATURDAY


def add_working_days(day: date, count: int) -> date:
    """The day that lies `count` working days after `day` (before it when negative); 0 is the day itself."""
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def working_days_between(first: date, last: date) -> int:
    """Working days after `first` up to and with `last`; 0 where `last` is not later."""
    return sum(is_working_day(first + timedelta(days=number)) for number in range(1, (last - first).days + 1))
