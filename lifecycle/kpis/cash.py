"""Cash lines by month: recurring lines are spread out, and sums are Decimal sums in Python.

A database's SUM is not used: SQLite sums decimals as binary floats.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Protocol

from lifecycle.kpis.periods import aligned, months_later

ZERO = Decimal(0)


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
    """Money of one month in one currency."""

    month: date
    planned_cost: Decimal = ZERO
    actual_cost: Decimal = ZERO
    planned_benefit: Decimal = ZERO
    actual_benefit: Decimal = ZERO

    def add(self, line: CashLike) -> None:
        """Count a line in."""
        name = f"{line.basis}_{line.side}"
        setattr(self, name, getattr(self, name) + line.amount)

    @property
    def planned_net(self) -> Decimal:
        return self.planned_benefit - self.planned_cost

    @property
    def actual_net(self) -> Decimal:
        return self.actual_benefit - self.actual_cost


@dataclass
class Table:
    """Months of one currency in order, without gaps, and their totals."""

    currency: str
    months: list[Month] = field(default_factory=list)

    def _total(self, name: str) -> Decimal:
        return sum((getattr(month, name) for month in self.months), ZERO)

    @property
    def planned_cost(self) -> Decimal:
        return self._total("planned_cost")

    @property
    def actual_cost(self) -> Decimal:
        return self._total("actual_cost")

    @property
    def planned_benefit(self) -> Decimal:
        return self._total("planned_benefit")

    @property
    def actual_benefit(self) -> Decimal:
        return self._total("actual_benefit")

    @property
    def planned_net(self) -> Decimal:
        return self.planned_benefit - self.planned_cost

    @property
    def actual_net(self) -> Decimal:
        return self.actual_benefit - self.actual_cost


def months_of(line: CashLike, horizon: date) -> Iterator[date]:
    """The months in which a line counts: its own, and each one up to and with `until`, never past `horizon`."""
    month, last = aligned(line.month, "month"), min(aligned(line.until or line.month, "month"), horizon)
    while month <= last:
        yield month
        month = months_later(month, 1)


def cash_by_month(lines: Iterable[CashLike], horizon: date) -> dict[str, Table]:
    """Currency -> its months from the first to the last one with money, gaps filled with zero.

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
