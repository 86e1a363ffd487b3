"""Method 2: difference in differences against a control that was not changed (several are taken as their mean)."""

from __future__ import annotations

import numpy as np

from explain.outcomes.compute.ar1 import estimate
from explain.outcomes.compute.methods.level import from_means
from explain.outcomes.compute.methods.series import Found, Series

LEAST_PAIRS = 8


def did(series: Series) -> Found | None:
    """(y1 - y0) - (x1 - x0), with the AR(1) interval on the difference of the two series."""
    away = series.y - series.control
    pre, post = away[: series.go_live], away[series.start :]
    if not np.isfinite(pre).any() or not np.isfinite(post).any():
        return None
    found = estimate(pre, post)
    return from_means(found, series, series.control[series.start :] + found.mean_pre, post)


def correlation(series: Series) -> float | None:
    """Of KPI and control before go-live; None when there are too few pairs or one of the two never varies."""
    y, x = series.pre, series.control[: series.go_live]
    both = np.isfinite(y) & np.isfinite(x)
    if both.sum() < LEAST_PAIRS:
        return None
    y, x = y[both] - y[both].mean(), x[both] - x[both].mean()
    sizes = float(np.sqrt((y @ y) * (x @ x)))
    return float(np.clip(y @ x / sizes, -1, 1)) if sizes > 0 else None


def steadier(series: Series) -> bool:
    """Whether the difference from the control varies less before go-live than the KPI itself: else the two do not
    move in step, whatever their correlation."""
    y = series.pre
    away = y - series.control[: series.go_live]
    both = np.isfinite(away)
    return bool(both.sum() >= LEAST_PAIRS and away[both].std() < y[both].std())
