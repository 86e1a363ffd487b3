"""What was promised beside what is planned now and what was realised."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from explain.cases.content.flows import Terms
from explain.cases.models import Promise
from explain.cases.words import figure_text
from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors import current_report
from lifecycle.kpis.cash import cash_by_month
from lifecycle.kpis.models import CashLine

ZERO = Decimal(0)


@dataclass(frozen=True)
class Row:
    """One measure: promised, planned now, realised. None where nothing is known."""

    label: str
    promised: Decimal | None
    planned: Decimal | None
    realised: Decimal | None

    @property
    def kept(self) -> Decimal | None:
        """Realised less promised."""
        return None if self.realised is None or self.promised is None else self.realised - self.promised


@dataclass(frozen=True)
class KpiRow:
    """A promised uplift beside the effect that was measured, both in the unit of the KPI; positive is better."""

    name: str
    kpi: str
    unit: str
    low: Decimal
    mode: Decimal
    high: Decimal
    measured: float | None
    interval: tuple[float, float] | None
    status: str

    @property
    def promised_said(self) -> str:
        """`2 days`."""
        return f"{figure_text(f'{self.mode:f}')} {self.unit}".rstrip()

    @property
    def range_said(self) -> str:
        """`1 to 2.6`, empty where the promise has no range."""
        if self.low == self.high:
            return ""
        return f"{figure_text(f'{self.low:f}')} to {figure_text(f'{self.high:f}')}"


@dataclass(frozen=True)
class Comparison:
    """A promise with its present. Months by their first day; cumulative net in the currency of the promise."""

    promise: Promise
    currency: str
    report: OutcomeReport | None
    as_of: date | None
    to_date: list[Row]
    whole: list[Row]
    kpis: list[KpiRow]
    months: list[date]
    promised: list[Decimal]
    planned: list[Decimal]
    realised: list[Decimal | None]


def compared(promise: Promise) -> Comparison:
    """The promise beside plan and report. Two queries."""
    project, content = promise.project, promise.content
    terms = Terms.of(content["terms"])
    report = current_report(project)
    if report is not None and report.currency != terms.currency:
        report = None  # unlike currencies are never compared
    lines = CashLine.objects.filter(project=project, basis=CashLine.Basis.PLANNED, voided_at__isnull=True)
    table = cash_by_month(lines, terms.last).get(terms.currency)
    plan = {month.month: month for month in table.months} if table else {}
    past = (
        {date.fromisoformat(row["month"]): row for row in report.result["months"] if not row["is_forecast"]}
        if report is not None and report.result
        else {}
    )
    first = min([terms.first, *plan, *past])
    last = max([terms.last, *plan, *past])
    axis = Terms(terms.currency, terms.rate, first, last)
    months = [axis.month(k) for k in range(axis.months)]
    promise_rows = {terms.month(k): row for k, row in enumerate(content["months"])}
    until = max(past, default=None)
    return Comparison(
        promise=promise,
        currency=terms.currency,
        report=report,
        as_of=report.as_of if report is not None and past else None,
        to_date=_rows(promise_rows, plan, past, [month for month in months if until is not None and month <= until]),
        whole=_rows(promise_rows, plan, {}, months),
        kpis=_kpis(content["benefits"], report),
        months=months,
        promised=_running([_net(promise_rows.get(month), "benefit", "cost") for month in months]),
        planned=_running([(plan[m].planned_net or ZERO) if m in plan else ZERO for m in months]) if plan else [],
        realised=_realised(months, past),
    )


def _rows(promised: dict[date, Any], plan: dict[date, Any], past: dict[date, Any], months: list[date]) -> list[Row]:
    if not months:
        return []
    found = []
    for name, label in (("cost", "Costs"), ("benefit", "Benefits")):
        known = [Decimal(past[month][name]) for month in months if month in past and past[month][name] is not None]
        found.append(
            Row(
                label,
                sum((Decimal(promised[month][name]) for month in months if month in promised), ZERO),
                sum((getattr(plan[m], f"planned_{name}") or ZERO for m in months if m in plan), ZERO) if plan else None,
                sum(known, ZERO) if known else None,
            )
        )
    cost, benefit = found

    def net(which: str) -> Decimal | None:
        gained, spent = getattr(benefit, which), getattr(cost, which)
        return None if gained is None or spent is None else gained - spent

    return [*found, Row("Net benefit", net("promised"), net("planned"), net("realised"))]


def _kpis(benefits: list[dict[str, Any]], report: OutcomeReport | None) -> list[KpiRow]:
    measured = {kpi["key"]: kpi for kpi in report.result["kpis"]} if report is not None and report.result else {}
    found = []
    for row in benefits:
        kpi = measured.get(row["kpi"])
        effect = kpi["effect"] if kpi else None
        sign = -1 if kpi and kpi["direction"] == "decrease" else 1
        interval = None
        if effect and effect["interval"]:
            bounds = sorted(sign * bound for bound in effect["interval"])
            interval = (bounds[0], bounds[1])
        found.append(
            KpiRow(
                name=row["name"],
                kpi=row["kpi"],
                unit=row["unit"] or (kpi["unit"] if kpi and kpi["unit"] != "1" else ""),
                low=Decimal(row["uplift_low"] or row["uplift"]),
                mode=Decimal(row["uplift"]),
                high=Decimal(row["uplift_high"] or row["uplift"]),
                measured=None if not effect or effect["effect"] is None else sign * effect["effect"],
                interval=interval,
                status=effect["status"] if effect else "",
            )
        )
    return found


def _net(row: dict[str, Any] | None, gain: str, cost: str) -> Decimal:
    return ZERO if row is None else Decimal(row[gain]) - Decimal(row[cost])


def _running(amounts: list[Decimal]) -> list[Decimal]:
    level, found = ZERO, []
    for amount in amounts:
        level += amount
        found.append(level)
    return found


def _realised(months: list[date], past: dict[date, Any]) -> list[Decimal | None]:
    """As the report counted it: nothing for months that it does not know."""
    found: list[Decimal | None] = []
    for month in months:
        row = past.get(month)
        found.append(Decimal(row["cumulative_realised"]) if row and row["cumulative_realised"] is not None else None)
    return found
