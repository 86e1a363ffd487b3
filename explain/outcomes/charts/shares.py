"""Where did the value go, and which projects bring it? Bars across, so that names fit on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from explain.outcomes.charts.frame import LINE, Amount, Figure, figure, frame, money_cells, number, safe
from foundation.web.chart_labels import lines_of, wrapped

ROW = 30  # px of a bar with its air
# A grade is a word in the legend and a pattern, never a colour alone.
GRADES: dict[str, tuple[str, str]] = {
    "verified": ("token:yes", ""),
    "measured": ("token:accent", ""),
    "indicative": ("token:accent/0.55", "/"),
    "assumed": ("token:ink-3/0.35", "."),
}


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """One bar: a change (costs below zero) or the total reached so far, whose amount is worked out."""

    label: str
    amount: Decimal = Decimal(0)
    kind: Literal["change", "total"] = "change"


@dataclass(frozen=True, slots=True)
class PortfolioBar:
    """One project: net benefit, its P10 and P90 if known, and how far it may be trusted."""

    name: str
    value: Amount
    grade: str
    low: Amount | None = None
    high: Amount | None = None


def waterfall(steps: Sequence[WaterfallStep], *, currency: str) -> Figure:
    """From gross benefit through dis-benefits, attribution and costs to net; read from top to bottom."""
    amounts: list[float] = []
    rows: list[tuple[str, Decimal, Decimal]] = []
    level = Decimal(0)
    for step in steps:
        if step.kind == "change":
            level += step.amount
        shown = level if step.kind == "total" else step.amount
        amounts.append(float(shown))
        rows.append((step.label, shown, level))
    data = [
        {
            "type": "waterfall",
            "orientation": "h",
            "y": list(range(len(steps))),
            "x": amounts,
            "measure": ["total" if step.kind == "total" else "relative" for step in steps],
            "increasing": {"marker": {"color": "token:yes"}},
            "decreasing": {"marker": {"color": "token:no"}},
            "totals": {"marker": {"color": "token:accent"}},
            "connector": {"line": {"color": "token:line", "width": 1}},
            "customdata": [safe(step.label) for step in steps],
            "hovertemplate": "%{customdata}: %{x:+,.0f}<extra></extra>",
        }
    ]
    layout = across([step.label for step in steps], currency)
    layout["showlegend"] = False
    shown_cells, levels = money_cells([[row[1] for row in rows], [row[2] for row in rows]], currency)
    cells = [(label, *pair) for (label, _, _), *pair in zip(rows, shown_cells, levels, strict=True)]
    headers = ("Step", f"Amount ({currency})", f"Level ({currency})")
    alt = f"From {rows[0][0]} to {rows[-1][0]} in {len(rows)} steps." if rows else "Nothing to show yet."
    return figure(data, layout, headers, cells, alt)


def portfolio_bars(bars: Sequence[PortfolioBar], *, currency: str) -> Figure:
    """Net benefit by project in the order given, with P10 to P90 whiskers and the grade as a pattern."""
    data: list[dict[str, Any]] = []
    known = [grade for grade in GRADES if any(bar.grade == grade for bar in bars)]
    for grade in [*known, *sorted({bar.grade for bar in bars} - set(known))]:
        colour, pattern = GRADES.get(grade, ("token:ink-3/0.35", "x"))
        chosen = [(place, bar) for place, bar in enumerate(bars) if bar.grade == grade]
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": [place for place, _ in chosen],
                "x": [number(bar.value) for _, bar in chosen],
                "name": safe(grade),
                "marker": {
                    "color": colour,
                    "pattern": {"shape": pattern, "fgcolor": "token:ink-2", "size": 6},
                },
                "error_x": _whiskers([bar for _, bar in chosen]),
                "customdata": [safe(bar.name) for _, bar in chosen],
                "hovertemplate": f"%{{customdata}}: %{{x:,.0f}}<extra>{safe(grade)}</extra>",
            }
        )
    layout = across([bar.name for bar in bars], currency)
    layout["barmode"] = "overlay"
    headers = ("Project", f"Net benefit ({currency})", f"P10 ({currency})", f"P90 ({currency})", "Grade")
    net, low, high = money_cells(
        [[bar.value for bar in bars], [bar.low for bar in bars], [bar.high for bar in bars]], currency
    )
    rows = [(bar.name, net[k], low[k], high[k], bar.grade) for k, bar in enumerate(bars)]
    return figure(data, layout, headers, rows, f"Net benefit of {len(bars)} projects, by grade of evidence.")


def across(labels: Sequence[str], unit: str, row: int = ROW) -> dict[str, Any]:
    """Frame for bars that run from left to right; places are numbers, so that two projects may share a
    name.
    """
    names = [wrapped(label) for label in labels]
    layout = frame(unit, "", height=96 + max(row, LINE * lines_of(names)) * len(labels))
    layout["hovermode"] = "closest"
    layout["xaxis"] |= {
        "showgrid": True,
        "tickformat": "~s",
        "nticks": 4,  # on a telephone a row of names leaves room for no more
        "tickangle": 0,
        "zeroline": True,
        "zerolinecolor": "token:ink-3",
    }
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": names,
        "range": [len(labels) - 0.5, -0.5],
        "showgrid": False,
    }
    return layout


def _whiskers(bars: Sequence[PortfolioBar]) -> dict[str, Any]:
    above, below = [], []
    for bar in bars:
        value, low, high = number(bar.value), number(bar.low), number(bar.high)
        above.append(0.0 if value is None or high is None else max(0.0, high - value))
        below.append(0.0 if value is None or low is None else max(0.0, value - low))
    shown = any(above) or any(below)
    style = {"color": "token:ink-2", "thickness": 1, "width": 4}
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "visible": shown,
        **style,
    }
