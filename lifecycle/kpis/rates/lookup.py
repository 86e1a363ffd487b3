"""Which rate holds: of a day, of a month, straight, turned round, or through one third currency. Pure."""

from __future__ import annotations

import calendar
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from typing import Any

SPOT, MONTH = "spot", "month"
OLDEST = 35  # days: an older rate of a day says nothing about today
PRECISE = Context(prec=60, rounding=ROUND_HALF_EVEN)


@dataclass(frozen=True)
class Found:
    """A rate and where it comes from: 1 unit of the one is `rate` units of the other."""

    rate: Decimal
    on: date
    words: str
    is_substitute: bool = False


def month_end(month: date) -> date:
    """The last day of the month."""
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


class RateTable:
    """Rates by pair and day. `rows`: `[base, quote, kind, day, rate, source]` in the order of recording; the last counts."""

    def __init__(self, rows: Iterable[list[Any]], through: str) -> None:
        self.through = through
        self._rows: dict[tuple[str, str, str], dict[date, tuple[Decimal, str]]] = {}
        for base, quote, kind, day, rate, source in rows:
            known = self._rows.setdefault((base, quote, kind), {})
            known[date.fromisoformat(day)] = Decimal(rate), str(source)
        self._days = {key: sorted(known) for key, known in self._rows.items()}

    def on(self, base: str, quote: str, day: date) -> Found | None:
        """The rate of the day, or of the latest day before it that is at most 35 days away."""
        return self._found(base, quote, lambda one, other: self._spot(one, other, day))

    def mean(self, base: str, quote: str, month: date) -> Found | None:
        """The mean of the month (first day)."""
        return self._found(base, quote, lambda one, other: self._of(one, other, MONTH, month))

    def for_plan(self, base: str, quote: str, day: date) -> Found | None:
        """What a plan of the day counts with: the rate of the day, else the mean of its month."""
        return self.on(base, quote, day) or _instead(self.mean(base, quote, day.replace(day=1)))

    def for_month(self, base: str, quote: str, month: date, as_of: date) -> Found | None:
        """What is realised in the month counts with: its mean, else the latest rate of a day, at most 35 days before
        its end (or before `as_of`)."""
        return self.mean(base, quote, month) or _instead(self.on(base, quote, min(month_end(month), as_of)))

    def for_forecast(self, base: str, quote: str, as_of: date) -> Found | None:
        """What lies ahead counts with: the latest rate of a day, else the mean of this month or of the one before."""
        first = as_of.replace(day=1)
        before = (first - timedelta(days=1)).replace(day=1)
        return self.on(base, quote, as_of) or self.mean(base, quote, first) or self.mean(base, quote, before)

    def _found(self, base: str, quote: str, leg: Any) -> Found | None:
        straight: Found | None = leg(base, quote)
        if straight is not None or self.through in (base, quote):
            return straight
        first: Found | None = leg(base, self.through)
        second: Found | None = leg(self.through, quote) if first is not None else None
        if first is None or second is None:
            return None
        with localcontext(PRECISE):
            rate = first.rate * second.rate
        return Found(rate, min(first.on, second.on), f"through {self.through}: {first.words}; {second.words}")

    def _spot(self, base: str, quote: str, day: date) -> Found | None:
        days = [self._last(base, quote, day), self._last(quote, base, day)]
        known = [one for one in days if one is not None]
        return self._of(base, quote, SPOT, max(known)) if known else None

    def _last(self, base: str, quote: str, day: date) -> date | None:
        days = self._days.get((base, quote, SPOT), [])
        place = bisect_right(days, day)
        return days[place - 1] if place and (day - days[place - 1]).days <= OLDEST else None

    def _of(self, base: str, quote: str, kind: str, day: date) -> Found | None:
        when = f"mean of {day:%Y-%m}" if kind == MONTH else day.isoformat()
        if (row := self._rows.get((base, quote, kind), {}).get(day)) is not None:
            return Found(row[0], day, f"1 {base} = {plain(row[0])} {quote}, {when}, {row[1]}")
        if (row := self._rows.get((quote, base, kind), {}).get(day)) is not None:
            with localcontext(PRECISE):
                rate = 1 / row[0]
            return Found(rate, day, f"turned round from 1 {quote} = {plain(row[0])} {base}, {when}, {row[1]}")
        return None


def plain(rate: Decimal) -> str:
    """A rate without trailing zeros, never in scientific writing."""
    text = format(rate, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _instead(found: Found | None) -> Found | None:
    return None if found is None else Found(found.rate, found.on, found.words, is_substitute=True)
