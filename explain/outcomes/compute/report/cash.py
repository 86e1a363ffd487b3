"""Money by month: planned, booked, and what stands in for months that nobody has booked yet."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.report.exchange import Exchange
from lifecycle.kpis.cash import months_of
from lifecycle.kpis.periods import months_later

ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """A cash line as the inputs hold it."""

    side: str
    basis: str
    category: str
    month: date
    until: date | None
    amount: Decimal
    currency: str
    kpi: str | None
    recorded_on: date

    @classmethod
    def read(cls, row: dict[str, Any]) -> Line:
        return cls(
            side=row["side"],
            basis=row["basis"],
            category=row["category"],
            month=date.fromisoformat(row["month"]).replace(day=1),
            until=date.fromisoformat(row["until"]) if row["until"] else None,
            amount=Decimal(row["amount"]),
            currency=row["currency"],
            kpi=row["kpi"],
            recorded_on=date.fromisoformat(row.get("recorded_on") or row["month"]),
        )


@dataclass
class CashMonth:
    """One month in the currency of the report. `costs` are what counts: booked, or planned where nothing is booked."""

    month: date
    planned_costs: dict[str, Decimal] = field(default_factory=dict)
    actual_costs: dict[str, Decimal] = field(default_factory=dict)
    planned_benefit: Decimal = ZERO
    booked_benefit: Decimal = ZERO
    costs: dict[str, Decimal] = field(default_factory=dict)
    cost_from_plan: bool = False
    # Booked amounts at the plan's exchange rate less at the month's.
    exchange_costs: dict[str, Decimal] = field(default_factory=dict)
    exchange_benefit: Decimal = ZERO

    @property
    def planned_cost(self) -> Decimal:
        return sum(self.planned_costs.values(), ZERO)

    @property
    def cost(self) -> Decimal:
        return sum(self.costs.values(), ZERO)

    @property
    def planned_net(self) -> Decimal:
        return self.planned_benefit - self.planned_cost


@dataclass
class Cash:
    """The months from the first money on; `last` is the index of the month of the report, -1 before all of them."""

    months: list[CashMonth]
    last: int
    dropped_benefits: Decimal
    beyond_horizon: bool
    booked_ahead: bool

    @property
    def past(self) -> list[CashMonth]:
        """Months to date."""
        return self.months[: self.last + 1]

    @property
    def coming(self) -> list[CashMonth]:
        """Months that lie ahead within the horizon."""
        return self.months[self.last + 1 :]


def lay_out_cash(
    lines: list[Line],
    *,
    as_of: date,
    horizon: int,
    go_live: date | None,
    started: date,
    counted: set[str],
    stopped: bool,
    exchange: Exchange,
) -> Cash:
    """Months from the first cost or benefit over the horizon, and to the month of the report if that is later.

    `counted`: KPIs whose worth is measured; a benefit booked on one of them would count twice and is left out. Costs of
    a past month are those booked; a month with none takes its plan and is marked. Ahead lies the plan, else what is
    already booked ahead; of a stopped project nothing lies ahead. Amounts of other currencies are brought into that of the
    report by `exchange`.
    """
    current = as_of.replace(day=1)
    exchange.plan_from((line.currency, min(line.recorded_on, as_of)) for line in lines if line.basis == "planned")
    starts = [line.month for line in lines] + ([go_live.replace(day=1)] if go_live and go_live <= as_of else [])
    first = min(starts, default=started.replace(day=1))
    last = months_between(first, current)
    count = max(horizon, last + 1)
    months = [CashMonth(months_later(first, k)) for k in range(count)]
    end = months[-1].month
    dropped, beyond, ahead = ZERO, False, False
    for line in lines:
        beyond = beyond or (line.until or line.month).replace(day=1) > end
        for month in months_of(line, end):
            row = months[months_between(first, month)]
            if line.basis == "planned":
                amount = at_plan = exchange.planned(line.amount, line.currency, min(line.recorded_on, as_of))
            else:
                worth = exchange.realised(line.amount, line.currency, month)
                amount, at_plan = worth.amount, worth.at_plan
            if line.side == "cost":
                into = row.planned_costs if line.basis == "planned" else row.actual_costs
                into[line.category] = into.get(line.category, ZERO) + amount
                row.exchange_costs[line.category] = row.exchange_costs.get(line.category, ZERO) + at_plan - amount
                ahead = ahead or (line.basis == "actual" and month > current)
            elif line.basis == "planned":
                row.planned_benefit += amount
            elif line.kpi in counted:
                dropped += amount if month <= current else ZERO
            elif month <= current:
                row.booked_benefit += amount
                row.exchange_benefit += at_plan - amount
            else:
                ahead = True
    for k, row in enumerate(months):
        if k <= last:
            row.cost_from_plan = not row.actual_costs and row.planned_cost > 0 and not stopped
            row.costs = row.planned_costs if row.cost_from_plan else row.actual_costs
        elif not stopped:
            row.costs = row.planned_costs or row.actual_costs
    return Cash(months, last, dropped, beyond, ahead)


def months_between(first: date, later: date) -> int:
    """Whole months from one first day of a month to another."""
    return (later.year - first.year) * 12 + later.month - first.month
