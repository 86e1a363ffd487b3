"""The report as PDF: figures, charts and tables as on the page. Words reach the typesetter as data."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from explain.outcomes.beside import told_of
from explain.outcomes.charts.of_report import curve_of, link_chart_of, plan_bars_of, run_chart_of, waterfall_of
from explain.outcomes.models import OutcomeReport
from explain.outcomes.shown import HELD_WORDS, change_text, shown
from foundation.web.drawing import drawn
from foundation.web.formats import MoneyScale, day_text, money_text, number_text
from foundation.web.pdf import compile

TEMPLATE = "explain/outcomes/report.typ"


def pdf_of(report: OutcomeReport) -> bytes:
    """A tagged PDF of a done report. The same report, state of its signature and words of rooms above give the same bytes."""
    return compile(TEMPLATE, words_of(report), at=report.finished_at)


def words_of(report: OutcomeReport) -> dict[str, Any]:
    """All that the PDF shows, as plain JSON."""
    stored, result = report.result, shown(report.result)
    charts = [
        ("Is it paying back?", curve_of(stored), 190),
        ("Where did it go?", waterfall_of(stored), 30 + 22 * len(stored["waterfall"])),
        ("Planned and realised benefits", plan_bars_of(stored), 170),
    ]
    signature = report.verified_by
    return {
        "title": f"Outcome report {report.number}: {report.project.name}",
        "question": report.project.question,
        "day": day_text(report.as_of),
        "foot": f"Outcome report {report.number} of {report.project.name}, as of {day_text(report.as_of)}",
        "grade": report.get_grade_display().capitalize(),
        "grade_why": result["grade_why"],
        "basis": f"{report.currency}, {number_text(result['rate_percent'])} % a year, {result['horizon_months']} months",
        "figures": _figures(result),
        "statements": result["statements"],
        "caveats": [caveat["text"] for caveat in result["caveats"]],
        "charts": [
            {"title": title, "drawing": drawn(chart, height=height)} for title, chart, height in charts if chart
        ],
        "beside": [list(pair) for pair in told_of(report.project)],
        "links": [_link(link, stored) for link in stored.get("links", [])],
        "kpis": [_kpi(kpi, stored) for kpi in result["kpis"]],
        "more": [[label, _more(value, unit, report.currency)] for label, value, unit in result["more"]],
        "months": _months(result),
        "definitions": [list(pair) for pair in result["defined"]],
        "signature": None
        if signature is None
        else f"Figures verified by {signature.printed_name}, {signature.role}, on {day_text(signature.signed_at.date())}.",
        "inputs_hash": report.inputs_hash,
        "content_hash": report.content_hash,
        "formulas": ", ".join(stored["formula_versions"].values()),
        "seed": report.seed,
    }


def _figures(result: dict[str, Any]) -> list[list[str]]:
    """Label, value and note of what stands in the head of the page."""
    figures, currency, undefined = result["figures"], result["currency"], result["figures"]["undefined"]
    risk, interval, roi = result["uncertainty"], figures["net_interval"], figures["roi_interval"]
    bounds = (risk["npv"]["p10"], risk["npv"]["p90"]) if risk else ()
    planned = (figures["planned"] or {}).get("npv")
    # The amounts that stand together on the page, so that both write them alike.
    together = [figures[name] for name in ("net_to_date", "costs_to_date", "benefits_to_date")]
    net = MoneyScale.of([*together, *(interval or ())], currency, short=True)
    worth = MoneyScale.of([figures["npv_horizon"], *bounds, figures["npv_forecast"], planned], currency, short=True)

    def spread(scale: MoneyScale, pair: Any) -> str:
        return f"P10 {scale.text(pair[0])} to P90 {scale.text(pair[1])}" if pair else ""

    found = [
        [
            "Net benefit to date",
            _or_why(figures, "net_to_date", lambda v: net.text(v, signed=True)),
            spread(net, interval),
        ],
        [
            "ROI to date",
            _or_why(figures, "roi_percent", lambda v: f"{number_text(Decimal(v), 0)} %"),
            f"P10 {number_text(roi[0], 0)} % to P90 {number_text(roi[1], 0)} %" if roi else "",
        ],
        [
            f"Net present value, {result['horizon_months']} months",
            _or_why(figures, "npv_horizon", lambda v: worth.text(v, signed=True)),
            spread(worth, bounds),
        ],
        ["Pays back", _payback(result), f"chance to be worth it: {result['chance_shown']}"],
    ]
    found[3][2] = found[3][2] if figures["chance_positive"] is not None else str(undefined.get("payback", ""))
    return found


def _or_why(figures: dict[str, Any], name: str, words: Any) -> str:
    value = figures[name]
    return str(figures["undefined"].get(name, "not known")) if value is None else str(words(value))


def _payback(result: dict[str, Any]) -> str:
    status, months = result["figures"]["payback_status"], result["figures"]["payback"]
    if status == "never":
        return f"not in {result['horizon_months']} months"
    if status == "immediate":
        return "from the start"
    return "not known" if months is None else f"month {number_text(Decimal(months), 1)}"


def _kpi(kpi: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    effect, unit = kpi["effect"], kpi["unit"]
    chart = run_chart_of(kpi, stored)
    facts = [["Method", effect["why"]]]
    if effect["effect"] is not None:
        low, high = effect["interval"]
        facts += [
            [
                "Effect",
                f"{change_text(effect['effect'], unit)}, 95 % interval {number_text(low)} to {number_text(high)}",
            ],
            ["Mean", f"{number_text(effect['pre_mean'])} before, {number_text(effect['post_mean'])} after"],
        ]
    if kpi["target"]:
        facts.append(["Target", f"{number_text(kpi['target']['value'])} by {kpi['target']['due_on']}"])
    if kpi["benefit_hard"] is not None:
        facts.append(["Worth to date", money_text(kpi["benefit_hard"], stored["currency"], whole=True)])
    return {
        "name": kpi["name"],
        "grade": effect["status"].replace("_", " "),
        "statement": effect["statement"],
        "facts": facts,
        "drawing": drawn(chart, height=180) if chart else None,
        "simulated": kpi["simulated"],
    }


def _link(link: dict[str, Any], stored: dict[str, Any]) -> dict[str, Any]:
    chart, unit = link_chart_of(link, stored), "" if link["unit"] == "1" else f" {link['unit']}"
    expected = f"{change_text(link['expected'], link['unit'])} for each {link['point']:g} more"
    expected += "; the team expects this KPI to get worse" if link["against"] else ""
    uses = []
    for use in link["uses"]:
        metric = "not stated" if use["metric"] is None else number_text(use["metric"], 4)
        level = use["why"] or "–"
        if use["interval"] is not None:
            low, high = (number_text(bound) for bound in use["interval"])
            level = f"{number_text(use['mean'])}{unit}, 95 % interval {low} to {high}"
        uses.append(
            [f"Version {use['version']}", f"{link['metric']} {metric}, {use['first']} to {use['last']}: {level}"]
        )
    return {
        "title": f"{link['metric']} and {link['kpi_name']}",
        "sentence": link["sentence"],
        "facts": [["Hypothesis", link["hypothesis"]], ["Expected", expected], ["Seen", _seen(link)], *uses],
        "drawing": drawn(chart, height=180) if chart else None,
    }


def _seen(link: dict[str, Any]) -> str:
    """What the KPI did for each point of the metric, and whether that is what was expected."""
    word = HELD_WORDS[link["held"]]
    if link["observed"] is None or link["interval"] is None:
        return word
    low, high = (number_text(bound) for bound in link["interval"])
    return f"{change_text(link['observed'], link['unit'])} for each, 95 % interval {low} to {high}: {word}"


def _more(value: Any, unit: str, currency: str) -> str:
    return money_text(value, currency, whole=True) if unit == "money" else str(value)


def _months(result: dict[str, Any]) -> list[list[str]]:
    names = ("planned_cost", "cost", "planned_benefit", "benefit", "forecast_benefit")
    rows = []
    for row in result["months"]:
        running = row["cumulative_forecast"] if row["cumulative_realised"] is None else row["cumulative_realised"]
        amounts = ["" if row[name] is None else number_text(row[name], 0) for name in names]
        if row["benefit"] is None and not row["is_forecast"]:
            amounts[3] = "unknown"
        month = row["month"][:7] + (" *" if row["is_forecast"] else "")
        rows.append([month, *amounts, "–" if running is None else number_text(running, 0)])
    return rows
