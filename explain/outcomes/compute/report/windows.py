"""Which periods count: the baseline, the ramp, the judged time after it, and readings laid out on them."""

from __future__ import annotations

import calendar
import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from lifecycle.kpis.periods import DAY, aligned, following

Readings = dict[date, float]
Laid = list[tuple[date, float | None]]


@dataclass(frozen=True)
class Window:
    """When the solution began to work, when it was taken away, and up to when facts count."""

    as_of: date
    go_live: date | None
    ramp_until: date | None
    retired_on: date | None = None

    @property
    def judged_from(self) -> date | None:
        """First day that counts in the effect."""
        return self.ramp_until or self.go_live

    @property
    def last_day(self) -> date:
        """Last day on which the solution worked, as far as it is known."""
        return self.as_of if self.retired_on is None else min(self.as_of, self.retired_on - timedelta(days=1))

    @classmethod
    def read(cls, inputs: dict[str, Any]) -> Window:
        """From the inputs of a report."""
        go_live, retired = inputs["go_live"] or {}, inputs.get("retirement") or {}
        days = (go_live.get("on"), go_live.get("ramp_until"), retired.get("on"))
        return cls(date.fromisoformat(inputs["as_of"]), *(date.fromisoformat(day) if day else None for day in days))

    def share_of_month(self, month: date, *, to_the_end: bool = False) -> float:
        """Share of the month's days in which the solution works: up to the day of the report unless `to_the_end`."""
        assert self.go_live is not None
        first, end = max(month, self.go_live), month_end(month)
        if self.retired_on is not None:
            end = min(end, self.retired_on - timedelta(days=1))
        last = end if to_the_end else min(end, self.as_of)
        return max(0, (last - first).days + 1) / calendar.monthrange(month.year, month.month)[1]


def month_end(month: date) -> date:
    """Last day of the month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def readings(points: list[list[Any]]) -> Readings:
    """[period, value, revision] rows as a dictionary by period; what is no finite number is missing."""
    return {date.fromisoformat(point[0]): float(point[1]) for point in points if math.isfinite(point[1])}


def readings_by_key(series: dict[str, list[list[Any]]]) -> dict[str, Readings]:
    """The same of several KPIs."""
    return {key: readings(points) for key, points in series.items()}


def is_over(period: date, frequency: str, on: date) -> bool:
    """Whether the period has ended on that day."""
    return following(aligned(period, frequency), frequency) - timedelta(days=1) <= on


def last_over(frequency: str, on: date) -> date:
    """First day of the last period that is over."""
    current = aligned(on + timedelta(days=1), frequency)
    return aligned(current - timedelta(days=1), frequency)


def periods_between(frequency: str, first: date, last: date) -> list[date]:
    """Every period that begins from `first` to `last`."""
    if frequency == DAY:
        return [first + timedelta(days=k) for k in range((last - first).days + 1)]
    period = aligned(first, frequency)
    if period < first:
        period = following(period, frequency)
    found = []
    while period <= last:
        found.append(period)
        period = following(period, frequency)
    return found


def laid_out(values: Readings, frequency: str, first: date, last: date) -> Laid:
    """Every expected period that begins from `first` to `last`, None where nothing was measured."""
    return [(period, values.get(period)) for period in periods_between(frequency, first, last)]
