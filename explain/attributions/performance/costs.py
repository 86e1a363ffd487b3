"""What a threshold brings: counts, rates and the cost of errors, from the stored counts alone. Pages use it, without numpy.

The page's script does the same sums; both must round alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from explain.attributions.performance.intervals import wilson
from explain.attributions.performance.shapes import Rate, Thresholds

USUAL: Final = 0.5


@dataclass(frozen=True)
class Costs:
    """What a false alarm and a miss cost, in the project's currency; both 1 and without a currency until somebody says."""

    false_alarm: Decimal
    miss: Decimal
    currency: str

    @classmethod
    def of(cls, false_alarm: Decimal | None, miss: Decimal | None, currency: str) -> Costs:
        """As asked; one that is left empty beside the other costs nothing."""
        if false_alarm is None and miss is None:
            return cls(Decimal(1), Decimal(1), "")
        return cls(false_alarm or Decimal(0), miss or Decimal(0), currency)


@dataclass(frozen=True)
class AtThreshold:
    """Counts and rates at one threshold; `place` is that of the threshold among all."""

    place: int
    at: float
    tp: int
    fp: int
    tn: int
    fn: int

    @property
    def flagged(self) -> Rate:
        """Flagged rows, of all."""
        return wilson(self.tp + self.fp, self.tp + self.fp + self.tn + self.fn)

    @property
    def right(self) -> Rate:
        """Rows rightly flagged, of the flagged (precision)."""
        return wilson(self.tp, self.tp + self.fp)

    @property
    def found(self) -> Rate:
        """Rows rightly flagged, of those to be found (recall)."""
        return wilson(self.tp, self.tp + self.fn)

    @property
    def alarms(self) -> Rate:
        """Rows wrongly flagged, of those that are not to be found."""
        return wilson(self.fp, self.fp + self.tn)


def at_place(found: Thresholds, place: int) -> AtThreshold:
    """The counts at one of the thresholds."""
    return AtThreshold(
        place, found["at"][place], found["tp"][place], found["fp"][place], found["tn"][place], found["fn"][place]
    )


def place_of(found: Thresholds, asked: float | None) -> int:
    """The threshold nearest to the one asked for. When none is: 0.5; but where that would flag nobody, the one that flags
    about as many rows as there are to be found."""
    if asked is not None:
        return min(range(len(found["at"])), key=lambda place: abs(found["at"][place] - asked))
    usual = place_of(found, USUAL)
    if found["at"][usual] == USUAL and found["tp"][usual] + found["fp"][usual]:
        return usual
    wanted = found["tp"][0] + found["fn"][0]
    return min(range(len(found["at"])), key=lambda place: abs(found["tp"][place] + found["fp"][place] - wanted))


def total(found: Thresholds, place: int, costs: Costs) -> Decimal:
    """What all errors at the threshold cost together."""
    return found["fp"][place] * costs.false_alarm + found["fn"][place] * costs.miss


def cheapest(found: Thresholds, costs: Costs, chosen: int | None = None) -> int:
    """The threshold with the lowest total: the chosen one if it has it, else of the first equal ones the middle, which
    stands furthest from those that cost more."""
    totals = [total(found, place, costs) for place in range(len(found["at"]))]
    lowest = min(totals)
    if chosen is not None and totals[chosen] == lowest:
        return chosen
    first = totals.index(lowest)
    last = first
    while last + 1 < len(totals) and totals[last + 1] == lowest:
        last += 1
    return (first + last) // 2


def percent(share: float | None) -> str:
    """36.9 % (with a space that does not break), halves rounded up as the page's script does."""
    if share is None:
        return "–"
    return f"{Decimal(100 * share).quantize(Decimal('0.1'), ROUND_HALF_UP)}\u00a0%"


def of_hundred(share: float) -> str:
    """How many of 100, never all or none where it is not so."""
    whole = int(Decimal(100 * share).quantize(Decimal(1), ROUND_HALF_UP))
    if whole == 100 and share < 1:
        return "over 99"
    if whole == 0 and share > 0:
        return "fewer than 1"
    return str(whole)


def sentences(now: AtThreshold) -> list[str]:
    """What it means at the threshold, for a reader who knows no rates."""
    if now.right["value"] is None:
        return [f"At this threshold it flags no case, so all {now.fn:,} that it should find are missed."]
    found = now.found["value"] or 0.0
    return [
        f"Of 100 cases it flags, {of_hundred(now.right['value'])} are right.",
        f"Of 100 cases it should flag, it finds {of_hundred(found)}.",
    ]
