"""How long something takes when some of it has not ended yet: the product-limit estimate of Kaplan and Meier (1958)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

HALF = Fraction(1, 2)
MOST = Fraction(85, 100)


@dataclass(frozen=True, slots=True)
class Span:
    """`count` cases that lasted `days` (whole days, not below 0); `ended` False: still going on when looked at."""

    days: int
    ended: bool
    count: int = 1


@dataclass(frozen=True, slots=True)
class Step:
    """Of those still going on, `at_risk` reached this day and `ended` ended on it; `share` go on after it."""

    days: int
    at_risk: int
    ended: int
    share: Fraction


def kaplan_meier(spans: Iterable[Span]) -> list[Step]:
    """The survival curve, one step for each day on which a case ended: S(t) = product of (1 - d_i / n_i), t_i <= t.

    d_i: cases that ended on day t_i; n_i: cases that lasted at least so long. A case that is still open on the day on
    which others ended counts among n_i (Kaplan and Meier 1958, section 2). Exact, in fractions. Raises ValueError for
    days below 0.
    """
    ended: dict[int, int] = {}
    there: dict[int, int] = {}
    for span in spans:
        if span.days < 0:
            raise ValueError("A span of time is not below 0 days.")
        there[span.days] = there.get(span.days, 0) + span.count
        if span.ended:
            ended[span.days] = ended.get(span.days, 0) + span.count
    at_risk, share, steps = sum(there.values()), Fraction(1), []
    for days in sorted(there):
        if days in ended:
            share *= 1 - Fraction(ended[days], at_risk)
            steps.append(Step(days, at_risk, ended[days], share))
        at_risk -= there[days]
    return steps


def days_until(steps: list[Step], ended_share: Fraction) -> int | None:
    """The first day by which at least that share has ended; None when so many have not ended yet.

    For complete data this is the lower sample quantile; 1/2 is the median of Brookmeyer and Crowley (1982).
    """
    return next((step.days for step in steps if step.share <= 1 - ended_share), None)


@dataclass(frozen=True, slots=True)
class Lasting:
    """Median and 85th percentile in days (None: not known yet, since too many are still open)."""

    ended: int
    still_open: int
    median: int | None
    most: int | None
    longest_open: int | None


def lasting(spans: Iterable[Span]) -> Lasting:
    """The figures of a stage, open cases included as what they are: at least so long."""
    kept = list(spans)
    steps = kaplan_meier(kept)
    still = [span for span in kept if not span.ended]
    return Lasting(
        ended=sum(span.count for span in kept if span.ended),
        still_open=sum(span.count for span in still),
        median=days_until(steps, HALF),
        most=days_until(steps, MOST),
        longest_open=max((span.days for span in still), default=None),
    )
