"""What the charts of this room share: a frame with colour tokens, lines, dots with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any, Final

from explain.attributions.performance.shapes import Estimate, Rate
from foundation.web.chart_labels import wrapped

CONFIG: Final = {"displayModeBar": False, "responsive": True}


def layout(x_title: str, y_title: str, *, height: int = 320, legend: int = 0) -> dict[str, Any]:
    """A layout without a title; `legend` is the number of its entries, each of which takes a line on a phone."""
    axis = {"automargin": True, "gridcolor": "token:line", "zeroline": False, "fixedrange": True, "nticks": 6}
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 12, "color": "token:ink-2"},
        "height": height + 22 * legend,
        "margin": {"l": 8, "r": 12, "t": 8, "b": 8},
        "hovermode": "closest",
        "showlegend": legend > 0,
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "yref": "container", "y": 0, "yanchor": "bottom"},
        "xaxis": {**axis, "title": {"text": wrapped(x_title, 26), "standoff": 8}},
        "yaxis": {**axis, "title": {"text": escape(y_title, quote=False), "standoff": 8}},
    }


def shares(axis: dict[str, Any], least: float = 0.0, most: float = 1.0) -> None:
    """Make an axis one of shares, in per cent."""
    air = 0.02 * (most - least)
    axis |= {"range": [least - air, most + air], "tickformat": ".0%" if most - least > 0.05 else ".1%"}


def line(
    x: Sequence[float], y: Sequence[float], name: str, colour: str = "token:accent", **more: Any
) -> dict[str, Any]:
    """A line; `dash` and `shape` are those of the line."""
    drawn = {"color": colour, "width": 2} | {key: more.pop(key) for key in ("dash", "shape") if key in more}
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": list(y),
        "name": escape(name, quote=False),
        "line": drawn,
        "hovertemplate": "%{x:.1%}, %{y:.1%}<extra></extra>",
        **more,
    }


def chance_line(name: str, x: Sequence[float], y: Sequence[float]) -> dict[str, Any]:
    """What would be without a model, or with a perfect one: a thin dashed line that answers no mouse."""
    drawn = line(x, y, name, "token:ink-3", dash="dash")
    drawn["line"]["width"] = 1.5
    return {**drawn, "hoverinfo": "skip", "hovertemplate": None}


def whiskers(found: Sequence[Rate | Estimate], colour: str) -> dict[str, Any]:
    """Error bars for the intervals of figures that are known; 0 where one is not."""
    up = [_gap(one["high"], one["value"]) for one in found]
    down = [_gap(one["value"], one["low"]) for one in found]
    return {
        "type": "data",
        "symmetric": False,
        "array": up,
        "arrayminus": down,
        "color": colour,
        "thickness": 1.5,
        "width": 4,
    }


def _gap(high: float | None, low: float | None) -> float:
    return 0.0 if high is None or low is None else max(0.0, high - low)
