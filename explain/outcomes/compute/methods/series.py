"""What every method is given and what it gives back. Figures are in scaled units of the KPI."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from explain.outcomes.compute.ar1 import Floats, t_quantile

Bounds = tuple[float, float]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Groups:
    """Units of which a lot decided who got the change: one row a unit and one column a period (NaN = missing)."""

    treated: Floats
    held: Floats

    def until(self, end: int) -> Groups:
        """The first periods alone."""
        return Groups(self.treated[:, :end], self.held[:, :end])


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One KPI by period (NaN = missing), with go-live, and the ramp after it that counts on neither side.

    `controls` has one row a control series; `exposure` belongs to counts; `left_out` marks periods that are excluded
    with a reason (they are NaN in `y`, and nobody expects them).
    """

    y: Floats
    go_live: int
    ramp: int = 0
    season: int | None = None
    confidence: float = 0.95
    controls: Floats
    exposure: Floats | None = None
    left_out: Flags | None = None
    groups: Groups | None = None
    seed: int = 0

    @property
    def start(self) -> int:
        """First period that counts as after."""
        return min(self.go_live + self.ramp, self.y.size)

    @property
    def pre(self) -> Floats:
        return self.y[: self.go_live]

    @property
    def post(self) -> Floats:
        return self.y[self.start :]

    @property
    def control(self) -> Floats:
        """Mean of the control series; unknown where one of them is."""
        return np.asarray(self.controls.mean(axis=0))

    def before_go_live(self, pretended: int) -> Series:
        """The baseline alone, as if go-live had been at the given period: what a placebo is computed from."""
        end = self.go_live
        return replace(
            self,
            y=self.y[:end],
            go_live=pretended,
            ramp=0,
            controls=self.controls[:, :end],
            exposure=None if self.exposure is None else self.exposure[:end],
            left_out=None if self.left_out is None else self.left_out[:end],
            groups=None if self.groups is None else self.groups.until(end),
        )


@dataclass(frozen=True, slots=True)
class Part:
    """A figure with its standard error and interval."""

    value: float
    error: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An estimate by one method. `expected`, `low`, `high`: what each period after would have been, with the band in
    which a single period would have lain; `expected_ramp`: the same for the periods of the ramp."""

    effect: float
    error: float | None
    freedom: float | None
    bounds: Bounds | None
    expected_mean: float
    expected: Floats
    expected_ramp: Floats
    low: Floats
    high: Floats
    cumulative: float
    cumulative_bounds: Bounds | None
    eff_pre: float
    eff_post: float
    rho: float
    varies: bool = True
    level_change: Part | None = None
    slope_change: Part | None = None
    rate_ratio: Part | None = None
    slope_ratio: Part | None = None
    remark: str = ""  # a sentence for the reason of the choice


def part(value: float, variance: float, freedom: float, confidence: float) -> Part:
    """A coefficient with its interval by Student's t."""
    error = float(np.sqrt(max(variance, 0.0)))
    reach = t_quantile(0.5 + confidence / 2, freedom) * error
    return Part(value, error, value - reach, value + reach)
