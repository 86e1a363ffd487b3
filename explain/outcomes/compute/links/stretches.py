"""Stretches of time in which one version was in use, and the periods of the KPI that lie wholly in one."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np

from explain.outcomes.compute.ar1 import Floats
from explain.outcomes.compute.effect import LEAST_DAYS_AFTER, LEAST_PERIODS, MOST_MISSING
from explain.outcomes.compute.links.told import Step
from explain.outcomes.compute.report.windows import Readings, is_over, laid_out
from lifecycle.kpis.periods import DAY, following


def uses_of(steps: Sequence[Step], since: date, until: date) -> list[tuple[date, date, Step]]:
    """(first day, last day, step) of each stretch of use within [since, until]. Of steps of one day the last counts;
    the order of days does not matter. A version that is put into use again while it is in use changes nothing.
    """
    last_of_day = {step.day: step for step in steps}
    ordered: list[Step] = []
    for _, step in sorted(last_of_day.items()):
        if not ordered or (ordered[-1].version, ordered[-1].metric) != (step.version, step.metric):
            ordered.append(step)
    found = []
    for place, step in enumerate(ordered):
        end = ordered[place + 1].day - timedelta(days=1) if place + 1 < len(ordered) else until
        first, last = max(step.day, since), min(end, until)
        if first <= last:
            found.append((first, last, step))
    return found


def window_of(
    readings: Readings, frequency: str, first: date, last: date, until: date, left_out: Callable[[date], bool]
) -> tuple[Floats, int]:
    """Values of the periods that lie wholly between the two days, NaN where nothing was measured or a period was left out;
    and how many were left out.
    """
    rows = [
        (day, value)
        for day, value in laid_out(readings, frequency, first, last)
        if following(day, frequency) - timedelta(days=1) <= last and is_over(day, frequency, until)
    ]
    values = [math.nan if value is None or left_out(day) else value for day, value in rows]
    return np.array(values, dtype=np.float64), sum(left_out(day) for day, _ in rows)


def why_not(step: Step, window: Floats, excluded: int, frequency: str, season: int | None, length: timedelta) -> str:
    """Code in SHORT why a stretch of use says nothing of the KPI (spec 2.3), empty where it does."""
    n = int(np.isfinite(window).sum())
    if step.metric is None:
        return "metric_missing"
    if n < LEAST_PERIODS:
        return "too_few_periods"
    if (window.size - excluded - n) / (window.size - excluded) > MOST_MISSING:
        return "too_many_missing"
    if season and window.size < season:
        return "less_than_one_season"
    return "under_28_days" if frequency == DAY and length.days + 1 < LEAST_DAYS_AFTER else ""
