"""Least squares with a variance that holds when neighbouring periods resemble each other (Newey and West 1987).

Bartlett weights up to lag L = max(floor(4 (n/100)^(2/9)), the season where it is at most n/10), and the small-sample
factor n/(n - k). Missing periods keep their place: products across a gap are zero, not those of wrong neighbours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from explain.outcomes.compute.ar1 import Floats

EXACT = 1e-10  # of the largest value: residuals below it are the arithmetic's


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients, their covariance, residuals by period (0 where missing), residual variance, degrees of freedom."""

    beta: Floats
    covariance: Floats
    residuals: Floats
    variance: float
    freedom: int
    lags: int
    varies: bool


def fit(design: Floats, y: Floats, season: int | None) -> Fit | None:
    """Regress the known values of y on the design; None when the values do not determine the coefficients."""
    known = np.isfinite(y)
    n, k = int(known.sum()), design.shape[1]
    if n <= k:
        return None
    x, values = design[known], y[known]
    bread = inverse_of_squares(x)
    if bread is None:
        return None
    beta, *_ = np.linalg.lstsq(x, values, rcond=None)
    residuals = np.zeros(y.size)
    residuals[known] = values - x @ beta
    lags = lags_for(n, season)
    scores = design * residuals[:, None]
    squares = float(residuals @ residuals)
    varies = squares > n * (EXACT * float(np.abs(values).max())) ** 2
    covariance = np.asarray(bread @ long_run(scores, lags) @ bread * (n / (n - k)))
    return Fit(np.asarray(beta), covariance, residuals, squares / (n - k), n - k, lags, varies)


def lags_for(n: int, season: int | None) -> int:
    """How many lags count."""
    plain = math.floor(4 * math.pow(n / 100, 2 / 9))
    return max(plain, season) if season and season <= n / 10 else plain


def long_run(scores: Floats, lags: int) -> Floats:
    """Bartlett-weighted sum of the scores' products up to the lag; rows of missing periods are zero."""
    total = scores.T @ scores
    for lag in range(1, min(lags, len(scores) - 1) + 1):
        products = scores[lag:].T @ scores[:-lag]
        total = total + (1 - lag / (lags + 1)) * (products + products.T)
    return np.asarray(total)


def inverse_of_squares(x: Floats) -> Floats | None:
    """(X'X)^-1, None when a column is a mixture of the others."""
    upper = np.linalg.qr(x, mode="r")
    sizes = np.abs(np.diag(upper))
    if sizes.min() <= 1e-10 * sizes.max():
        return None
    inverse = np.linalg.inv(upper)
    return np.asarray(inverse @ inverse.T)


def trend(y: Floats) -> float:
    """HAC t of the slope over time; 0 when it cannot be told."""
    time = np.linspace(-1.0, 1.0, y.size)
    found = fit(np.column_stack([np.ones(y.size), time]), y, None) if y.size else None
    if found is None:
        return 0.0
    if not found.varies:
        return (
            math.copysign(math.inf, found.beta[1]) if abs(found.beta[1]) > EXACT * float(np.nanmax(np.abs(y))) else 0.0
        )
    return float(found.beta[1] / np.sqrt(found.covariance[1, 1]))
