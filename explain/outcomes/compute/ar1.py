"""Difference of two segment means when neighbouring periods resemble each other.

The interval replaces the number of periods by the effective number of independent ones of an AR(1) series
(Bayley and Hammersley 1946), with the within-segment lag-1 correlation corrected for its small-sample bias
(Kendall 1954: E[r] = rho - (1 + 4 rho)/n) and a t quantile.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NEGLIGIBLE = 1e-12  # of the largest value: below it a difference is the arithmetic's, not the KPI's


@dataclass(frozen=True, slots=True)
class Estimate:
    """Difference of two segment means, in scaled units."""

    delta: float
    error: float | None
    freedom: float
    mean_pre: float
    mean_post: float
    eff_pre: float
    eff_post: float
    rho: float
    varies: bool

    def bounds(self, confidence: float) -> tuple[float, float] | None:
        """Confidence interval of the difference; None when there is no information left."""
        if self.error is None:
            return None
        reach = t_quantile(0.5 + confidence / 2, self.freedom) * self.error if self.error > 0 else 0.0
        return (self.delta - reach, self.delta + reach) if math.isfinite(reach) else None


def effective_size(m: int, rho: float) -> float:
    """Number of independent periods worth m periods of an AR(1) series with correlation rho in [0, 1)."""
    if m <= 1 or rho <= 0:
        return float(m)
    away = 1 - rho
    return float(m / (1 + 2 * (rho / away - rho * (1 - rho**m) / (m * away**2))))


def t_quantile(probability: float, freedom: float) -> float:
    """Quantile of Student's t; freedom may be fractional."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, probability))


def estimate(pre: Floats, post: Floats) -> Estimate:
    """Residuals from segment means, lag-1 correlation inside segments only, effective sizes."""
    n_pre, n_post = int(np.isfinite(pre).sum()), int(np.isfinite(post).sum())
    n = n_pre + n_post
    mean_pre, mean_post = mean_of(pre), mean_of(post)
    squares = products = 0.0
    for window, mean in ((pre, mean_pre), (post, mean_post)):
        left = np.where(np.isfinite(window), window - mean, 0.0)  # a gap adds nothing to either sum
        squares += float(left @ left)
        products += float(left[1:] @ left[:-1])
    scale = max(largest(pre), largest(post))
    delta = mean_post - mean_pre
    if abs(delta) <= NEGLIGIBLE * scale:
        delta = 0.0
    varies = squares > n * (NEGLIGIBLE * scale) ** 2
    if not varies:
        return Estimate(delta, 0.0, max(1.0, n - 2.0), mean_pre, mean_post, float(n_pre), float(n_post), 0.0, False)
    rho = corrected(products / squares, n)
    eff_pre, eff_post = effective_size(n_pre, rho), effective_size(n_post, rho)
    variance = squares / max(1.0, n - n_pre / eff_pre - n_post / eff_post)
    freedom = eff_pre + eff_post - 2
    error = math.sqrt(variance / eff_pre + variance / eff_post) if freedom > 0 else None
    return Estimate(delta, error, freedom, mean_pre, mean_post, eff_pre, eff_post, rho, True)


def corrected(raw: float, n: int) -> float:
    """Lag-1 correlation of n residuals freed of its small-sample bias, held within 0 and 0.99."""
    return min(max(raw + (1 + 4 * raw) / n, 0.0), 0.99)


def lag_one(segments: Sequence[Floats], n: int) -> float:
    """Corrected lag-1 correlation of residuals inside their segments; missing ones are zero, n of them are known."""
    squares = sum(float(left @ left) for left in segments)
    products = sum(float(left[1:] @ left[:-1]) for left in segments)
    return corrected(products / squares, n) if squares > 0 else 0.0


def largest(window: Floats) -> float:
    """Largest absolute value that is known, 0 if none is."""
    known = window[np.isfinite(window)]
    return float(np.abs(known).max()) if known.size else 0.0


def mean_of(window: Floats) -> float:
    """Mean of the known values, NaN if none is."""
    known = window[np.isfinite(window)]
    if not known.size:
        return math.nan
    # A constant is its own mean; summing would leave a rounding residue that looks like noise.
    return float(known[0]) if (known == known[0]).all() else float(known.mean())
