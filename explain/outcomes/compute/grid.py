"""Dates of a series laid out on their own rhythm, so that a gap becomes periods that are missing."""

from __future__ import annotations

import calendar
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from explain.outcomes.compute.refusal import CalculationRefused

MOST_PERIODS = 20_000
_WORKING_DAYS = 5
_ENOUGH_FOR_A_WEEK = 10  # dates of which none is on a weekend


@dataclass(frozen=True, slots=True)
class Grid:
    """Place of each given date among `labels`, all periods from the first to the last, and the rhythm in words."""

    places: list[int]
    labels: list[date]
    period: str
    days_in_week: int | None = None  # of a daily series: 7, or 5 without weekends

    def place_of(self, day: date) -> int:
        """The first period that begins on the day or later."""
        return sum(label < day for label in self.labels)


def laid_out(dates: Sequence[date]) -> Grid:
    """The grid of ascending dates: months where all fall on one day of the month, weekdays, else equal steps of days."""
    first = dates[0]
    if len(dates) == 1:
        return Grid([0], [first], "1 day", 7)
    if _by_months(dates):
        counts = [day.year * 12 + day.month - 1 for day in dates]
        step = math.gcd(*(later - earlier for earlier, later in pairwise(counts)))
        places = [(count - counts[0]) // step for count in counts]
        anchor = max(day.day for day in dates)
        _bounded(places[-1])
        labels = [_in_month(counts[0] + k * step, anchor) for k in range(places[-1] + 1)]
        return Grid(places, labels, _named(step, "month"))
    days = math.gcd(*((later - earlier).days for earlier, later in pairwise(dates)))
    if days == 1 and len(dates) >= _ENOUGH_FOR_A_WEEK and all(day.weekday() < _WORKING_DAYS for day in dates):
        counts = [_working(day) for day in dates]
        places = [count - counts[0] for count in counts]
        _bounded(places[-1])
        span = range((dates[-1] - first).days + 1)
        every = [first + timedelta(days=k) for k in span]
        return Grid(places, [day for day in every if day.weekday() < _WORKING_DAYS], "1 working day", _WORKING_DAYS)
    places = [(day - first).days // days for day in dates]
    _bounded(places[-1])
    labels = [first + timedelta(days=k * days) for k in range(places[-1] + 1)]
    return Grid(places, labels, _named(days, "day"), 7 if days == 1 else None)


def _by_months(dates: Sequence[date]) -> bool:
    """Whether all dates fall on one day of the month, months too short for it ending earlier."""
    anchor = max(day.day for day in dates)
    months = {(day.year, day.month) for day in dates}
    return len(months) == len(dates) and all(
        day.day == min(anchor, calendar.monthrange(day.year, day.month)[1]) for day in dates
    )


def _in_month(count: int, anchor: int) -> date:
    year, month = divmod(count, 12)
    return date(year, month + 1, min(anchor, calendar.monthrange(year, month + 1)[1]))


def _working(day: date) -> int:
    weeks, weekday = divmod(day.toordinal() - 1, 7)
    return weeks * _WORKING_DAYS + weekday


def _named(step: int, unit: str) -> str:
    return f"1 {unit}" if step == 1 else f"{step} {unit}s"


def _bounded(last: int) -> None:
    if last >= MOST_PERIODS:
        raise CalculationRefused(
            "too_many", f"From the first date to the last there are more than {MOST_PERIODS:,} periods.", "dates"
        )
