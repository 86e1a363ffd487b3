"""Method 1: a lot decided which units got the change; the difference of the two groups' means, by Welch (1947).

Each unit (a ward, a team, a site) is one observation: its mean after go-live, less theta times how far its mean before
go-live lies from that of all units, theta = cov(y, x) / var(x) pooled within the groups (CUPED: Deng, Xu, Kohavi and
Walker 2013). Periods of one unit may resemble each other as they like: only units have to be independent. Theta costs
one degree of freedom: the variance is wider by (n - 2)/(n - 3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from explain.outcomes.compute.ar1 import NEGLIGIBLE, Floats, lag_one, largest, t_quantile
from explain.outcomes.compute.methods.series import Found, Groups, Series

LEAST_UNITS = 4  # of each group; fewer say next to nothing about how units differ


@dataclass(frozen=True, slots=True)
class Welch:
    """Difference of two means with its standard error and the degrees of freedom of Welch and Satterthwaite."""

    difference: float
    error: float
    freedom: float


def randomised(series: Series) -> Found | None:
    """The groups' difference, in the KPI's unit; None where a group has too few units with figures after go-live.

    The counterfactual of a period is the mean of the units that wait, on the KPI's own level. Where none waits any
    more the effect is taken to go on.
    """
    groups = series.groups
    if groups is None or not enough_units(groups, series.start):
        return None
    found = _compared(groups, series)
    post, held = series.post, _mean_of_units(groups.held)
    both = np.isfinite(post) & np.isfinite(held[series.start :])
    if not both.any():
        return None
    away = series.y - held
    shift = float(away[series.start :][both].mean()) - found.difference
    expected = np.where(np.isfinite(held), held + shift, series.y - found.difference)[series.go_live :]
    ramp, expected = expected[: series.start - series.go_live], expected[series.start - series.go_live :]
    known = np.isfinite(post) & np.isfinite(expected)
    before = away[: series.go_live][np.isfinite(away[: series.go_live])]
    spread = float(before.var(ddof=1)) if before.size > 1 else 0.0
    quantile = t_quantile(0.5 + series.confidence / 2, found.freedom)
    reach = quantile * math.sqrt(found.error**2 + spread)
    bounds = (found.difference - quantile * found.error, found.difference + quantile * found.error)
    n_post = int(known.sum())
    left = [_centred(away[: series.go_live]), _centred(away[series.start :])]
    scale = max(largest(groups.treated), largest(groups.held))
    return Found(
        effect=found.difference,
        error=found.error,
        freedom=found.freedom,
        bounds=bounds,
        expected_mean=float(expected[known].mean()),
        expected=expected,
        expected_ramp=ramp,
        low=expected - reach,
        high=expected + reach,
        cumulative=found.difference * n_post,
        cumulative_bounds=(bounds[0] * n_post, bounds[1] * n_post),
        eff_pre=float(np.isfinite(series.pre).sum()),  # the units are what has to be independent, and they are
        eff_post=float(np.isfinite(post).sum()),
        rho=lag_one(left, int(np.isfinite(away).sum())),
        varies=found.error > NEGLIGIBLE * scale,
    )


def enough_units(groups: Groups, start: int) -> bool:
    """Whether each group has enough units with a figure after go-live."""
    return all(
        int(np.isfinite(units[:, start:]).any(axis=1).sum()) >= LEAST_UNITS for units in (groups.treated, groups.held)
    )


def welch(first: Floats, second: Floats, spent: int = 0) -> Welch:
    """Mean of `first` less mean of `second`, each with two values or more; `spent`: coefficients fitted before."""
    shares = [float(side.var(ddof=1)) / side.size for side in (first, second)]
    n = first.size + second.size
    factor = (n - 2) / (n - 2 - spent) if spent else 1.0
    total = sum(shares)
    freedom = float(n - 2)
    if total > 0:
        freedom = total**2 / sum(
            share**2 / (side.size - 1) for share, side in zip(shares, (first, second), strict=True)
        )
    return Welch(float(first.mean() - second.mean()), math.sqrt(total * factor), max(1.0, freedom - spent))


def theta_of(groups: list[tuple[Floats, Floats]]) -> float | None:
    """cov(y, x) / var(x) of (y, x) pairs, pooled within the groups; None where x never varies."""
    products = squares = size = 0.0
    for y, x in groups:
        left = x - x.mean()
        products += float(left @ (y - y.mean()))
        squares += float(left @ left)
        size = max(size, largest(x))
    return products / squares if squares > (NEGLIGIBLE * size) ** 2 else None


def _compared(groups: Groups, series: Series) -> Welch:
    """Welch's difference of the units' means after go-live, adjusted by their means before where all have one."""
    counts = np.ones(series.y.size, dtype=bool) if series.left_out is None else ~series.left_out
    sides = []
    for units in (groups.treated, groups.held):
        kept = np.where(counts, units, np.nan)
        after = _means(kept[:, series.start :])
        before = _means(kept[:, : series.go_live])
        there = np.isfinite(after)
        sides.append((after[there], before[there]))
    if all(np.isfinite(before).all() for _, before in sides):
        theta = theta_of(sides)
        if theta is not None:
            centre = float(np.concatenate([before for _, before in sides]).mean())
            treated, held = (after - theta * (before - centre) for after, before in sides)
            return welch(treated, held, spent=1)
    return welch(sides[0][0], sides[1][0])


def _means(units: Floats) -> Floats:
    """Mean of each row's known values, NaN where none is."""
    known = np.isfinite(units)
    count = known.sum(axis=1)
    total = np.where(known, units, 0.0).sum(axis=1)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _mean_of_units(units: Floats) -> Floats:
    """Mean over the units in each period, NaN where one is missing: another mix of units is another level."""
    return np.asarray(units.mean(axis=0))


def _centred(window: Floats) -> Floats:
    """Residuals from the mean, 0 where missing."""
    known = np.isfinite(window)
    return np.where(known, window - window[known].mean(), 0.0) if known.any() else np.zeros(window.size)
