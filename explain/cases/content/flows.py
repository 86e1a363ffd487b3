"""From the lines of a cost-benefit analysis to months: what the calculators are asked. Decimal and dates only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lifecycle.kpis.periods import months_later

ZERO, HUNDRED = Decimal(0), Decimal(100)
SEED = 1


@dataclass(frozen=True)
class Terms:
    """What a case is counted under. `rate`: per year, as a share; `first` and `last`: months, by their first day."""

    currency: str
    rate: Decimal
    first: date
    last: date

    @property
    def months(self) -> int:
        return (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1

    def month(self, k: int) -> date:
        """The month with index k."""
        return months_later(self.first, k)

    def plain(self) -> dict[str, str]:
        """For JSON."""
        return {
            "currency": self.currency,
            "rate": f"{self.rate.normalize():f}",
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
        }

    @classmethod
    def of(cls, plain: Mapping[str, str]) -> Terms:
        """From JSON."""
        return cls(
            plain["currency"],
            Decimal(plain["rate"]),
            date.fromisoformat(plain["first"]),
            date.fromisoformat(plain["last"]),
        )


@dataclass(frozen=True)
class Levers:
    """What a what-if changes. Percent of the plan for all lines alike; `delay`: months by which benefits come later,
    while costs and the end of the horizon stay; `rate`: percent a year, None for that of the case.
    """

    uplift: Decimal = HUNDRED
    value: Decimal = HUNDRED
    volume: Decimal = HUNDRED
    cost: Decimal = HUNDRED
    delay: int = 0
    rate: Decimal | None = None

    @property
    def is_plain(self) -> bool:
        """Whether nothing is changed."""
        return self == Levers()

    def plain(self) -> dict[str, str | int]:
        """Only what differs, for JSON and for addresses."""
        usual = asdict(Levers())
        return {
            name: value if isinstance(value, int) else f"{value:f}"
            for name, value in asdict(self).items()
            if value != usual[name]
        }


def levers_of(plain: Mapping[str, Any]) -> Levers:
    """From what `plain()` gave; what is absent stays as it is written."""

    def percent(name: str) -> Decimal:
        return HUNDRED if plain.get(name) is None else Decimal(str(plain[name]))

    return Levers(
        uplift=percent("uplift"),
        value=percent("value"),
        volume=percent("volume"),
        cost=percent("cost"),
        delay=int(plain.get("delay") or 0),
        rate=None if plain.get("rate") is None else Decimal(str(plain["rate"])),
    )


def first_month(worth: Mapping[str, Any]) -> date | None:
    """The earliest month with a cost or a benefit."""
    months = [row["month"] for row in (*worth["costs"], *worth["benefits"])]
    return date.fromisoformat(min(months)) if months else None


def asked(worth: Mapping[str, Any], terms: Terms, levers: Levers | None = None) -> dict[str, Any]:
    """The request to the business-case calculator."""
    levers = levers or Levers()
    cost, uplift, value = levers.cost / HUNDRED, levers.uplift / HUNDRED, levers.value / HUNDRED
    rate = terms.rate if levers.rate is None else levers.rate / HUNDRED
    return {
        "currency": terms.currency,
        "rate": f"{rate:f}",
        "seed": SEED,
        "costs": [
            {"name": row["name"], "months": _cost_months(row, _span(row, "low", "amount", "high", cost), terms)}
            for row in worth["costs"]
        ],
        "benefits": [
            {
                "name": row["name"],
                "uplift": _span(row, "uplift_low", "uplift", "uplift_high", uplift),
                "value": _span(row, "value_low", "value", "value_high", value),
                "volumes": [f"{volume:f}" for volume in volumes(row, terms, levers)],
                "share": f"{Decimal(row['share'] or HUNDRED) / HUNDRED:f}",
            }
            for row in worth["benefits"]
        ],
    }


def volumes(row: Mapping[str, Any], terms: Terms, levers: Levers | None = None) -> list[Decimal]:
    """Cases of each month: none before the benefit begins, then rising evenly over the ramp, none after its end."""
    levers = levers or Levers()
    begins = months_later(date.fromisoformat(row["month"]), levers.delay)
    ends = date.fromisoformat(row["until"]) if row["until"] else terms.last
    ramp, full = row["ramp"] or 0, Decimal(row["volume"]) * levers.volume / HUNDRED
    found = []
    for k in range(terms.months):
        month = terms.month(k)
        if not begins <= month <= ends:
            found.append(ZERO)
            continue
        running = (month.year - begins.year) * 12 + month.month - begins.month + 1
        found.append(full if running > ramp else (full * running / (ramp + 1)).quantize(Decimal("1e-6")))
    return found


def _cost_months(row: Mapping[str, Any], span: Sequence[str], terms: Terms) -> list[list[str] | None]:
    first = date.fromisoformat(row["month"])
    last = date.fromisoformat(row["until"]) if row["until"] else first
    return [list(span) if first <= terms.month(k) <= last else None for k in range(terms.months)]


def _span(row: Mapping[str, Any], low: str, mode: str, high: str, factor: Decimal) -> list[str]:
    figures = [Decimal(row[name] or row[mode]) * factor for name in (low, mode, high)]
    return [f"{figure:f}" for figure in figures]
