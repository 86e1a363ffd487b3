"""The question that a KPI of a report asks of the ladder of methods: its series on one time axis, with what it may be
compared with, and what is left out of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from explain.outcomes.compute.ar1 import Floats
from explain.outcomes.compute.asked import Question
from explain.outcomes.compute.grid import Grid
from explain.outcomes.compute.methods.series import Flags, Groups, Series
from explain.outcomes.compute.report.windows import Laid, Readings, is_over, periods_between

CONTROL, TREATED, HELD = "control", "treated", "held"  # parts that another KPI plays


@dataclass(frozen=True)
class Excluded:
    """Periods left out on purpose, up to and with the last day, because of an event."""

    first: date
    last: date
    event: str

    @classmethod
    def read(cls, row: dict[str, Any]) -> Excluded:
        return cls(date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"]), row["event"])

    def holds(self, period: date) -> bool:
        """Whether the period begins in it."""
        return self.first <= period <= self.last


@dataclass(frozen=True)
class Asked:
    """The question, and the periods of its axis from go-live on (the ramp and the gap before it included)."""

    question: Question
    after: list[date]


def asked_of(
    kpi: dict[str, Any],
    pre: Laid,
    post: Laid,
    others: dict[str, Readings],
    *,
    excluded: list[Excluded],
    as_of: date,
    seed: int,
) -> Asked:
    """Baseline, gap and judged periods in a row: the gap counts on neither side, like a ramp.

    `others`: readings of the KPIs that serve as volume, control or unit of a group, by key. Counts take the volume as
    their exposure; a count below zero makes it no count.
    """
    frequency = str(kpi["frequency"])
    before, judged = [day for day, _ in pre], [day for day, _ in post]
    gap: list[date] = []
    if before and judged:
        gap = [day for day in periods_between(frequency, before[-1], judged[0]) if before[-1] < day < judged[0]]
    axis = [*before, *gap, *judged]
    left_out: Flags = np.zeros(len(axis), dtype=bool)
    for one in excluded:
        left_out |= np.array([one.holds(day) for day in axis], dtype=bool)
    y = np.array([_number(value) for _, value in pre] + [math.nan] * len(gap) + [_number(value) for _, value in post])
    y = np.where(left_out, np.nan, y)
    is_count = bool(kpi.get("counts")) and not bool((y < 0).any())
    exposure = None
    if is_count and kpi["volume_kpi"] is not None:
        exposure = _row(others.get(kpi["volume_kpi"], {}), axis, frequency, as_of)
        exposure = np.where(exposure > 0, exposure, np.nan)
        if not np.isfinite(exposure).any():
            exposure = None
    parts = [(row["part"], others.get(row["key"], {}), row) for row in kpi.get("controls", [])]
    rows = {
        part: [_row(series, axis, frequency, as_of) for kind, series, _ in parts if kind == part]
        for part in (CONTROL, TREATED, HELD)
    }
    groups = None
    if rows[TREATED] and rows[HELD]:
        joined = [date.fromisoformat(row["joined_on"]) for _, _, row in parts if row.get("joined_on")]
        # Once the first unit of those that wait gets the change, the groups are no longer comparable.
        shown = np.array([not joined or day < min(joined) for day in axis], dtype=bool)
        groups = Groups(*(np.where(shown, np.array(rows[part]), np.nan) for part in (TREATED, HELD)))
    series = Series(
        y=y,
        go_live=len(before),
        ramp=len(gap),
        season=kpi.get("season"),
        controls=np.array(rows[CONTROL]).reshape(len(rows[CONTROL]), len(axis)),
        exposure=exposure,
        left_out=left_out if left_out.any() else None,
        groups=groups,
        seed=seed,
    )
    grid = Grid(list(range(len(axis))), axis, f"1 {frequency}", 7 if frequency == "day" else None)
    unit = "" if kpi["unit"] == "1" else str(kpi["unit"])
    return Asked(Question(series, kpi["direction"], "auto", is_count, grid, unit), [*gap, *judged])


def _number(value: float | None) -> float:
    return math.nan if value is None else value


def _row(series: Readings, axis: list[date], frequency: str, as_of: date) -> Floats:
    return np.array([_number(series.get(day) if is_over(day, frequency, as_of) else None) for day in axis])
