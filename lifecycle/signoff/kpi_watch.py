"""Whether a KPI keeps its promise: readings on the right side of its target, and readings at all. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lifecycle.kpis.periods import aligned, following

PERIODS = 3  # missed on end, where a policy says nothing
SILENT = 2  # whole periods without a reading


def missed(
    readings: Sequence[tuple[date, float]], *, target: float, sign: int, since: date, periods: int
) -> list[tuple[date, float]]:
    """The last `periods` readings if all lie on the wrong side of the target; else nothing.

    `readings`: (first day of the period, value), by period. `sign`: +1 when higher is better. Only periods that began on
    `since` or later count: the target must be due, and what was known at an approval does not end it.
    """
    last = [reading for reading in readings if reading[0] >= since][-periods:]
    if periods < 1 or len(last) < periods or any(sign * (value - target) >= 0 for _, value in last):
        return []
    return last


def is_silent(last: date, *, frequency: str, since: date, on: date) -> bool:
    """Whether no reading came for whole periods after the `last` one (its first day), counted from `since` at least."""
    period = following(aligned(max(last, since), frequency), frequency)
    for _ in range(SILENT):
        period = following(period, frequency)
    return on >= period
