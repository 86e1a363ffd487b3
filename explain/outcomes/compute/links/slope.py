"""Means of the KPI under each version, and the weighted slope through them; the formulas stand with the package."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explain.outcomes.compute.ar1 import NEGLIGIBLE, Floats, effective_size, lag_one, largest, mean_of, t_quantile
from explain.outcomes.compute.effect import LEAST_EFFECTIVE_TOGETHER
from explain.outcomes.compute.links.told import Finding, Held, Use


@dataclass(frozen=True)
class Levels:
    """Means of windows, with what is known of their scatter together; scaled."""

    means: list[float]
    effective: list[float]
    variance: float
    freedom: float
    varies: bool


def levels_of(windows: Sequence[Floats]) -> Levels:
    """Means, sizes and common scatter of windows; AR(1), rho from the residuals inside them."""
    means = [mean_of(window) for window in windows]
    residuals = [np.where(np.isfinite(window), window - mean, 0.0) for window, mean in zip(windows, means, strict=True)]
    counts = [int(np.isfinite(window).sum()) for window in windows]
    n, squares = sum(counts), sum(float(left @ left) for left in residuals)
    scale = max((largest(window) for window in windows), default=0.0)
    varies = squares > n * (NEGLIGIBLE * scale) ** 2
    rho = lag_one(residuals, n) if varies else 0.0
    effective = [effective_size(count, rho) for count in counts]
    spent = sum(count / e for count, e in zip(counts, effective, strict=True) if e > 0)
    variance = squares / max(1.0, n - spent) if varies else 0.0
    return Levels(means, effective, variance, sum(effective) - len(counts), varies)


def slope_finding(
    levels: Levels,
    judged: list[int],
    metrics: list[float],
    point: float,
    expected: float,
    exponent: int,
    confidence: float,
    uses: tuple[Use, ...],
) -> Finding:
    """The slope through the levels at `judged`, per `point` of the metric, with its interval and what that says of
    `expected`. `exponent`: the windows were divided by two to its power.
    """
    e = np.array([levels.effective[k] for k in judged])
    y = np.array([levels.means[k] for k in judged])
    x, spread = _centred(np.array(metrics), e)
    level = float((e @ y) / e.sum())
    weight = float(e @ x**2)
    slope = float(e @ (x * (y - level))) / weight
    variance, freedom = levels.variance, levels.freedom
    if len(judged) > 2:
        scatter = float(e @ (y - level - slope * x) ** 2) / (len(judged) - 2)
        if scatter > variance * _f_quantile(0.95, len(judged) - 2, freedom):
            variance, freedom = scatter, float(len(judged) - 2)
    error = math.sqrt(variance / weight)
    reach = t_quantile(0.5 + confidence / 2, freedom) * error if error > 0 else 0.0
    per_point = point / spread  # x is in shares of its spread
    numbers = [unscaled(value * per_point, exponent) for value in (slope, slope - reach, slope + reach, error)]
    observed, low, high, standard_error = numbers
    if observed is None or low is None or high is None:
        return Finding("unknown", "not_enough_data", ("number_out_of_range",), None, None, None, None, uses)
    ends = sorted(math.copysign(1.0, expected) * bound for bound in (slope - reach, slope + reach))
    held: Held = "held" if ends[0] > 0 else "against" if ends[1] < 0 else "not_shown"
    notes = ["little_information"] if float(e.sum()) < LEAST_EFFECTIVE_TOGETHER else []
    if not levels.varies:
        notes.append("no_variation")
    return Finding(
        held, "indicative" if notes else "measured", tuple(notes), observed, (low, high), standard_error, freedom, uses
    )


def _f_quantile(probability: float, above: float, below: float) -> float:
    """Quantile of F with so many degrees of freedom above and below the stroke."""
    from scipy.special import fdtri

    return float(fdtri(above, below, probability))


def _centred(metrics: Floats, weights: Floats) -> tuple[Floats, float]:
    """Metrics less their weighted mean, as shares of their spread (largest less smallest), and the spread."""
    spread = float(metrics.max() - metrics.min())
    shares = (metrics - metrics.min()) / spread
    return shares - float((weights @ shares) / weights.sum()), spread


def unscaled(value: float, exponent: int) -> float | None:
    """Back to the KPI's unit; None when no float can hold it."""
    try:
        found = math.ldexp(value, exponent) + 0.0 if math.isfinite(value) else None
    except OverflowError:
        return None
    return found
