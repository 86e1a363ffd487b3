"""Method 2: difference in differences against a control that was not changed (several are taken as their mean)."""

from __future__ import annotations

import numpy as np

from explain.outcomes.compute.ar1 import effective_size, estimate, lag_one
from explain.outcomes.compute.effect import LEAST_EFFECTIVE
from explain.outcomes.compute.methods.hac import SHOWS, fit, trend
from explain.outcomes.compute.methods.level import from_means
from explain.outcomes.compute.methods.series import Found, Series

LEAST_PAIRS = 8
PERIODS_A_CONTROL = 10  # baseline periods for each control that counts on its own


def did(series: Series) -> Found | None:
    """(y1 - y0) - (x1 - x0), with the AR(1) interval on the difference of the two series."""
    away = series.y - series.control
    pre, post = away[: series.go_live], away[series.start :]
    if not np.isfinite(pre).any() or not np.isfinite(post).any():
        return None
    found = estimate(pre, post)
    expected = series.control[series.go_live :] + found.mean_pre
    ramp = series.start - series.go_live
    return from_means(found, series, expected[ramp:], post, expected[:ramp])


def correlation(series: Series) -> float | None:
    """Of KPI and control before go-live; with several controls, of the KPI and what they foretell together (adjusted
    for their number). None when there are too few pairs or one of the two never varies."""
    rows = (
        series.controls[:, : series.go_live] if not merges_controls(series) else series.control[None, : series.go_live]
    )
    both = np.isfinite(series.pre) & np.isfinite(rows).all(axis=0)
    n, many = int(both.sum()), len(rows)
    if n < LEAST_PAIRS or n - many < 2:
        return None
    y, x = series.pre[both], rows[:, both].T
    y, x = y - y.mean(), x - x.mean(axis=0)
    total = float(y @ y)
    sizes = np.sqrt((x * x).sum(axis=0))
    if not total > 0 or not (sizes > 0).any():
        return None
    if many == 1:
        return float(np.clip(y @ x[:, 0] / (np.sqrt(total) * sizes[0]), -1, 1))
    beta, *_ = np.linalg.lstsq(x[:, sizes > 0] / sizes[sizes > 0], y, rcond=None)
    left = y - x[:, sizes > 0] / sizes[sizes > 0] @ beta
    explained = 1 - float(left @ left) / total * (n - 1) / (n - many - 1)
    return float(np.sqrt(np.clip(explained, 0, 1)))


def in_step(series: Series) -> bool:
    """Whether the control may be subtracted as it stands: before go-live the KPI moves with it one to one, and the
    difference between the two neither drifts nor wanders."""
    end = series.go_live
    y, x = series.pre, series.control[:end]
    away = y - x
    both = np.isfinite(away)
    n = int(both.sum())
    if n < LEAST_PAIRS or not away[both].std() < y[both].std():
        return False
    slope = fit(np.column_stack([np.ones(end), np.where(both, x, 0.0)]), np.where(both, y, np.nan), None)
    if slope is None:
        return False
    error = float(np.sqrt(slope.covariance[1, 1]))
    if slope.varies and abs(float(slope.beta[1]) - 1) > SHOWS * error:
        return False
    left = np.where(both, away - away[both].mean(), 0.0)
    steady = effective_size(n, lag_one([left], n)) >= LEAST_EFFECTIVE
    return steady and not trend(away).shows


def merges_controls(series: Series) -> bool:
    """Whether there are more controls than so short a baseline can weigh one by one."""
    return len(series.controls) > max(1, series.go_live // PERIODS_A_CONTROL)
