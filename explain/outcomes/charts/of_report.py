"""The charts of one report, drawn from its stored result: the page computes nothing anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.charts.frame import Figure
from explain.outcomes.charts.link import link_chart
from explain.outcomes.charts.run import run_chart
from explain.outcomes.charts.shares import WaterfallStep, waterfall
from explain.outcomes.charts.value import j_curve, planned_v_realised
from foundation.web.formats import number_text

BRIEF = 220  # px, so that a decision page shows more than the chart
_APART = 0.1  # share of the height that two lines of text need


def curve_of(result: dict[str, Any]) -> Figure | None:
    """J-curve with plan, realised, forecast and P10 to P90; None where no total is known."""
    months = result["months"]
    if not any(row["cumulative_realised"] is not None for row in months) and not any(
        Decimal(row["cumulative_planned"]) for row in months
    ):
        return None
    realised = [_amount(row["cumulative_realised"]) for row in months]
    forecast = [_amount(row["cumulative_forecast"]) for row in months]
    # The forecast begins at the last realised month, so that the two lines meet.
    last = result["months_to_date"] - 1
    if any(amount is not None for amount in forecast) and 0 <= last < len(forecast):
        forecast[last] = realised[last]
    figures, risk = result["figures"], result["uncertainty"]
    planned = figures["planned"]
    return j_curve(
        [_amount(row["cumulative_planned"]) for row in months] if planned else [],
        realised,
        currency=result["currency"],
        spread=[(low, high) for low, high in risk["band"]] if risk else (),
        break_even=_within(figures["payback"], figures["payback_status"]),
        planned_break_even=_within(planned["payback"], planned["payback_status"]) if planned else None,
        forecast=forecast if any(amount is not None for amount in forecast) else (),
    )


def plan_bars_of(result: dict[str, Any]) -> Figure | None:
    """Planned against realised benefits by month to date; None without a plan or without figures."""
    if result["plan"] is None:
        return None
    past = [row for row in result["months"] if not row["is_forecast"]]
    return planned_v_realised(
        [row["month"][:7] for row in past],
        [_amount(row["planned_benefit"]) for row in past],
        [_amount(row["benefit"]) for row in past],
        currency=result["currency"],
        measure="benefit",
    )


def waterfall_of(result: dict[str, Any]) -> Figure | None:
    """From gross benefit to net to date; None where there is no benefit to start from."""
    steps = [
        WaterfallStep(row["label"], Decimal(row["amount"]), "total" if row["kind"] == "total" else "change")
        for row in result["waterfall"]
    ]
    return waterfall(steps, currency=result["currency"]) if steps else None


def run_chart_of(kpi: dict[str, Any], result: dict[str, Any]) -> Figure | None:
    """The KPI over time with its baseline, target, go-live and what it would have been; None without readings."""
    rows = sorted([*kpi["before"], *kpi["between"], *kpi["after"]])
    if not any(value is not None for _, value in rows):
        return None
    baseline, live, target = kpi["baseline"], result["go_live"], kpi["target"]
    counterfactual = _counterfactual_of(kpi)
    as_of = _day(result["as_of"])
    went_live = _day(live["on"]) if live else None
    return run_chart(
        [(_day(day), value) for day, value in rows],
        name=kpi["name"],
        unit="" if kpi["unit"] == "1" else kpi["unit"],
        baseline=(_day(baseline["starts_on"]), _day(baseline["ends_on"])) if baseline else None,
        target=target["value"] if target else None,
        go_live=went_live if went_live and went_live <= as_of else None,
        ramp_end=_day(live["ramp_until"]) if live and live["ramp_until"] else None,
        counterfactual=counterfactual,
        as_of=as_of,
    )


def link_chart_of(link: dict[str, Any], result: dict[str, Any]) -> Figure | None:
    """The KPI and the metric of the version in use over time; None where there is neither.

    Versions before go-live are drawn as one step that begins there: until then none was in use.
    """
    live, as_of = result["go_live"], _day(result["as_of"])
    went_live = _day(live["on"]) if live and _day(live["on"]) <= as_of else None
    turns = [(_day(day), version, value) for day, version, value in link["steps"]]
    if went_live is not None:
        early = [turn for turn in turns if turn[0] <= went_live]
        turns = [(went_live, *turn[1:]) for turn in early[-1:]] + [turn for turn in turns if turn[0] > went_live]
    if not link["series"] and not turns:
        return None
    return link_chart(
        [(_day(day), value) for day, value in link["series"]],
        turns,
        kpi=link["kpi_name"],
        unit="" if link["unit"] == "1" else link["unit"],
        metric=link["metric"],
        go_live=went_live,
        until=as_of,
    )


def _counterfactual_of(kpi: dict[str, Any]) -> list[tuple[date, float, float, float]]:
    """What each period after would have been, with the band of a single period; reports before report-2 hold only the
    level, and their band is that of the mean.
    """
    effect = kpi["effect"]
    if "counterfactual" in kpi:
        return [(_day(day), value, low, high) for day, value, low, high in kpi["counterfactual"]]
    if effect["interval"] is None or not kpi["after"]:
        return []
    level, reach = effect["pre_mean"], (effect["interval"][1] - effect["interval"][0]) / 2
    return [(_day(kpi["after"][place][0]), level, level - reach, level + reach) for place in (0, -1)]


def brief_run_chart_of(kpi: dict[str, Any], result: dict[str, Any]) -> Figure | None:
    """The same, low enough for a decision page: neither legend nor marks of single readings,
    baseline and target named beside their lines.
    """
    chart = run_chart_of(kpi, result)
    if chart is None:
        return None
    effect, target = kpi["effect"], kpi["target"]
    marks = [(effect["pre_mean"], f"baseline {number_text(effect['pre_mean'])}", "token:ink-2")]
    if target is not None:
        marks.append((target["value"], f"target {number_text(target['value'])}", "token:yes"))
    known = sorted(mark for mark in marks if mark[0] is not None)
    values = [value for _, value in [*kpi["before"], *kpi["between"], *kpi["after"]] if value is not None]
    levels = [*values, *(level for level, _, _ in known)]
    span = (max(levels) - min(levels)) or 1.0
    close = len(known) == 2 and (known[1][0] - known[0][0]) / span < _APART
    chart["data"] = [
        {**trace, "mode": "lines"} if trace.get("mode") == "lines+markers" else trace
        for trace in chart["data"]
        if trace.get("mode") != "markers"
    ]
    layout = chart["layout"]
    layout["height"], layout["showlegend"] = BRIEF, False
    layout["xaxis"] |= {"nticks": 4}
    layout["margin"] |= {"r": 92 if known else 12}
    layout["annotations"] += [
        {
            "x": 1.0, "y": level, "xref": "paper", "yref": "y", "text": text, "showarrow": False, "xanchor": "left",
            "yanchor": "middle", "xshift": 6, "yshift": 8 * (2 * place - 1) if close else 0, "align": "left",
            "font": {"color": colour, "size": 12},
        }
        for place, (level, text, colour) in enumerate(known)
    ]  # fmt: skip
    return chart


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _within(months: str | None, status: str | None) -> Decimal | None:
    return Decimal(months) if months is not None and status == "within" else None


def _day(text: str) -> date:
    return date.fromisoformat(text)
