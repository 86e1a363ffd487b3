"""Cash lines by month: recurring lines are spread out, and sums are Decimal sums in Python.

A database's SUM is not used: SQLite sums decimals as binary floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from foundation.web.formats import MoneyScale
from lifecycle.kpis.periods import aligned, months_later

ZERO = Decimal(0)
AMOUNTS = ("planned_cost", "planned_benefit", "planned_net", "actual_cost", "actual_benefit", "actual_net")


class CashLike(Protocol):
    """What a line must tell: the model's rows do, and so does any plain object."""

    @property
    def side(self) -> str: ...
    @property
    def basis(self) -> str: ...
    @property
    def category(self) -> str: ...
    @property
    def month(self) -> date: ...
    @property
    def until(self) -> date | None: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def currency(self) -> str: ...


@dataclass
class Month:
    """Money of one month in one currency; None where nothing was entered, which is not the same as 0."""

    month: date
    planned_cost: Decimal | None = None
    actual_cost: Decimal | None = None
    planned_benefit: Decimal | None = None
    actual_benefit: Decimal | None = None

    def add(self, line: CashLike) -> None:
        """Count a line in."""
        name = f"{line.basis}_{line.side}"
        setattr(self, name, (getattr(self, name) or ZERO) + line.amount)

    @property
    def planned_net(self) -> Decimal | None:
        return _net(self.planned_benefit, self.planned_cost)

    @property
    def actual_net(self) -> Decimal | None:
        return _net(self.actual_benefit, self.actual_cost)

    @property
    def amounts(self) -> list[Decimal | None]:
        """Cost, benefit and net, planned and then actual: the columns of the page."""
        return [getattr(self, name) for name in AMOUNTS]


@dataclass
class Table:
    """Months of one currency in order, without gaps, and their totals."""

    currency: str
    months: list[Month] = field(default_factory=list)

    def _total(self, name: str) -> Decimal | None:
        entered = [amount for month in self.months if (amount := getattr(month, name)) is not None]
        return sum(entered, ZERO) if entered else None

    @property
    def planned_cost(self) -> Decimal | None:
        return self._total("planned_cost")

    @property
    def actual_cost(self) -> Decimal | None:
        return self._total("actual_cost")

    @property
    def planned_benefit(self) -> Decimal | None:
        return self._total("planned_benefit")

    @property
    def actual_benefit(self) -> Decimal | None:
        return self._total("actual_benefit")

    @property
    def planned_net(self) -> Decimal | None:
        return _net(self.planned_benefit, self.planned_cost)

    @property
    def actual_net(self) -> Decimal | None:
        return _net(self.actual_benefit, self.actual_cost)

    @property
    def totals(self) -> list[Decimal | None]:
        """The sums under the columns of `Month.amounts`."""
        return [getattr(self, name) for name in AMOUNTS]

    @property
    def scale(self) -> MoneyScale:
        """All amounts of the table are written alike: with cents where any of them has cents."""
        return MoneyScale.of([amount for month in self.months for amount in month.amounts], self.currency)


def _net(benefit: Decimal | None, cost: Decimal | None) -> Decimal | None:
    return None if benefit is None and cost is None else (benefit or ZERO) - (cost or ZERO)


def months_of(line: CashLike, horizon: date) -> Iterator[date]:
    """The months in which a line counts: its own, and each one up to and with `until`, never past `horizon`."""
    month, last = aligned(line.month, "month"), min(aligned(line.until or line.month, "month"), horizon)
    while month <= last:
        yield month
        month = months_later(month, 1)


def cash_by_month(lines: Iterable[CashLike], horizon: date) -> dict[str, Table]:
    """Currency -> its months from the first to the last one with money, gaps filled with empty ones.

    `horizon`: the last month that counts (first day). Unlike currencies are never added.
    """
    found: dict[str, dict[date, Month]] = {}
    for line in lines:
        months = found.setdefault(line.currency, {})
        for month in months_of(line, horizon):
            months.setdefault(month, Month(month)).add(line)
    tables: dict[str, Table] = {}
    for currency in sorted(found):
        months = found[currency]
        table = Table(currency)
        if months:
            month, last = min(months), max(months)
            while month <= last:
                table.months.append(months.get(month) or Month(month))
                month = months_later(month, 1)
        tables[currency] = table
    return tables
