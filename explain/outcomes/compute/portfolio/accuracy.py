"""How much of what was promised came: realisation rates of closed cases, and what they say for new claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache

ENOUGH = 10  # closed cases, before which a rate says more about chance than about a team
CONFIDENCE = Fraction(95, 100)
ONE = Decimal(1)


def realisation_rate(promised: int, realised: int) -> Decimal | None:
    """Realised / promised net benefit, both in minor units of one currency; None where nothing above 0 was promised."""
    return Decimal(realised) / Decimal(promised) if promised > 0 else None


def median_of(rates: Sequence[Decimal]) -> Decimal:
    """The middle of the rates in order, or the mean of the two in the middle. Raises ValueError for none."""
    if not rates:
        raise ValueError("There is no median of nothing.")
    ordered, half = sorted(rates), len(rates) // 2
    return ordered[half] if len(rates) % 2 else (ordered[half - 1] + ordered[half]) / 2


@cache
def median_ranks(n: int, confidence: Fraction = CONFIDENCE) -> tuple[int, int] | None:
    """Ranks (r, n + 1 - r), counted from 1, of the order statistics between which the median lies; None if n is too few.

    No distribution is assumed: the number of cases below the median is binomial (n, 1/2), so the coverage is
    1 - 2 P(X <= r - 1). The largest r that still covers `confidence` (Thompson 1936; Conover 1999, sec. 3.2).
    """
    # In whole numbers: `ways` of n in which fewer than r lie below the median, of 2**n.
    term, ways, best = 1, 0, None
    for r in range(1, n // 2 + 1):
        ways += term
        if 2 * ways > (1 - confidence) * 2**n:
            break
        best = r
        term = term * (n - r + 1) // r
    return None if best is None else (best, n + 1 - best)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Of `cases` closed cases `rates` had a promise above zero. Median and interval are shares (0.8: four fifths came).

    `missing`: how many more are needed before the figures are shown. `discount`: the share to take off a new claim; a
    group that delivered more than it promised gets none, and no claim is ever raised.
    """

    cases: int
    rated: int
    missing: int
    median: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None

    @property
    def discount(self) -> Decimal | None:
        """1 - median, within 0 and 1; None before there are enough cases."""
        return None if self.median is None else min(ONE, max(Decimal(0), ONE - self.median))


def accuracy_of(rates: Sequence[Decimal | None]) -> Accuracy:
    """Figures of a group of closed cases; None for a case without a promise above zero."""
    known = sorted(rate for rate in rates if rate is not None)
    missing = max(0, ENOUGH - len(known))
    if missing:
        return Accuracy(len(rates), len(known), missing)
    ranks = median_ranks(len(known))
    low, high = (known[ranks[0] - 1], known[ranks[1] - 1]) if ranks else (None, None)
    return Accuracy(len(rates), len(known), 0, median_of(known), low, high)
