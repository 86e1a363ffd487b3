"""The whole report. Pure: equal inputs and an equal seed give equal JSON to the byte.

What is realised and what is forecast are kept apart throughout: figures "to date" hold months up to the day of the
report only; figures "over the horizon" name their forecast part.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute import finance
from explain.outcomes.compute.report.cash import Cash, Line, lay_out_cash
from explain.outcomes.compute.report.claims import is_disputed
from explain.outcomes.compute.report.effects import KpiOutcome, coming_weight, read_kpi
from explain.outcomes.compute.report.exchange import Exchange, coming_value, into_currency
from explain.outcomes.compute.report.figures import figures_of, roi_interval
from explain.outcomes.compute.report.links import link_tables
from explain.outcomes.compute.report.months import worth
from explain.outcomes.compute.report.retirement import lines_until_retired, months_ahead
from explain.outcomes.compute.report.risk import spread_of
from explain.outcomes.compute.report.steps import variance_table, waterfall_table
from explain.outcomes.compute.report.tables import (
    Flows,
    kpi_table,
    month_table,
    plan_table,
    portfolio_head,
)
from explain.outcomes.compute.report.windows import Window, readings_by_key
from explain.outcomes.compute.report.words import (
    CAVEATS,
    DEFINITIONS,
    GRADE_WHY,
    chance_sentence,
    own_step_sentence,
)
from explain.outcomes.compute.spread import FORMULA_VERSION as UNCERTAINTY_VERSION
from explain.outcomes.compute.statement import FORMULA_VERSION as EFFECT_VERSION

FORMULA_VERSION = "report-3"
SHAPE = "outcome-report/1"
ZERO = Decimal(0)

MEASURED, INDICATIVE, ASSUMED, NOT_ENOUGH, NONE = "measured", "indicative", "assumed", "not_enough_data", ""


def build_report(inputs: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    """All that a report shows, as plain JSON: money and rates as strings, statistics as numbers, None for unknown.

    `inputs`: the shape of `lifecycle.kpis.selectors.inputs_for_report`, with an optional `stopped` (bool), `outputs`
    (metrics of models) and `links` (the KPIs they are tied to), shown and never turned into money. Raises
    CalculationRefused for amounts that are too large to compute with.
    """
    project = inputs["project"]
    currency = str(project["currency"])
    as_of = date.fromisoformat(inputs["as_of"])
    window = Window.read(inputs)
    stopped = bool(inputs.get("stopped", False))
    volumes = readings_by_key(inputs["volumes"])
    others = volumes | readings_by_key(inputs.get("compared", {}))
    # The cases of a KPI of another project are counted as often as the KPI, and are none of this project's KPIs.
    frequencies = {kpi["volume_kpi"]: kpi["frequency"] for kpi in inputs["kpis"] if kpi.get("owner")}
    frequencies |= {kpi["key"]: kpi["frequency"] for kpi in inputs["kpis"]}
    found = [
        read_kpi(kpi, window, others, frequencies, seed)
        for kpi in inputs["kpis"]
        if not (kpi["key"] in others and kpi["baseline"] is None and not kpi["unit_values"])
    ]
    exchange = Exchange(inputs.get("rates"), currency, as_of)
    _say_what_counts(found, exchange)
    best = next((g for g in (MEASURED, INDICATIVE) if any(k.money == "counted" and k.status == g for k in found)), NONE)
    counted = [kpi for kpi in found if kpi.money == "counted" and kpi.status == best]
    lines, booked_late = lines_until_retired(map(Line.read, inputs["cash_lines"]), inputs.get("retirement"))
    cash = lay_out_cash(
        lines,
        as_of=as_of,
        horizon=int(project["horizon_months"]),
        go_live=window.go_live,
        started=date.fromisoformat(project["started_on"]),
        counted={kpi.key for kpi in found if kpi.money == "counted"},
        stopped=stopped,
        exchange=exchange,
    )
    ahead = months_ahead(cash, window, forecast=not stopped)
    flows = _flows(cash, counted, exchange, ahead)
    mismatch = exchange.is_missing
    caveats = _caveats(cash, found, counted, flows, stopped, exchange)
    caveats += _caveats_of_ladder(found, window, booked_late)
    grade = _grade(best, found, cash, window, caveats)
    why_none = _why_no_total(grade, found, flows, mismatch, cash)
    rate = str(project["discount_rate"])
    figures = figures_of(flows, cash, rate, currency, why_none, mismatch)
    risk = None
    if why_none is None and counted:
        risk = spread_of(counted, cash, flows, exchange, rate_per_year=float(Decimal(rate)), seed=seed, ahead=ahead)
        figures["net_interval"] = risk["net_to_date"]
        figures["roi_interval"] = roi_interval(risk["net_to_date"], flows.costs_to_date)
        figures["chance_positive"] = risk["probability_positive"]
    plan = None if mismatch else plan_table(cash, flows, currency, known=why_none is None)
    primary = next((kpi for kpi in found if kpi.kpi["is_primary"]), found[0] if found else None)
    return {
        "shape": SHAPE,
        "formula_version": FORMULA_VERSION,
        "formula_versions": {
            "report": FORMULA_VERSION,
            "effect": EFFECT_VERSION,
            "cash_flow": finance.FORMULA_VERSION,
            "uncertainty": UNCERTAINTY_VERSION,
        },
        "as_of": inputs["as_of"],
        "seed": seed,
        "currency": currency,
        "discount_rate": rate,
        "horizon_months": int(project["horizon_months"]),
        "first_month": cash.months[0].month.isoformat(),
        "months_to_date": cash.last + 1,
        "forecast_months": len(cash.coming),
        "go_live": inputs["go_live"],
        "retirement": inputs.get("retirement"),
        "stopped": stopped,
        "grade": grade,
        "grade_why": GRADE_WHY[grade],
        "figures": figures,
        "kpis": [kpi_table(kpi, currency, is_counted=kpi in counted, as_of=as_of) for kpi in found],
        "months": [] if mismatch else month_table(cash, flows, counted, currency, known=why_none is None),
        "months_expected": flows.months_expected,
        "months_measured": flows.months_measured,
        "plan": plan,
        "variance": [] if mismatch else variance_table(cash, flows, counted, currency, known=why_none is None),
        "waterfall": waterfall_table(cash, flows, counted, currency) if why_none is None else [],
        "uncertainty": risk,
        "outputs": inputs.get("outputs", []),
        "links": link_tables(inputs, window),
        "rates": exchange.table(),
        "caveats": [
            {"code": code, "text": exchange.missing_sentence() if code == "currency_mismatch" else CAVEATS[code]}
            for code in caveats
        ],
        "statements": _statements(
            primary, figures, risk, flows, plan, grade, int(project["horizon_months"]), len(cash.coming)
        ),
        "definitions": DEFINITIONS,
        "portfolio": portfolio_head(cash, flows, figures, primary, currency, mismatch=mismatch, known=why_none is None),
    }


def _say_what_counts(found: list[KpiOutcome], exchange: Exchange) -> None:
    """Set `money` of each KPI; of a chain of derived KPIs only the last that has a value counts."""
    sources = {kpi.kpi["derived_from"] for kpi in found if kpi.has_values and kpi.kpi["derived_from"]}
    for kpi in found:
        if not kpi.has_values:
            kpi.money = "no_value"
        elif kpi.key in sources:
            kpi.money = "counted_in_derived"
        elif kpi.status == NOT_ENOUGH:
            kpi.money = NOT_ENOUGH
        elif not into_currency(kpi, exchange):
            kpi.money = "currency_mismatch"
        else:
            kpi.money = "counted"


def _flows(cash: Cash, counted: list[KpiOutcome], exchange: Exchange, ahead: list[tuple[int, float]]) -> Flows:
    """Benefits by month, cash-releasing ("hard") and whole ("soft"): realised to date, then forecast."""
    flows = Flows(months=len(cash.months), last=cash.last)
    place = {row.month: k for k, row in enumerate(cash.months)}
    for kpi in counted:
        for month in kpi.months:
            k = place[month.month]
            flows.expected.add(k)
            if month.hard is None or month.claimed is None:
                flows.missing.setdefault(k, []).append(kpi.key)
                continue
            flows.measured.add(k)
            flows.hard[k] += month.hard
            flows.soft[k] += month.claimed
            flows.partial = flows.partial or month.measured < month.expected
        improvement, weight = float(kpi.effect["improvement"]), coming_weight(kpi)
        for k, lasting in ahead:
            month_ahead = cash.months[k].month
            value, claimed = coming_value(kpi, month_ahead, exchange), kpi.share_in(month_ahead)
            if value is not None:
                flows.hard[k] += worth(improvement * weight * lasting, value, claimed * kpi.cashable)
                flows.soft[k] += worth(improvement * weight * lasting, value, claimed)
    for k, row in enumerate(cash.past):
        flows.hard[k] += row.booked_benefit
        flows.soft[k] += row.booked_benefit
    if not counted:
        for k, _ in ahead:
            flows.hard[k] += cash.months[k].planned_benefit
            flows.soft[k] += cash.months[k].planned_benefit
    flows.costs = [row.cost for row in cash.months]
    return flows


def _grade(best: str, found: list[KpiOutcome], cash: Cash, window: Window, caveats: list[str]) -> str:
    """How far the figures may be trusted (outcomes, sections 1 and 2.3)."""
    if best:
        return INDICATIVE if best == MEASURED and "costs_from_plan" in caveats else best
    known = [kpi.status for kpi in found if kpi.status != NOT_ENOUGH]
    if known:
        return MEASURED if MEASURED in known else INDICATIVE
    if any(row.booked_benefit for row in cash.past):
        return ASSUMED
    live = window.go_live is not None and window.go_live <= window.as_of
    if live:
        return NOT_ENOUGH if any(kpi.pre or kpi.kpi["series"] for kpi in found) else NONE
    return ASSUMED if any(row.planned_benefit for row in cash.months) else NONE


def _caveats(
    cash: Cash, found: list[KpiOutcome], counted: list[KpiOutcome], flows: Flows, stopped: bool, exchange: Exchange
) -> list[str]:
    codes = {
        "currency_mismatch": exchange.is_missing,
        "rate_substituted": exchange.has_substitutes,
        "claim_disputed": any(is_disputed(kpi.kpi, [row.month for row in kpi.months]) for kpi in counted),
        "costs_from_plan": any(row.cost_from_plan for row in cash.past[:-1]),
        "current_month_from_plan": bool(cash.past) and cash.past[-1].cost_from_plan,
        "benefits_unknown": flows.months_unknown > 0 or flows.partial or bool(flows.missing),
        "booked_twice": cash.dropped_benefits > 0,
        "other_grade": any(kpi.money == "counted" and kpi not in counted for kpi in found),
        "not_demonstrated": any(kpi.effect["verdict"] == "no_change" for kpi in counted),
        "own_step": any(kpi.own for kpi in counted),
        "own_step_unknown": any(kpi.own is None and kpi.details["own_step"] for kpi in counted),
        "beyond_horizon": cash.beyond_horizon,
        "booked_ahead": cash.booked_ahead,
        "counted_in_derived": any(kpi.money == "counted_in_derived" for kpi in found),
        "no_value": any(kpi.money == "no_value" and kpi.status != NOT_ENOUGH for kpi in found),
        "stopped": stopped,
        "value_missing": any(m.units is not None and m.value is None for kpi in counted for m in kpi.months),
    }
    return [code for code, holds in codes.items() if holds]


def _caveats_of_ladder(found: list[KpiOutcome], window: Window, booked_late: bool) -> list[str]:
    codes = {
        "exclusions": any(kpi.details["exclusions"] for kpi in found),
        "retired": window.retired_on is not None and window.retired_on <= window.as_of,
        "booked_after_retirement": booked_late,
    }
    return [code for code, holds in codes.items() if holds]


def _why_no_total(grade: str, found: list[KpiOutcome], flows: Flows, mismatch: bool, cash: Cash) -> str | None:
    """Why there is no benefit to show, or None when there is one."""
    if mismatch:
        return "currency_mismatch"
    if flows.measured or any(row.booked_benefit for row in cash.past):
        return None
    if grade == NONE:
        return "no_outcome"
    if grade in (MEASURED, INDICATIVE):
        return "no_value"
    return "plan_only" if grade == ASSUMED else NOT_ENOUGH


def _statements(
    primary: KpiOutcome | None,
    figures: dict[str, Any],
    risk: dict[str, Any] | None,
    flows: Flows,
    plan: dict[str, Any] | None,
    grade: str,
    horizon: int,
    forecast_months: int,
) -> list[str]:
    """Sentences for a manager, the effect first."""
    said = [f"{primary.kpi['name']}: {primary.effect['statement']}" if primary else GRADE_WHY[NONE]]
    if primary and primary.details["own_step"] and primary.own is None:
        said.append(own_step_sentence(primary.details["own_step"]))
    if grade == NONE and primary:
        said.append(GRADE_WHY[NONE])
    if risk is not None:
        said.append(chance_sentence(risk["probability_positive"], risk["likelihood"], horizon, forecast_months))
    if flows.months_expected:
        said.append(f"{flows.months_measured} of {flows.months_expected} months since go-live are measured.")
    if plan and plan["realisation_rate"] is not None:
        rate = Decimal(plan["realisation_rate"]) * 100
        said.append(f"Of the benefits planned for the measured months, {rate:.0f} % were realised.".replace("-", "−"))
    if figures["payback_status"] == "never":
        said.append("It does not pay back within the horizon.")
    return said
