"""Figures of a case from plain data: what drives it, how it pays back, and the promise beside the present."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from explain.cases.figures import bars_of
from explain.cases.selectors.comparison import Comparison
from explain.outcomes.charts import j_curve
from explain.outcomes.charts.frame import LINE, Figure, figure, frame, line, money_cells, number, room_for, safe
from foundation.web.chart_labels import lines_of, wrapped

ROW = 34  # px of a bar with its air
MOST_BARS, BRIEF_BARS = 10, 3


def tornado(result: Mapping[str, Any], currency: str, most: int = MOST_BARS) -> Figure | None:
    """Net present value with one driver at its P10 and at its P90, the others at their middle; the widest first."""
    bars = bars_of(result)[:most]
    if not bars:
        return None
    names = [wrapped(name) for name, _, _ in bars]
    data: list[dict[str, Any]] = []
    for label, colour, place in (
        ("driver at its P10", "token:ink-3/0.45", 1),
        ("driver at its P90", "token:accent", 2),
    ):
        middle = [_middle(result)] * len(bars)
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": list(range(len(bars))),
                "base": middle,
                "x": [float(bar[place]) - start for bar, start in zip(bars, middle, strict=True)],
                "name": label,
                "marker": {"color": colour},
                "customdata": [[safe(bar[0]), float(bar[place])] for bar in bars],
                "hovertemplate": "%{customdata[0]}: %{customdata[1]:,.0f}<extra>" + label + "</extra>",
            }
        )
    layout = frame(
        f"net present value ({currency})", "", height=110 + max(ROW, LINE * lines_of(names) + 10) * len(bars)
    )
    layout |= {"barmode": "overlay", "hovermode": "closest", "bargap": 0.35}
    layout["xaxis"] |= {
        "showgrid": True,
        "tickformat": "~s",
        "nticks": 4,
        "tickangle": 0,
        "zeroline": True,
        "zerolinecolor": "token:ink-3",
    }
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(len(bars))),
        "ticktext": names,
        "range": [len(bars) - 0.5, -0.5],
        "showgrid": False,
    }
    low, high = money_cells([[bar[1] for bar in bars], [bar[2] for bar in bars]], currency)
    rows = [(bar[0], low[k], high[k]) for k, bar in enumerate(bars)]
    headers = ("Driver", f"Value at its P10 ({currency})", f"Value at its P90 ({currency})")
    return figure(
        data, layout, headers, rows, f"{bars[0][0]} moves the value most, among {len(bars)} uncertain drivers."
    )


def brief_tornado(result: Mapping[str, Any], currency: str) -> Figure | None:
    """The widest drivers only, low enough for a decision page."""
    return tornado(result, currency, BRIEF_BARS)


def payback_curve(result: Mapping[str, Any], currency: str, base: Mapping[str, Any] | None = None) -> Figure:
    """Cumulative net benefit by month at the likeliest figures with its P10 to P90; `base`: the plan it is held against."""
    drawn = result["uncertainty"]
    spread = [(Decimal(row["p10"]), Decimal(row["p90"])) for row in drawn["band"]] if drawn else []
    levels = [Decimal(row["cumulative"]) for row in result["months"]]
    payback = result["cash_flow"]["payback"] if result["cash_flow"]["payback_status"] == "within" else None
    chart = j_curve(
        [Decimal(row["cumulative"]) for row in base["months"]] if base else [],
        levels,
        currency=currency,
        spread=spread,
        break_even=Decimal(payback) if payback is not None else None,
    )
    for trace in chart["data"]:
        if trace.get("name") == "realised":
            trace |= {"name": "what-if" if base else "likeliest", "mode": "lines"}
        elif trace.get("name") == "plan":
            trace["name"] = "as written"
    headers = chart["table"]["headers"]
    chart["table"]["headers"] = [
        header.replace("Plan", "As written").replace("Realised", "What-if" if base else "Likeliest")
        for header in headers
    ]
    if not base:  # no empty column
        for row in (chart["table"]["headers"], *chart["table"]["rows"]):
            del row[1]
    return chart


def promise_curve(comparison: Comparison) -> Figure:
    """Cumulative net benefit: promised at the gate, planned now, realised."""
    months = [month.isoformat() for month in comparison.months]
    data = [line(months, [number(x) for x in comparison.promised], "promised", "token:ink-3", "dash")]
    if comparison.planned:
        data.append(line(months, [number(x) for x in comparison.planned], "planned now", "token:stale", "dot"))
    if any(level is not None for level in comparison.realised):
        data.append(line(months, [number(x) for x in comparison.realised], "realised", "token:accent"))
    layout = frame("", f"cumulative net ({comparison.currency})", height=room_for(data))
    layout["xaxis"] |= {"type": "date", "tickangle": 0, "nticks": 5, "tickformat": "%b<br>%Y", "hoverformat": "%b %Y"}
    layout["yaxis"] |= {"tickformat": "~s", "zeroline": True, "zerolinecolor": "token:ink-3"}
    planned: list[Decimal | None] = [*comparison.planned] or [None] * len(months)
    columns = money_cells([comparison.promised, planned, comparison.realised], comparison.currency)
    rows = [[f"{month:%Y-%m}", *(column[k] for column in columns)] for k, month in enumerate(comparison.months)]
    unit = comparison.currency
    headers = ("Month", f"Promised ({unit})", f"Planned now ({unit})", f"Realised ({unit})")
    return figure(data, layout, headers, rows, f"Promised, planned and realised net benefit over {len(months)} months.")


def _middle(result: Mapping[str, Any]) -> float:
    """Where the bars meet: value with every driver at its middle; between each driver's P10 and P90."""
    drawn = result["uncertainty"]
    return float(drawn["npv"]["p50"])
