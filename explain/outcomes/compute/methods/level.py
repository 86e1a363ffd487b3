"""Method 4: the difference of the two means, with the AR(1) interval."""

from __future__ import annotations

import math

import numpy as np

from explain.outcomes.compute.ar1 import Estimate, Floats, estimate, t_quantile
from explain.outcomes.compute.methods.series import Found, Series


def level(series: Series) -> Found | None:
    """After against before; what the level was is what it would have been."""
    pre, post = series.pre, series.post
    if not np.isfinite(pre).any() or not np.isfinite(post).any():
        return None
    found = estimate(pre, post)
    ramp = np.full(series.start - series.go_live, found.mean_pre)
    return from_means(found, series, np.full(post.size, found.mean_pre), post, ramp)


def from_means(found: Estimate, series: Series, expected: Floats, post: Floats, ramp: Floats) -> Found:
    """The answer from a difference of means, given what was expected in each period after."""
    n_post = int(np.isfinite(post).sum())
    bounds = found.bounds(series.confidence)
    reach = math.nan
    if found.error is not None:
        # One period varies about its mean as the residuals do, on top of the doubt about the mean.
        spread = found.error**2 / (1 / found.eff_pre + 1 / found.eff_post)
        reach = t_quantile(0.5 + series.confidence / 2, found.freedom) * math.sqrt(spread * (1 + 1 / found.eff_pre))
    return Found(
        effect=found.delta,
        error=found.error,
        freedom=found.freedom,
        bounds=bounds,
        expected_mean=float(expected[np.isfinite(post)].mean()),
        expected=expected,
        expected_ramp=ramp,
        low=expected - reach,
        high=expected + reach,
        cumulative=found.delta * n_post,
        cumulative_bounds=None if bounds is None else (bounds[0] * n_post, bounds[1] * n_post),
        eff_pre=found.eff_pre,
        eff_post=found.eff_post,
        rho=found.rho,
        varies=found.varies,
    )
