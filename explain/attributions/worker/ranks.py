"""Rank statistics in numpy alone."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def average_ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)


def spearman(first: Floats, second: Floats) -> float | None:
    """Spearman's rank correlation with ties (Pearson of average ranks); None when one side does not vary."""
    both = ~(np.isnan(first) | np.isnan(second))
    if both.sum() < 3:
        return None
    a, b = average_ranks(first[both]), average_ranks(second[both])
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale else None
