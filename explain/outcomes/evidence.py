"""Outcome reports as evidence for a gate: the project's current report, bound by its hash."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from explain.outcomes.charts.of_report import brief_run_chart_of
from explain.outcomes.models import OutcomeReport
from explain.outcomes.services import KIND
from explain.outcomes.shown import chance_text, change_text
from foundation.web.formats import MoneyScale, money_text, number_text
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.evidence import EvidenceKind, Figure, Item, Summary

_NAME = 34  # characters of a KPI's name in a figure


def collect(stage: Stage) -> list[Item]:
    """The current report of the stage's project, if there is one. One query."""
    report = (
        OutcomeReport.objects.filter(project_id=stage.project_id, is_current=True)
        .select_related("project")
        .only("number", "as_of", "grade", "content_hash", "currency", "costs_to_date", "benefits_to_date", "npv",
              "chance_positive", "project__key", "project__name")
        .first()
    )  # fmt: skip
    if report is None:
        return []
    return [
        Item(
            kind=KIND,
            key=f"{KIND}:{report.pk}",
            label=f"Outcome report {report.number}",
            hash=report.content_hash,
            facts={
                "as of": report.as_of.isoformat(),
                "grade": report.get_grade_display(),
                "costs to date": _amount(report.costs_to_date, report.currency),
                "benefits to date": _amount(report.benefits_to_date, report.currency),
                "chance": chance_text(report.chance_positive),
            },
            link=report.get_absolute_url(),
        )
    ]


def recheck(project: Project, keys: list[str]) -> dict[str, str | None]:
    """The hash of each pinned report now, None where it is gone. One query."""
    ids = {key: key.rpartition(":")[2] for key in keys}
    numbers = [int(text) for text in ids.values() if text.isdigit()]
    hashes = dict(
        OutcomeReport.objects.filter(project=project, pk__in=numbers, state=OutcomeReport.State.DONE).values_list(
            "pk", "content_hash"
        )
    )
    return {key: hashes.get(int(text)) if text.isdigit() else None for key, text in ids.items()}


def summarise(project: Project, items: list[Item]) -> Summary | None:
    """Effect, worth, chance and grade of the report that is put forward."""
    numbers = [int(text) for item in items if (text := item.key.rpartition(":")[2]).isdigit()]
    report = OutcomeReport.objects.filter(project=project, pk__in=numbers).order_by("-number").first()
    if report is None or not report.result:
        return None
    kpi = _first_kpi(report.result)
    chart = brief_run_chart_of(kpi, report.result) if kpi else None
    return Summary(
        "explain/outcomes/evidence.html",
        {"report": report, "result": report.result, "chart": chart},
        title="Did it change anything?",
        note="How this is computed",
        link=report.get_absolute_url(),
        figures=_figures(report, kpi),
    )


def _first_kpi(result: dict[str, Any]) -> dict[str, Any] | None:
    """The primary KPI of a result, or its first one."""
    kpis: list[dict[str, Any]] = result["kpis"]
    return next((kpi for kpi in kpis if kpi["is_primary"]), kpis[0] if kpis else None)


def _figures(report: OutcomeReport, kpi: dict[str, Any] | None) -> tuple[Figure, ...]:
    """Effect, worth to date, chance that it pays, and worth over the horizon; what is not known says so."""
    found, currency, figures = [], report.currency, report.result["figures"]
    if kpi is not None:
        effect, interval = kpi["effect"]["effect"], kpi["effect"]["interval"]
        note = f"95 %: {number_text(interval[0])} to {number_text(interval[1])}" if interval else ""
        name = textwrap.shorten(kpi["name"], _NAME, placeholder="…")
        value = "not known" if effect is None else change_text(effect, kpi["unit"])
        found.append(Figure(f"{name}: effect", value, note, kpi["effect"]["status"], 10))
    if report.net_to_date is not None:
        net, note = _with_spread(report.net_to_date, figures["net_interval"], currency)
        found.append(Figure("Net benefit to date", net, note, report.grade, 20))
    if report.chance_positive is not None:
        found.append(Figure("Chance that it pays", chance_text(report.chance_positive), _payback(report), "", 30))
    if report.npv is not None:
        risk = report.result["uncertainty"]
        worth, note = _with_spread(report.npv, (risk["npv"]["p10"], risk["npv"]["p90"]) if risk else None, currency)
        label = f"Net present value, {report.result['horizon_months']} months"
        found.append(Figure(label, worth, note, report.grade, 60))
    return tuple(found)


def _with_spread(amount: Decimal, bounds: Sequence[float] | None, currency: str) -> tuple[str, str]:
    """An amount and its interval, all in one unit."""
    scale = MoneyScale.of([amount, *(bounds or ())], currency, short=True)
    note = f"P10 {scale.text(bounds[0])} to P90 {scale.text(bounds[1])}" if bounds else ""
    return scale.text(amount, signed=True), note


def _payback(report: OutcomeReport) -> str:
    status = report.result["figures"]["payback_status"]
    if status == "never":
        return f"no break-even in {report.result['horizon_months']} months"
    if status == "immediate":
        return "pays from the start"
    months = report.payback_months
    return f"break-even in month {number_text(months, 0)}" if months is not None else ""


def _amount(amount: Decimal | None, currency: str) -> str:
    return "" if amount is None else money_text(amount, currency)


OUTCOME_REPORT = EvidenceKind(
    name=KIND,
    label="Outcome report",
    collect=collect,
    recheck=recheck,
    watches=(KIND,),
    summarise=summarise,
    place=20,
)
