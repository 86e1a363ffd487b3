"""The periods on which the steps are measured, and what speaks against measuring them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np

from explain.outcomes.compute.ar1 import Floats, largest
from explain.outcomes.compute.effect import LEAST_DAYS_AFTER, LEAST_PERIODS
from explain.outcomes.compute.methods.staggered import Stretch, known_by_segment
from explain.outcomes.compute.report.asking import Excluded
from explain.outcomes.compute.report.windows import laid_out, last_over, readings
from explain.outcomes.compute.told import unscaled
from lifecycle.kpis.periods import aligned


class Axis:
    """The frozen baseline and all periods since the first go-live, in a row; what lies between counts on neither side."""

    def __init__(self, kpi: dict[str, Any], as_of: date) -> None:
        baseline, self.frequency = kpi["baseline"], str(kpi["frequency"])
        self.days: list[date] = []
        self.y: Floats = np.empty(0)
        self.exponent = 0
        self.baseline_ends = date.fromisoformat(baseline["ends_on"]) if baseline else None
        if baseline is None:
            return
        known = readings(baseline["values"]) | readings(kpi["series"])
        first, last = date.fromisoformat(baseline["starts_on"]), last_over(self.frequency, as_of)
        laid = laid_out(known, self.frequency, first, last)
        excluded = [Excluded.read(row) for row in kpi.get("exclusions", [])]
        self.days = [day for day, _ in laid]
        self.y = np.array(
            [math.nan if v is None or any(e.holds(day) for e in excluded) else v for day, v in laid], dtype=np.float64
        )
        self.exponent = math.frexp(largest(self.y))[1]

    @property
    def scaled(self) -> Floats:
        """About 1 at the most, so that squares neither overflow nor vanish."""
        return np.asarray(np.ldexp(self.y, -self.exponent))

    def unscaled(self, value: float) -> float | None:
        """Back to the KPI's unit; None for what no float can hold."""
        return unscaled(value, self.exponent)

    def place(self, day: str) -> int:
        """Of the first period that begins on the day or later."""
        return sum(one < date.fromisoformat(day) for one in self.days)

    def obstacle(self, kpi: dict[str, Any], live: Sequence[dict[str, Any]]) -> str | None:
        """A sentence that allows no steps, before anything is laid out."""
        if self.baseline_ends is None:
            return "The KPI has no frozen baseline."
        if kpi.get("counts"):
            return "The KPI is a count, which is judged by a ratio of rates; steps of a ratio do not add up."
        if not live:
            return "None of the projects is live yet."
        if any(row["live_on"] <= self.baseline_ends.isoformat() for row in live):
            return "A project went live before the baseline ended."
        return None

    def stretch(self, row: dict[str, Any]) -> Stretch:
        """Where a project worked. A period in the midst of which it came or went counts on neither side."""
        end = len(self.days)
        if row["until"]:
            end = self._place_of(row["until"])
            self.y[end : self.place(row["until"])] = np.nan
        return Stretch(self._place_of(row["live_on"]), self.place(row["from"]), end)

    def _place_of(self, day: str) -> int:
        """Of the period that holds the day."""
        return self.place(aligned(date.fromisoformat(day), self.frequency).isoformat())

    def shortfall(
        self, kpi: dict[str, Any], live: Sequence[dict[str, Any]], stretches: Sequence[Stretch]
    ) -> str | None:
        """A sentence that allows no steps, from what lies between the go-lives."""
        assert self.baseline_ends is not None
        size = len(self.days)
        late = [row["name"] for row, one in zip(live, stretches, strict=True) if one.start >= min(size, one.end)]
        if late:
            return f"No period since the go-live of {late[0]} is over."
        starts = [(one.start, row["name"]) for one, row in zip(stretches, live, strict=True)]
        for k, (start, name) in enumerate(starts):
            for other, second in starts[k + 1 :]:
                if start == other:
                    return f"{name} and {second} went live in the same period, so their steps cannot be told apart."
        first = min(one.live for one in stretches)
        before = self.place(self.baseline_ends.isoformat()) + (self.baseline_ends in self.days)
        self.y[before:first] = np.nan
        counts = known_by_segment(self.y, stretches)
        if kpi.get("season") and before < int(kpi["season"]):
            return "The baseline holds less than one season."
        least = max(LEAST_PERIODS, LEAST_DAYS_AFTER) if self.frequency == "day" else LEAST_PERIODS
        if counts[0] < LEAST_PERIODS or min(counts[1:]) < least:
            return (
                f"Too few readings lie between two go-lives, or before the first or after the last: at least {least} are "
                f"needed, and the fewest are {min(counts)}."
            )
        return None
