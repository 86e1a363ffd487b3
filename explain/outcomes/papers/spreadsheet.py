"""The report as XLSX: the numbers of the page as numbers, with their definitions beside them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.beside import told_of
from explain.outcomes.models import OutcomeReport
from explain.outcomes.papers.link_sheets import link_sheets
from explain.outcomes.shown import DEFINED
from foundation.web.workbook import Column, Sheet, workbook

Result = dict[str, Any]


def spreadsheet_of(report: OutcomeReport) -> bytes:
    """The file of a done report. The same report gives the same tables, but for what rooms above tell of its project."""
    return workbook(
        sheets_of(report),
        title=f"Outcome report {report.number} of {report.project.name}",
        at=report.finished_at,
    )


def sheets_of(report: OutcomeReport) -> list[Sheet]:
    """All tables of a done report; those without rows are left out."""
    result = report.result
    made = [
        _summary(report),
        _kpis(result),
        _months(result),
        _steps(result),
        _variance(result),
        _drivers(result),
        _readings(result),
        *link_sheets(result),
        _definitions(result),
    ]
    return [sheet for sheet in made if sheet.rows]


def _summary(report: OutcomeReport) -> Sheet:
    result, figures = report.result, report.result["figures"]
    risk, undefined, currency = result["uncertainty"], figures["undefined"], result["currency"]
    horizon = result["horizon_months"]
    npv = (risk["npv"]["p10"], risk["npv"]["p90"]) if risk else (None, None)

    def row(label: str, name: str, unit: str, low: Any = None, high: Any = None) -> list[Any]:
        value = figures[name]
        return [label, _number(value), unit, low, high, undefined.get(name, "") if value is None else ""]

    planned = figures["planned"] or {}
    rows: list[list[Any]] = [
        ["Project", report.project.name, "", None, None, ""],
        ["As of", report.as_of, "", None, None, "What was known at the end of that day"],
        ["Grade", report.get_grade_display(), "", None, None, result["grade_why"]],
        row("Net benefit to date", "net_to_date", currency, *(figures["net_interval"] or (None, None))),
        row("Benefits to date", "benefits_to_date", currency),
        row("Benefits to date with freed time", "benefits_to_date_soft", currency),
        row("Costs to date", "costs_to_date", currency),
        row("ROI to date", "roi_percent", "%", *(figures["roi_interval"] or (None, None))),
        row("ROI to date with freed time", "roi_percent_soft", "%"),
        row("Discounted ROI to date", "discounted_roi_percent", "%"),
        row("Net present value to date", "npv_to_date", currency),
        row(f"Net present value, {horizon} months", "npv_horizon", currency, *npv),
        row("of it forecast", "npv_forecast", currency),
        ["Internal rate of return", _share(figures["irr_annual"]), "% a year", None, None, _why_no_rate(figures)],
        row("Pays back in month", "payback", "months"),
        row("First crossing", "first_crossing", "months"),
        row("Discounted payback", "discounted_payback", "months"),
        ["Chance that it pays", _share(figures["chance_positive"]), "%", None, None, ""],
        ["Planned net to date", _number(planned.get("net_to_date")), currency, None, None, ""],
        [f"Planned net present value, {horizon} months", _number(planned.get("npv")), currency, None, None, ""],
        ["Discount rate", _share(result["discount_rate"]), "% a year", None, None, ""],
        ["Months measured", result["months_measured"], f"of {result['months_expected']}", None, None, ""],
        ["Formulas", ", ".join(result["formula_versions"].values()), "", None, None, ""],
        ["Seed", report.seed, "", None, None, "The same seed draws the same numbers again"],
        ["Fingerprint of the inputs", report.inputs_hash, "", None, None, ""],
        ["Fingerprint of the content", report.content_hash, "", None, None, ""],
        *[["Reservation", caveat["text"], "", None, None, ""] for caveat in result["caveats"]],
        *[[label, "", "", None, None, sentence] for label, sentence in told_of(report.project)],
    ]
    columns = [
        Column("Figure"), Column("Value", "money", currency), Column("Unit"), Column("P10", "money", currency),
        Column("P90", "money", currency), Column("Note"),
    ]  # fmt: skip
    return Sheet("Summary", columns, rows, f"Outcome report {report.number}. {' '.join(result['statements'])}")


def _kpis(result: Result) -> Sheet:
    currency = result["currency"]
    columns = [
        Column("KPI"), Column("Unit"), Column("Better"), Column("Grade"), Column("Method"),
        Column("Baseline from", "date"), Column("Baseline to", "date"), Column("Baseline mean", "number"),
        Column("Mean after", "number"), Column("Effect", "number"), Column("Effect from (95 %)", "number"),
        Column("Effect to (95 %)", "number"), Column("Better by %", "percent"),
        Column("Would have shown", "number"), Column("Target", "number"), Column("Way to the target %", "percent"),
        Column("Share claimed %", "percent"), Column("Benefit to date", "money", currency),
        Column("Benefit with freed time", "money", currency), Column("What may be said"),
    ]  # fmt: skip
    rows = []
    for kpi in result["kpis"]:
        effect, base, target = kpi["effect"], kpi["baseline"], kpi["target"]
        low, high = effect["interval"] or (None, None)
        rows.append(
            [
                kpi["name"], "count" if kpi["unit"] == "1" else kpi["unit"],
                "higher" if kpi["direction"] == "increase" else "lower", effect["status"].replace("_", " "), effect["why"],
                _day(base and base["starts_on"]), _day(base and base["ends_on"]), effect["pre_mean"],
                effect["post_mean"], effect["effect"], low, high, _share(effect["relative"]),
                effect["minimum_detectable_effect"], target["value"] if target else None,
                _share(target["progress"]) if target else None, _share(kpi["attribution"]),
                _number(kpi["benefit_hard"]), _number(kpi["benefit_soft"]), effect["statement"],
            ]
        )  # fmt: skip
    return Sheet("KPIs", columns, rows)


def _months(result: Result) -> Sheet:
    currency = result["currency"]
    amounts = {
        "planned_cost": "Planned cost",
        "cost": "Cost",
        "planned_benefit": "Planned benefit",
        "benefit": "Realised benefit",
        "benefit_soft": "Realised with freed time",
        "forecast_benefit": "Forecast benefit",
        "cumulative_planned": "Cumulative planned net",
        "cumulative_realised": "Cumulative realised net",
        "cumulative_forecast": "Cumulative forecast net",
    }
    columns = [
        Column("Month", "month"),
        *(Column(name, "money", currency) for name in amounts.values()),
        Column("Note"),
    ]
    rows = [
        [_day(row["month"]), *(_number(row[name]) for name in amounts), _note_of_month(row)] for row in result["months"]
    ]
    return Sheet("Months", columns, rows, f"Amounts in {currency}")


def _note_of_month(row: Result) -> str:
    notes = ["forecast"] if row["is_forecast"] else []
    notes += ["cost from the plan"] if row["cost_from_plan"] else []
    notes += ["not measured: " + ", ".join(row["unknown"])] if row["unknown"] else []
    return "; ".join(notes)


def _steps(result: Result) -> Sheet:
    columns = [Column("Step"), Column("Amount", "money", result["currency"])]
    rows = [[step["label"], _number(step["amount"])] for step in result["waterfall"]]
    return Sheet("Where it went", columns, rows, f"From gross to net, to date, in {result['currency']}")


def _variance(result: Result) -> Sheet:
    columns = [Column("Against the plan"), Column("Amount", "money", result["currency"])]
    rows = [[row["label"], _number(row["amount"])] for row in result["variance"]]
    return Sheet("Against the plan", columns, rows, "Worst first; the rows sum to the whole difference to date")


def _drivers(result: Result) -> Sheet:
    currency, risk = result["currency"], result["uncertainty"] or {}
    columns = [Column("Driver"), Column("At P10", "money", currency), Column("At P90", "money", currency)]
    rows = [[bar["driver"], _number(bar["at_p10"]), _number(bar["at_p90"])] for bar in risk.get("tornado", [])]
    return Sheet("What moves it", columns, rows, "Net present value over the horizon with one driver changed")


def _readings(result: Result) -> Sheet:
    columns = [Column("KPI"), Column("Period", "date"), Column("Value", "number"), Column("Unit"), Column("Phase")]
    rows = [
        [kpi["name"], _day(day), value, "count" if kpi["unit"] == "1" else kpi["unit"], phase]
        for kpi in result["kpis"]
        for name, phase in (("before", "baseline"), ("between", "between"), ("after", "after"))
        for day, value in kpi[name]
    ]
    return Sheet("Readings", columns, rows)


def _definitions(result: Result) -> Sheet:
    rows = [[DEFINED.get(name, name), text] for name, text in result["definitions"].items()]
    return Sheet("Definitions", [Column("Figure"), Column("Definition")], rows)


def _number(text: Any) -> Any:
    """Money is text in a result; everything else is a number already."""
    return Decimal(text) if isinstance(text, str) else text


def _share(value: Any) -> Any:
    number = _number(value)
    return None if number is None else 100 * number


def _day(text: str | None) -> date | None:
    return None if not text else date.fromisoformat(text)


def _why_no_rate(figures: Result) -> str:
    irr = figures["irr"]
    if figures["irr_annual"] is not None:
        return ""
    if irr is not None and irr["status"] == "multiple":
        return "not unique"
    return str(figures["undefined"].get("irr_annual", figures["undefined"].get("irr", "")))
