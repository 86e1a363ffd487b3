"""95 % intervals in closed form, on plain numbers: pages use them too."""

from __future__ import annotations

import math
from typing import Final

from explain.attributions.performance.shapes import Estimate, Rate

Z: Final = 1.959963984540054  # 97.5 % point of the normal distribution


def short(value: float) -> float:
    """Six significant digits: more than a page shows, and small in a store."""
    return float(f"{value:.6g}")


def wilson(k: int, n: int) -> Rate:
    """Score interval of a proportion (Wilson 1927, J. Am. Stat. Assoc. 22, 209): the p for which the share found lies
    within Z standard errors. Holds for 0 and for n of n, too."""
    if n == 0:
        return Rate(k=0, n=0, value=None, low=None, high=None)
    low, high = _score(k, n)
    return Rate(k=k, n=n, value=short(k / n), low=short(low), high=short(high))


def _score(k: int, n: int) -> tuple[float, float]:
    share, square = k / n, Z * Z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z * math.sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    # where none or all are found, rounding must not move the end off 0 or 1
    return 0.0 if k == 0 else max(0.0, middle - half), 1.0 if k == n else min(1.0, middle + half)


def newcombe(one: Rate, other: Rate) -> Estimate:
    """Difference of two independent proportions, one minus other (Newcombe 1998, Stat. Med. 17, 873, method 10): the
    score intervals of both, put together."""
    if not one["n"] or not other["n"]:
        return Estimate(value=None, low=None, high=None)
    first, second = one["k"] / one["n"], other["k"] / other["n"]
    (low1, high1), (low2, high2) = _score(one["k"], one["n"]), _score(other["k"], other["n"])
    gap = first - second
    low = gap - math.hypot(first - low1, high2 - second)
    high = gap + math.hypot(high1 - first, second - low2)
    return Estimate(value=short(gap), low=short(max(-1.0, low)), high=short(min(1.0, high)))


def normal(value: float, error: float | None) -> Estimate:
    """The value and Z standard errors on either side; no interval without a standard error."""
    if error is None:
        return Estimate(value=short(value), low=None, high=None)
    return Estimate(value=short(value), low=short(value - Z * error), high=short(value + Z * error))


def area(value: float, variance: float, positives: int, negatives: int) -> tuple[Estimate, str]:
    """Interval of an area under the ROC curve, and its name.

    From DeLong's `variance` on the logit scale, which keeps it within 0 and 1 (DeLong, DeLong & Clarke-Pearson 1988,
    Biometrics 44, 837; Qin & Hotilovac 2008). Where classes are told apart without a fault that variance is 0 and says
    nothing: then the score-like interval of Newcombe (2006, Stat. Med. 25, 559, method 5).
    """
    if 0 < value < 1 and variance > 0:
        middle, half = math.log(value / (1 - value)), Z * math.sqrt(variance) / (value * (1 - value))
        low, high = (1 / (1 + math.exp(-min(700.0, max(-700.0, end)))) for end in (middle - half, middle + half))
        return Estimate(value=short(value), low=short(low), high=short(high)), "DeLong 1988"
    low = _end(value, 0.0, positives, negatives)
    high = _end(value, 1.0, positives, negatives)
    return Estimate(value=short(value), low=short(low), high=short(high)), "Newcombe 2006"


def _end(value: float, bound: float, positives: int, negatives: int) -> float:
    """Where |value - area| is Z standard errors of the area, between the value and the bound; found by halving."""
    near, far = value, bound
    for _ in range(60):
        middle = (near + far) / 2
        other = 1 - middle
        more = (positives + negatives) / 2 - 1
        spread = middle * other * (1 + more * (other / (1 + other) + middle / (1 + middle))) / (positives * negatives)
        if abs(value - middle) <= Z * math.sqrt(max(0.0, spread)):
            near = middle
        else:
            far = middle
    return near
