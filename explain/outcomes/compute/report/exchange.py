"""Amounts of other currencies in the currency of the report.

A plan counts at the rate of the day on which it was recorded; what is realised counts at the mean of its month, or, if
there is none, at the latest rate of a day that is at most 35 days older than the month's end; months ahead count at the
latest known rate. The exchange effect is what is realised, at the month's rate less at the rate of the plan: for a
value per unit the rate of the day on which it was set, for booked amounts that of the first plan in their currency.
Where nothing was planned in a currency there is no plan to differ from, and no exchange effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from explain.outcomes.compute.report.effects import KpiOutcome
from explain.outcomes.compute.report.months import value_on
from explain.outcomes.compute.roots import PRECISE
from lifecycle.kpis.rates.lookup import Found, RateTable, plain

ONE, ZERO = Decimal(1), Decimal(0)
PLAN, REALISED, FORECAST = "plan", "realised", "forecast"
_USES = {PLAN: "plans of", REALISED: "realised in", FORECAST: "months ahead, from"}
_NAMED = 3  # months that a sentence names before it counts the others


@dataclass(frozen=True)
class Worth:
    """An amount in the currency of the report: at the rate that holds, and at the rate of its plan."""

    amount: Decimal
    at_plan: Decimal


class Exchange:
    """Rates as the report needs them; keeps account of those it used and of those it missed."""

    def __init__(self, rates: dict[str, Any] | None, currency: str, as_of: date) -> None:
        rows = rates["rows"] if rates else []
        self.currency, self.as_of = currency, as_of
        self._table = RateTable(rows, rates["through"] if rates else currency)
        self._used: dict[tuple[str, str, date], Found] = {}
        self._missing: set[tuple[str, str, date]] = set()
        self._budget: dict[str, date] = {}

    def plan_from(self, days: Iterable[tuple[str, date]]) -> None:
        """Remember the day of the first plan in each currency."""
        for currency, day in days:
            self._budget[currency] = min(day, self._budget.get(currency, day))

    def planned(self, amount: Decimal, currency: str, day: date) -> Decimal:
        """A planned amount, recorded on the day; zero where the rate is missing."""
        return _times(amount, self._rate(PLAN, currency, day))

    def realised(self, amount: Decimal, currency: str, month: date, plan_day: date | None = None) -> Worth:
        """What was realised in the month; `plan_day` absent: the day of the first plan in that currency."""
        rate = self.realised_rate(currency, month)
        day = plan_day or self._budget.get(currency)
        plan = rate if day is None else self._rate(PLAN, currency, day)
        return Worth(_times(amount, rate), _times(amount, plan))

    def realised_rate(self, currency: str, month: date) -> Decimal | None:
        """The rate of a month that has begun; of a later one the latest known rate."""
        return self.coming_rate(currency) if month > self.as_of else self._rate(REALISED, currency, month)

    def coming_rate(self, currency: str) -> Decimal | None:
        """The latest known rate."""
        return self._rate(FORECAST, currency, self.as_of)

    def _rate(self, use: str, currency: str, day: date) -> Decimal | None:
        if currency == self.currency:
            return ONE
        key = (use, currency, day)
        if key not in self._used and key not in self._missing:
            found = self._look_up(use, currency, day)
            if found is None:
                self._missing.add(key)
            else:
                self._used[key] = found
        return self._used[key].rate if key in self._used else None

    def _look_up(self, use: str, currency: str, day: date) -> Found | None:
        if use == PLAN:
            return self._table.for_plan(currency, self.currency, day)
        if use == REALISED:
            return self._table.for_month(currency, self.currency, day, self.as_of)
        return self._table.for_forecast(currency, self.currency, day)

    @property
    def is_missing(self) -> bool:
        return bool(self._missing)

    @property
    def has_substitutes(self) -> bool:
        return any(found.is_substitute for found in self._used.values())

    def missing_sentence(self) -> str:
        """Which rates are missing, for when, and where they are entered."""
        parts = []
        for use, currency in sorted({(use, currency) for use, currency, _ in self._missing}):
            days = sorted(day for one, code, day in self._missing if (one, code) == (use, currency))
            parts.append(f"from {currency} to {self.currency} for {_when(use, days)}")
        return (
            f"There is no total, because exchange rates are missing: {'; '.join(parts)}. A manager or an administrator "
            "enters them on the page Exchange rates; then ask for a new report."
        )

    def table(self) -> list[dict[str, Any]]:
        """The rates that were used, by currency and day."""
        return [
            {
                "currency": currency,
                "use": use,
                "label": f"{_USES[use]} {day:%Y-%m}" if use == REALISED else f"{_USES[use]} {day.isoformat()}",
                "rate": plain(round(found.rate, 10)),
                "words": found.words,
                "substitute": found.is_substitute,
            }
            for (use, currency, day), found in sorted(self._used.items(), key=lambda item: (item[0][1], item[0]))
        ]


def into_currency(found: KpiOutcome, exchange: Exchange) -> bool:
    """Bring the worth of a KPI's months into the report's currency, in place; False where a rate is missing."""
    known = True
    for month in found.months:
        chosen = None if month.value is None else value_on(found.kpi, month.valued_on)
        if month.value is None or chosen is None or chosen["currency"] == exchange.currency:
            continue
        rate = exchange.realised_rate(chosen["currency"], month.month)
        set_on = date.fromisoformat(chosen.get("set_on") or chosen["valid_from"])
        plan = exchange.realised(ONE, chosen["currency"], month.month, min(set_on, exchange.as_of)).at_plan
        if rate is None or not plan:
            known = False
            continue
        month.value = _times(month.value, rate)
        month.gross, month.claimed, month.hard = (
            None if amount is None else _times(amount, rate) for amount in (month.gross, month.claimed, month.hard)
        )
        with localcontext(PRECISE):
            month.at_plan = plan / rate
    if found.with_all is not None:
        known = into_currency(found.with_all, exchange) and known
    return known


def coming_value(found: KpiOutcome, month: date, exchange: Exchange) -> Decimal | None:
    """Value of a unit in a month ahead, in the report's currency; None where none is valid or no rate is known."""
    chosen = value_on(found.kpi, month)
    if chosen is None:
        return None
    rate = exchange.coming_rate(chosen["currency"])
    return None if rate is None else _times(Decimal(chosen["amount"]), rate)


def _times(amount: Decimal, rate: Decimal | None) -> Decimal:
    with localcontext(PRECISE):
        return ZERO if rate is None else amount * rate


def _when(use: str, days: list[date]) -> str:
    if use == FORECAST:
        return f"the months ahead (a rate of a day, at most 35 days before {days[0].isoformat()})"
    if use == PLAN:
        named = [day.isoformat() for day in days[:_NAMED]]
        how = "the day on which an amount was planned"
    else:
        named = [f"{day:%B %Y}" for day in days[:_NAMED]]
        how = "the mean of the month, or a rate of a day at most 35 days before its end"
    more = [f"{len(days) - _NAMED} more"] if len(days) > _NAMED else []
    words = [*named, *more]
    listed = f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else words[0]
    return f"{listed} ({how})"
