"""Method 3: interrupted time series, y = b0 + b1 t + b2 S + b3 (t - T0) S + season, with the HAC matrix."""

from __future__ import annotations

import numpy as np

from explain.outcomes.compute.ar1 import Floats, effective_size, lag_one, t_quantile
from explain.outcomes.compute.methods.hac import fit
from explain.outcomes.compute.methods.series import Found, Series, part

ALIKE = 0.4  # residual correlation from which a HAC interval covers markedly less than it says
LONG_SEASON, WAVES = 12, 3  # above the first, waves stand for the season instead of one step a period


def its(series: Series) -> Found | None:
    """The trend of before carried on, against what came. b2 is the change at go-live, b3 that of the slope."""
    size, start = series.y.size, series.start
    if not 0 < series.go_live <= start < size:
        return None
    unit = float(size)  # time in lengths of the series keeps the columns of like size
    time = (np.arange(size) - series.go_live) / unit
    after = np.arange(size) >= start
    design = np.column_stack([np.ones(size), time, after, time * after, *seasons(size, series.season)])
    y = series.y.copy()
    y[series.go_live : start] = np.nan
    found = fit(design, y, series.season)
    if found is None:
        return None
    post = np.isfinite(series.post)
    horizon = float(time[start:][post].mean())
    pick = np.zeros(design.shape[1])
    pick[2], pick[3] = 1.0, horizon
    mean = part(float(pick @ found.beta), float(pick @ found.covariance @ pick), found.freedom, series.confidence)
    expected_design = design[series.go_live :].copy()
    expected_design[:, 2:4] = 0.0
    ramp = start - series.go_live
    both = expected_design @ found.beta
    expected, expected_design = both[ramp:], expected_design[ramp:]
    doubt = np.einsum("ij,jk,ik->i", expected_design, found.covariance, expected_design)
    reach = t_quantile(0.5 + series.confidence / 2, found.freedom) * np.sqrt(np.maximum(doubt, 0) + found.variance)
    n_pre, n_post = int(np.isfinite(series.pre).sum()), int(post.sum())
    rho = lag_one([found.residuals[: series.go_live], found.residuals[start:]], n_pre + n_post) if found.varies else 0.0
    step = part(float(found.beta[2]), float(found.covariance[2, 2]), found.freedom, series.confidence)
    slope = part(float(found.beta[3]) / unit, float(found.covariance[3, 3]) / unit**2, found.freedom, series.confidence)
    return Found(
        effect=mean.value,
        error=mean.error if found.varies else 0.0,
        freedom=float(found.freedom),
        bounds=(mean.low, mean.high),
        expected_mean=float(expected[post].mean()),
        expected=expected,
        expected_ramp=both[:ramp],
        low=expected - reach,
        high=expected + reach,
        cumulative=mean.value * n_post,
        cumulative_bounds=(mean.low * n_post, mean.high * n_post),
        eff_pre=effective_size(n_pre, rho),
        eff_post=effective_size(n_post, rho),
        rho=rho,
        varies=found.varies,
        level_change=step,
        slope_change=slope,
        remark=f"Neighbouring residuals resemble each other (rho {rho:.2f}): the interval is rather too narrow."
        if rho > ALIKE
        else "",
    )


def seasons(size: int, season: int | None) -> list[Floats]:
    """Columns of the season: a step for each of its periods but the first, or waves when it is long."""
    if not season:
        return []
    if season > LONG_SEASON:
        return waves(size, season, WAVES)
    place = np.arange(size) % season
    return [(place == k).astype(np.float64) for k in range(1, season)]


def waves(size: int, season: int, pairs: int) -> list[Floats]:
    """Sine and cosine of the season and its parts."""
    angle = 2 * np.pi * np.arange(size) / season
    return [shape(k * angle) for k in range(1, pairs + 1) for shape in (np.sin, np.cos)]
