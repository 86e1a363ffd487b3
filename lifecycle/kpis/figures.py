"""Small statistics of a series, for the baseline and the run chart. Plain Python: pages need no numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean

# 3 / d2 with d2 = 1.128 for ranges of two (Shewhart 1931; Wheeler and Chambers 1992, chart of individuals).
LIMIT_FACTOR = 2.66
# Larger readings could overflow when they are squared and summed.
LARGEST = 1e15


def mean_moving_range(values: Sequence[float]) -> float | None:
    """Mean of |x_t - x_(t-1)| over neighbours, in the KPI's unit; None for fewer than two values."""
    if len(values) < 2:
        return None
    return fmean(abs(later - earlier) for earlier, later in pairwise(values))


@dataclass(frozen=True)
class Limits:
    """Natural limits of an XmR chart: mean -/+ 2.66 mean moving range."""

    low: float
    high: float


def limits(mean: float, moving_range: float | None) -> Limits | None:
    """Limits from a frozen baseline; None without a moving range."""
    if moving_range is None:
        return None
    return Limits(mean - LIMIT_FACTOR * moving_range, mean + LIMIT_FACTOR * moving_range)


def is_reading(value: float) -> bool:
    """Whether a number may be stored: finite, and small enough to be squared and summed."""
    return math.isfinite(value) and abs(value) <= LARGEST


def progress(latest: float, baseline: float, target: float) -> float | None:
    """(latest - baseline) / (target - baseline); None when target and baseline are the same."""
    span = target - baseline
    if abs(span) < 1e-12 * max(1.0, abs(baseline), abs(target)):
        return None
    return (latest - baseline) / span
