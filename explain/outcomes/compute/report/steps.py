"""From one figure to another in steps that sum: from gross benefit to net, and from the plan to what was realised."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from explain.outcomes.compute import finance
from explain.outcomes.compute.report.cash import Cash, CashMonth
from explain.outcomes.compute.report.effects import KpiOutcome
from explain.outcomes.compute.report.tables import Flows, money_of

ZERO = Decimal(0)
CATEGORIES = {
    "build": "Build",
    "run": "Run",
    "licence": "Licences",
    "people": "People",
    "cloud": "Cloud and tokens",
    "change": "Change and training",
    "decommissioning": "Decommissioning",
}


@dataclass(frozen=True)
class ExchangeEffect:
    """What changed exchange rates did to date: benefits gained, and costs by category that were saved (below zero: lost)."""

    benefits: Decimal
    costs: dict[str, Decimal]

    @property
    def whole(self) -> Decimal:
        return self.benefits + finance.total(list(self.costs.values()))


def exchange_effect(cash: Cash, counted: list[KpiOutcome]) -> ExchangeEffect:
    """Realised amounts at the month's rate less at the rate of their plan, in the currency of the report."""
    months = [month for kpi in counted for month in kpi.months if month.hard is not None]
    gained = [month.hard * (1 - month.at_plan) for month in months if month.hard is not None]
    booked = [-row.exchange_benefit for row in cash.past]
    costs: dict[str, Decimal] = {}
    for row in cash.past:
        for category, saved in row.exchange_costs.items():
            if saved:
                costs[category] = costs.get(category, ZERO) + saved
    return ExchangeEffect(finance.total([*gained, *booked]), costs)


def variance_table(
    cash: Cash, flows: Flows, counted: list[KpiOutcome], currency: str, *, known: bool
) -> list[dict[str, str]]:
    """Where realised and planned net part ways to date: the rows sum to the whole difference. Worst first."""
    if not known or not any(row.planned_cost or row.planned_benefit for row in cash.months):
        return []
    text = money_of(currency)
    rows: list[tuple[str, Decimal]] = []
    measured = missing = ZERO
    rates = exchange_effect(cash, counted)
    for k, row in enumerate(cash.past):
        realised = flows.realised(k)
        if realised is None:
            missing -= row.planned_benefit
        else:
            measured += realised - row.planned_benefit
    measured -= rates.benefits
    rows.append(("Benefits against plan", measured))
    if missing:
        rows.append(("Planned benefits of months that are not measured", missing))
    for category, label in CATEGORIES.items():
        planned = _of_category(cash.past, category, planned=True)
        actual = _of_category(cash.past, category, planned=False) + rates.costs.get(category, ZERO)
        if planned != actual:
            rows.append((f"{label}: cost against plan", planned - actual))
    if rates.whole:
        rows.append(("Exchange rates", rates.whole))
    return [{"label": label, "amount": text(amount)} for label, amount in sorted(rows, key=lambda row: row[1])]


def waterfall_table(cash: Cash, flows: Flows, counted: list[KpiOutcome], currency: str) -> list[dict[str, str]]:
    """From gross benefit to net, to date: gains, dis-benefits, share of others, freed time, bookings, exchange
    rates, costs, net. Amounts of other currencies stand at the rates of their plan; "Exchange rates" is the difference."""
    text = money_of(currency)
    gains = losses = others = freed = ZERO
    rates = exchange_effect(cash, counted)
    for month in (month for kpi in counted for month in kpi.months):
        if month.gross is None or month.claimed is None or month.hard is None:
            continue
        if month.gross >= 0:
            gains += month.gross * month.at_plan
        else:
            losses += month.gross * month.at_plan
        others += (month.claimed - month.gross) * month.at_plan
        freed += (month.hard - month.claimed) * month.at_plan
    steps = [("Gross benefit", gains, "change")]
    if losses:
        steps.append(("Months that were worse", losses, "change"))
    if others:
        steps.append(("Share of others", others, "change"))
    if freed:
        steps.append(("Freed, not cash", freed, "change"))
    booked = finance.total([row.booked_benefit + row.exchange_benefit for row in cash.past])
    if booked:
        steps.append(("Booked benefits", booked, "change"))
    for category, label in CATEGORIES.items():
        amount = _of_category(cash.past, category, planned=False) + rates.costs.get(category, ZERO)
        if amount:
            steps.append((label, -amount, "change"))
    if rates.whole:
        # Before the costs: what the bars above are worth at today's rates, less at those of the plan.
        at = next((k for k, (label, _, _) in enumerate(steps) if label in CATEGORIES.values()), len(steps))
        steps.insert(at, ("Exchange rates", rates.whole, "change"))
    steps.append(("Net to date", flows.hard_to_date - flows.costs_to_date, "total"))
    return [{"label": label, "amount": text(amount), "kind": kind} for label, amount, kind in steps]


def _of_category(months: list[CashMonth], category: str, *, planned: bool) -> Decimal:
    rows = [row.planned_costs if planned else row.costs for row in months]
    return finance.total([row.get(category, ZERO) for row in rows])
