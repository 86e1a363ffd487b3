"""Several changes of one series at different times: one interrupted time series with one step for each of them.

y(t) = b0 + b1 t + season + sum over j of s_j S_j(t). S_j is 1 from the first period that counts of change j until it is
taken away, 0 otherwise; s_j is its step, in units of y. Trend and season are in the model where the baseline shows or
declares them, the same condition as for the method `its`. Intervals by the HAC matrix (Newey and West 1987) with
Student's t, as there. Periods of a ramp count on neither side, for none of the changes.

What a step holds: a lasting change of level. That two changes do not help or hinder each other, and that nothing else
happened at the same time, is assumed; no figure can show it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explain.outcomes.compute.ar1 import Floats, effective_size, lag_one, t_quantile
from explain.outcomes.compute.methods.hac import fit, trend
from explain.outcomes.compute.methods.its import ALIKE, seasons
from explain.outcomes.compute.methods.series import Part, part


@dataclass(frozen=True, slots=True)
class Stretch:
    """When one change was at work, as places of the series: the ramp from `live` to `start`, then up to before `end`."""

    live: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """One step for each stretch, in its order. `effective`: independent periods that each segment between two changes is
    worth, in order of time; `base`: what each period would have been without any of them; `without`: the same without
    one of them alone, with the reach of the band in which a single period would have lain; `placebo`: a step pretended in
    the middle of the baseline, None where it is too short."""

    parts: list[Part]
    base: Floats
    without: list[tuple[Floats, Floats]]
    freedom: float
    rho: float
    varies: bool
    effective: list[float]
    has_trend: bool
    placebo: Part | None

    @property
    def moved_before(self) -> bool:
        """Whether the baseline shows a step of its own, which speaks against the model."""
        return self.placebo is not None and (self.placebo.low > 0 or self.placebo.high < 0)

    @property
    def is_alike(self) -> bool:
        """Whether neighbouring residuals resemble each other so much that the intervals are rather too narrow."""
        return self.rho > ALIKE


def known_by_segment(y: Floats, stretches: Sequence[Stretch]) -> list[int]:
    """How many known periods that count lie between two changes, in order of time; the baseline first."""
    known = np.isfinite(without_ramps(y, stretches))
    return [int(known[first:last].sum()) for first, last in _segments(y.size, stretches)]


def joint_steps(
    y: Floats, stretches: Sequence[Stretch], *, season: int | None = None, confidence: float = 0.95
) -> Steps | None:
    """The steps of all stretches in one regression on y (NaN = missing); None where the values cannot tell them apart.

    Raises ValueError for a stretch that does not lie in the series in order, or without a baseline before the first.
    """
    size = y.size
    if not stretches or any(not 0 < one.live <= one.start < one.end <= size for one in stretches):
        raise ValueError("Each change lies within the series, after a baseline.")
    first = min(one.live for one in stretches)
    values = without_ramps(y, stretches)
    has_trend = season is not None or trend(values[:first]).shows
    place = np.arange(size)
    base = [np.ones(size)]
    if has_trend:
        base.append((place - first) / float(size))  # in lengths of the series, so that columns are of like size
    base += seasons(size, season)
    own = [((place >= one.start) & (place < one.end)).astype(np.float64) for one in stretches]
    design = np.column_stack([*base, *own])
    found = fit(design, values, season)
    if found is None:
        return None
    freedom = float(found.freedom)
    quantile = t_quantile(0.5 + confidence / 2, freedom)
    without = []
    for k in range(len(base), len(base) + len(own)):
        left = design.copy()
        left[:, k] = 0.0
        doubt = np.einsum("ij,jk,ik->i", left, found.covariance, left)
        without.append((np.asarray(left @ found.beta), quantile * np.sqrt(np.maximum(doubt, 0) + found.variance)))
    parts = [
        part(float(found.beta[k]), float(found.covariance[k, k]) if found.varies else 0.0, freedom, confidence)
        for k in range(len(base), len(base) + len(own))
    ]
    segments = _segments(size, stretches)
    counts = known_by_segment(y, stretches)
    rho = lag_one([found.residuals[a:b] for a, b in segments], sum(counts)) if found.varies else 0.0
    return Steps(
        parts=parts,
        base=np.asarray(design[:, : len(base)] @ found.beta[: len(base)]),
        without=without,
        freedom=freedom,
        rho=rho,
        varies=found.varies,
        effective=[effective_size(count, rho) for count in counts],
        has_trend=has_trend,
        placebo=_placebo([column[:first] for column in base], values[:first], season, confidence),
    )


def without_ramps(y: Floats, stretches: Sequence[Stretch]) -> Floats:
    """The series with the ramps of all changes missing."""
    values = y.copy()
    for one in stretches:
        values[one.live : one.start] = np.nan
    return values


def _segments(size: int, stretches: Sequence[Stretch]) -> list[tuple[int, int]]:
    """From each beginning or end of a change to the next one."""
    marks = sorted({0, size, *(one.start for one in stretches), *(one.end for one in stretches)})
    return list(itertools.pairwise(marks))


def _placebo(base: list[Floats], y: Floats, season: int | None, confidence: float) -> Part | None:
    """The step of a change pretended in the middle of the baseline, where nothing happened."""
    step = (np.arange(y.size) >= y.size // 2).astype(np.float64)
    found = fit(np.column_stack([*base, step]), y, season)
    if found is None or not found.varies:
        return None
    return part(float(found.beta[-1]), float(found.covariance[-1, -1]), float(found.freedom), confidence)
