"""Simulated series whose true level and autocorrelation are known."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def ar1(random: np.random.Generator, count: int, length: int, rho: float) -> Floats:
    """`count` stationary AR(1) series of variance 1, one a row."""
    shocks = random.standard_normal((count, length))
    shocks[:, 1:] *= np.sqrt(1 - rho**2)
    for period in range(1, length):
        shocks[:, period] += rho * shocks[:, period - 1]
    return shocks
