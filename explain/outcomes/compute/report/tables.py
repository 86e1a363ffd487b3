"""The tables of a report: KPIs, months, plan against realised, and what the portfolio reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute import finance
from explain.outcomes.compute.money import round_money
from explain.outcomes.compute.plan import planned_and_realised
from explain.outcomes.compute.report.cash import Cash
from explain.outcomes.compute.report.effects import KpiOutcome

ZERO = Decimal(0)


@dataclass
class Flows:
    """Benefits and costs by month: indexes up to `last` are realised, the others forecast."""

    months: int
    last: int
    hard: list[Decimal] = field(default_factory=list)
    soft: list[Decimal] = field(default_factory=list)
    costs: list[Decimal] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    measured: set[int] = field(default_factory=set)
    missing: dict[int, list[str]] = field(default_factory=dict)
    partial: bool = False

    def __post_init__(self) -> None:
        self.hard = [ZERO] * self.months
        self.soft = [ZERO] * self.months

    @property
    def net(self) -> list[Decimal]:
        return [benefit - cost for benefit, cost in zip(self.hard, self.costs, strict=True)]

    @property
    def months_expected(self) -> int:
        return len(self.expected)

    @property
    def months_measured(self) -> int:
        return len(self.measured)

    @property
    def months_unknown(self) -> int:
        return len(self.expected - self.measured)

    @property
    def costs_to_date(self) -> Decimal:
        return finance.total(self.costs[: self.last + 1])

    @property
    def hard_to_date(self) -> Decimal:
        return finance.total(self.hard[: self.last + 1])

    @property
    def soft_to_date(self) -> Decimal:
        return finance.total(self.soft[: self.last + 1])

    def realised(self, k: int) -> Decimal | None:
        """Benefit of a month to date: None where a KPI was due and none was measured."""
        return None if k in self.expected and k not in self.measured and not self.hard[k] else self.hard[k]


def money_of(currency: str) -> Callable[[Decimal], str]:
    """Amounts as text in the currency's minor unit, rounded here and only here."""
    return lambda amount: f"{round_money(amount, currency):f}"


def kpi_table(found: KpiOutcome, currency: str, *, is_counted: bool, as_of: date) -> dict[str, Any]:
    """One KPI: what it is, its effect, its series, its months."""
    kpi, text = found.kpi, money_of(currency)
    of_currency = found.money != "currency_mismatch"
    target = kpi["target"]
    measured = [month for month in found.months if month.hard is not None]
    hard = finance.total([month.hard for month in measured if month.hard is not None])
    soft = finance.total([month.claimed for month in measured if month.claimed is not None])
    with_all = found.with_all
    return {
        **found.details,
        "with_all": None
        if with_all is None
        else {
            **{name: with_all.effect[name] for name in ("status", "method", "effect", "interval", "statement")},
            "benefit_hard": text(finance.total([month.hard for month in with_all.months if month.hard is not None]))
            if of_currency and any(month.hard is not None for month in with_all.months)
            else None,
        },
        "key": kpi["key"],
        "name": kpi["name"],
        "unit": kpi["unit"],
        "direction": kpi["direction"],
        "kind": kpi["kind"],
        "frequency": kpi["frequency"],
        "is_primary": kpi["is_primary"],
        "simulated": kpi["simulated"],
        "attribution": kpi["attribution"],
        "claims": kpi.get("claims"),
        "owner": kpi.get("owner"),
        "cashable": kpi["cashable"],
        "volume_kpi": kpi["volume_kpi"],
        "money": found.money,
        "is_counted": is_counted,
        "effect": found.effect,
        "baseline": None
        if kpi["baseline"] is None
        else {
            name: kpi["baseline"][name] for name in ("starts_on", "ends_on", "values_hash", "count", "retrospective")
        },
        "target": None if target is None else {**target, "progress": _progress(found.effect, target["value"])},
        "before": [[day.isoformat(), value] for day, value in found.pre],
        "between": _between(found, as_of),
        "after": [[day.isoformat(), value] for day, value in found.post],
        "benefit_hard": text(hard) if measured and of_currency else None,
        "benefit_soft": text(soft) if measured and of_currency else None,
        "months_expected": len(found.months),
        "months_measured": sum(month.units is not None for month in found.months),
        "months": [
            {
                "month": month.month.isoformat(),
                "expected": month.expected,
                "measured": month.measured,
                "in_ramp": month.in_ramp,
                "mean": month.mean,
                "volume": month.volume,
                "units": month.units,
                "value": None if month.value is None else f"{month.value:f}",
                "gross": text(month.gross) if month.gross is not None and of_currency else None,
                "hard": text(month.hard) if month.hard is not None and of_currency else None,
                "soft": text(month.claimed) if month.claimed is not None and of_currency else None,
            }
            for month in found.months
        ],
    }


