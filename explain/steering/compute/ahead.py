"""What lies ahead of a report, read from its stored result. Computes no effect and knows no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.finance import net_present_value, total
from explain.outcomes.compute.money import round_money

NONE, NOT_ENOUGH, ASSUMED = "", "not_enough_data", "assumed"
TREND_MONTHS = 3  # newest measured months, held against all before; as many must lie before


@dataclass(frozen=True)
class Ahead:
    """The figures that a suggestion goes by. Money in `currency`, None for what is not known.

    `costs`, `benefits`: sums over the `months` ahead, undiscounted; `npv`: their net present value, the next month
    undiscounted. `chance`: that this worth is above zero, 0 to 1. `spent`: costs to date, shown and never counted.
    `realised`: realised / planned benefits of the measured months; `before`, `lately`: the same of the newest
    TREND_MONTHS months and of those before them. `worsened`, `unshown`: sentences on KPIs that got worse for certain,
    and on counted ones whose change may be chance. `missing`: why nothing can be suggested, one sentence each.
    `days_old`: since the day of the report.
    """

    grade: str
    currency: str
    months: int = 0
    costs: Decimal | None = None
    benefits: Decimal | None = None
    npv: Decimal | None = None
    chance: float | None = None
    spent: Decimal | None = None
    realised: Decimal | None = None
    before: Decimal | None = None
    lately: Decimal | None = None
    worsened: tuple[str, ...] = ()
    unshown: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    days_old: int = 0


def ahead_of(result: Mapping[str, Any], grade: str, today: date) -> Ahead:
    """The figures ahead of a stored report; `grade` is the report's own, which a signature may have raised."""
    currency, figures = str(result["currency"]), result["figures"]
    rows = [row for row in result["months"] if row["is_forecast"]]
    costs = [Decimal(row["cost"]) for row in rows]
    # Before anything is measured the plan is what lies ahead.
    benefits = [Decimal(row["forecast_benefit"] or (row["planned_benefit"] if grade == ASSUMED else 0)) for row in rows]
    risk = result["uncertainty"]
    looked = None if risk is None else risk.get("ahead")
    npv = None
    if rows:
        flows = [benefit - cost for benefit, cost in zip(benefits, costs, strict=True)]
        npv = round_money(net_present_value(flows, Decimal(result["discount_rate"]), "month"), currency)
    before, lately = _trend(result["months"])
    plan = result["plan"]
    rate = None if plan is None else plan["realisation_rate"]
    return Ahead(
        grade=grade,
        currency=currency,
        months=len(rows),
        costs=total(costs) if rows else None,
        benefits=total(benefits) if rows else None,
        npv=npv,
        chance=None if looked is None else float(looked["probability_positive"]),
        spent=None if figures["costs_to_date"] is None else Decimal(figures["costs_to_date"]),
        realised=None if rate is None else Decimal(rate),
        before=before,
        lately=lately,
        worsened=_said(result, "worsened", counted_only=False),
        unshown=_said(result, "no_change", counted_only=True),
        missing=_missing(result, grade, rows, risk),
        days_old=max(0, (today - date.fromisoformat(result["as_of"])).days),
    )


def _trend(months: list[dict[str, Any]]) -> tuple[Decimal | None, Decimal | None]:
    """Realised / planned of the earlier and of the newest measured months; None where too few have a plan."""
    rows = [
        (Decimal(row["benefit"]), Decimal(row["planned_benefit"]))
        for row in months
        if not row["is_forecast"] and row["benefit"] is not None and Decimal(row["planned_benefit"]) > 0
    ]
    if len(rows) < 2 * TREND_MONTHS:
        return None, None
    halves = rows[:-TREND_MONTHS], rows[-TREND_MONTHS:]
    first, last = (sum(row[0] for row in half) / sum(row[1] for row in half) for half in halves)
    return Decimal(first), Decimal(last)


def _said(result: Mapping[str, Any], verdict: str, *, counted_only: bool) -> tuple[str, ...]:
    return tuple(
        f"{kpi['name']}: {kpi['effect']['statement']}"
        for kpi in result["kpis"]
        if kpi["effect"]["verdict"] == verdict and (kpi["is_counted"] or not counted_only)
    )


def _missing(
    result: Mapping[str, Any], grade: str, rows: list[dict[str, Any]], risk: Mapping[str, Any] | None
) -> tuple[str, ...]:
    """Sentences: what is missing, and what to do."""
    if result["stopped"]:
        return ("The project is stopped, so nothing lies ahead to decide on.",)
    if grade == NONE:
        return (
            "No outcome is measured. Freeze the baseline of a KPI, record readings after go-live, and compute a new report.",
        )
    if grade == NOT_ENOUGH:
        lacking = tuple(
            f"{kpi['name']}: {kpi['effect']['statement']}"
            for kpi in result["kpis"]
            if kpi["effect"]["status"] == NOT_ENOUGH
        )
        return (*(lacking or ("There are too few readings to say anything about the effect.",)), "Measure longer.")
    if not result["months"]:
        return ("Amounts in other currencies have no exchange rate, so there is no total. Record the rates.",)
    if not rows:
        return (f"The {result['horizon_months']} months of the plan are over. Lengthen the horizon, and plan ahead.",)
    why = result["figures"]["undefined"].get("net_to_date")
    if grade != ASSUMED and result["figures"]["benefits_to_date"] is None:
        return (f"The benefits ahead are not known in money: {why}. Record what a unit is worth.",)
    if grade != ASSUMED and risk is not None and "ahead" not in risk:
        return ("The report was computed before the portal drew the months ahead by themselves. Compute a new report.",)
    if not any(Decimal(row["forecast_benefit"] or row["planned_benefit"]) or Decimal(row["cost"]) for row in rows):
        return ("Neither costs nor benefits are planned ahead. Record them under Money.",)
    return ()