def month_table(
    cash: Cash, flows: Flows, counted: list[KpiOutcome], currency: str, *, known: bool
) -> list[dict[str, Any]]:
    """Each month: plan, what was realised or is forecast, cumulative. Realised and forecast never share a cell."""
    text = money_of(currency)
    names = {kpi.key: kpi.kpi["name"] for kpi in counted}
    plan = finance.cumulative([row.planned_net for row in cash.months])
    running = finance.cumulative(flows.net)
    rows = []
    for k, row in enumerate(cash.months):
        past = k <= cash.last
        benefit = flows.realised(k) if known else None
        rows.append(
            {
                "month": row.month.isoformat(),
                "is_forecast": not past,
                "planned_cost": text(row.planned_cost),
                "planned_benefit": text(row.planned_benefit),
                "cost": text(row.cost),
                "cost_from_plan": row.cost_from_plan,
                "benefit": text(benefit) if past and benefit is not None else None,
                "benefit_soft": text(flows.soft[k]) if past and benefit is not None else None,
                "booked_benefit": text(row.booked_benefit),
                "forecast_benefit": text(flows.hard[k]) if not past and known else None,
                "unknown": [names.get(key, key) for key in flows.missing.get(k, [])],
                "cumulative_planned": text(plan[k]),
                "cumulative_realised": text(running[k]) if past and known else None,
                "cumulative_forecast": text(running[k]) if not past and known else None,
            }
        )
    return rows


def plan_table(cash: Cash, flows: Flows, currency: str, *, known: bool) -> dict[str, Any] | None:
    """Planned against realised benefits, cash-releasing and whole; None without a plan or without figures."""
    planned = [row.planned_benefit for row in cash.months]
    if not any(planned) or not known:
        return None
    text = money_of(currency)
    past = range(cash.last + 1)
    hard = planned_and_realised(planned, [flows.realised(k) for k in past])
    soft = planned_and_realised(planned, [None if flows.realised(k) is None else flows.soft[k] for k in past])
    return {
        "planned_total": text(hard.planned_total),
        "planned_to_date": text(hard.planned_to_date),
        "realised_to_date": text(hard.realised_to_date),
        "variance_to_date": text(hard.variance_to_date),
        "realisation_rate": _rate(hard.realisation_rate),
        "realisation_rate_soft": _rate(soft.realisation_rate),
        "forecast_rate": _rate(hard.forecast_rate),
        "forecast_to_complete": text(hard.forecast_to_complete),
        "months_unknown": hard.months_unknown,
    }


def _between(found: KpiOutcome, as_of: date) -> list[list[Any]]:
    """Readings between the baseline and the judged window: shown, not judged."""
    judged = {day for day, _ in found.pre} | {day for day, _ in found.post}
    rows = [*found.kpi["before"], *found.kpi["series"]]
    return sorted(
        [row[0], float(row[1])]
        for row in rows
        if date.fromisoformat(row[0]) not in judged and date.fromisoformat(row[0]) <= as_of
    )


def _progress(effect: dict[str, Any], target: float) -> float | None:
    """(mean after - baseline) / (target - baseline); None when they are the same or nothing was measured."""
    before, after = effect["pre_mean"], effect["post_mean"]
    if effect["effect"] is None or before is None or after is None:
        return None
    span = target - before
    if abs(span) < 1e-12 * max(1.0, abs(before), abs(target)):
        return None
    return float((after - before) / span)


def _rate(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:.4f}"


def portfolio_head(
    cash: Cash,
    flows: Flows,
    figures: dict[str, Any],
    primary: KpiOutcome | None,
    currency: str,
    *,
    mismatch: bool,
    known: bool,
) -> dict[str, Any]:
    """What the portfolio reads of a report: small, and complete without the rest."""
    text = money_of(currency)
    n = cash.last + 1
    changed = None
    if primary is not None and primary.effect["effect"] is not None:
        changed = {
            "name": primary.kpi["name"],
            "unit": primary.kpi["unit"],
            "effect": primary.effect["effect"],
            "verdict": primary.effect["verdict"],
        }
    return {
        "first_month": cash.months[0].month.isoformat(),
        "planned_net": [] if mismatch else [text(row.planned_net) for row in cash.months],
        "realised_net": []
        if mismatch
        else [text(net) for net in flows.net[:n]]
        if known
        else [text(-c) for c in flows.costs[:n]],
        "planned_benefit": [] if mismatch else [text(row.planned_benefit) for row in cash.months],
        # A month that is not measured is null, not zero.
        "realised_benefit": [None if (b := flows.realised(k)) is None else text(b) for k in range(n)] if known else [],
        "benefits_known": known,
        "planned_benefits_to_date": "0"
        if mismatch
        else text(finance.total([row.planned_benefit for row in cash.past])),
        "net_interval": figures["net_interval"],
        "changed": changed,
    }
