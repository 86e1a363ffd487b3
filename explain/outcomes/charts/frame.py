"""What all charts share: a transparent frame with units on the axes, room for labels at 360 px, and safe
texts.
"""

import html
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from foundation.web.formats import MoneyScale, number_text

Figure = dict[str, Any]
Amount = Decimal | float | int

CLEAR = "rgba(0,0,0,0)"
CONFIG = {"displaylogo": False, "displayModeBar": False, "responsive": True}

NARROW = 300  # px of plot on a phone: labels are placed so that they do not meet even there
CHARACTER = 6.5  # px of an average character at 12 px
LINE = 16  # px of a line of labels
LONGEST_LABEL = 23  # characters: half a phone's plot


def figure(
    data: list[dict[str, Any]],
    layout: dict[str, Any],
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    alt: str,
) -> Figure:
    """A whole figure: data, layout and config for the browser, `table` for people without it and CSV, `alt`
    for readers.
    """
    table = {"headers": list(headers), "rows": [[cell(value) for value in row] for row in rows]}
    return {"data": data, "layout": layout, "config": dict(CONFIG), "table": table, "alt": alt}


def frame(x_title: str, y_title: str, *, height: int = 320, top: int = 8) -> dict[str, Any]:
    """Layout without a title, legend below everything, margins that grow with their labels."""
    axis = {
        "automargin": True,
        "gridcolor": "token:line",
        "linecolor": "token:line",
        "tickcolor": "token:line",
        "zeroline": False,
    }
    return {
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "font": {"family": "inherit", "size": 12, "color": "token:ink-2"},
        "margin": {"l": 8, "r": 12, "t": top, "b": 8},
        "autosize": True,
        "height": height,
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": "token:sheet",
            "bordercolor": "token:line",
            "font": {"family": "inherit", "color": "token:ink"},
        },
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "bgcolor": CLEAR,
        },
        "xaxis": {**axis, "showgrid": False, "title": {"text": safe(x_title), "standoff": 8}},
        "yaxis": {**axis, "title": {"text": safe(y_title), "standoff": 8}},
    }


def room_for(data: Sequence[dict[str, Any]]) -> int:
    """Height in px: on a phone each entry of the legend takes a line, and the plot keeps its own."""
    names: list[str] = [trace["name"] for trace in data if trace.get("name") and trace.get("showlegend", True)]
    # The legend may take no more than half of the whole, so a further line of a name costs two.
    return 320 + 20 * max(0, len(names) - 2) + 2 * LINE * sum(name.count("<br>") for name in names)


def number(value: Amount | None) -> float | None:
    """A float for drawing; None for what is unknown or cannot be drawn."""
    if value is None:
        return None
    plain = float(value)
    return plain if math.isfinite(plain) else None


def cell(value: object) -> str | int | float | None:
    """A table's cell that JSON and CSV can hold; money keeps its digits as text."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, str | int) else str(value)


def money_cells(columns: Sequence[Sequence[Amount | None]], currency: str) -> list[list[str | None]]:
    """Columns of amounts as texts that line up: with cents throughout where any amount has cents."""
    scale = MoneyScale.of([amount for column in columns for amount in column if number(amount) is not None], currency)
    return [
        [None if number(amount) is None else number_text(amount, scale.digits) for amount in column]
        for column in columns
    ]


def safe(text: str) -> str:
    """Text of people is text: the chart library would read tags in it."""
    return html.escape(text, quote=False)


def short(text: str, most: int = LONGEST_LABEL) -> str:
    """A label that fits, cut with an ellipsis."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def staggered(labels: Sequence[tuple[float, str]]) -> list[tuple[str, int]]:
    """For labels at x (share of the axis, 0 to 1): the side to anchor ("left", "right") and a line on which
    none overlap.
    """
    taken: list[list[tuple[float, float]]] = []
    placed: list[tuple[str, int]] = [("left", 0)] * len(labels)
    for place in sorted(range(len(labels)), key=lambda i: labels[i][0]):
        at, text = labels[place]
        width = (len(short(text)) * CHARACTER + 8) / NARROW
        side = "left" if at <= 0.5 else "right"
        span = (at, at + width) if side == "left" else (at - width, at)
        line = 0
        while line < len(taken) and any(span[0] < end and start < span[1] for start, end in taken[line]):
            line += 1
        if line == len(taken):
            taken.append([])
        taken[line].append(span)
        placed[place] = (side, line)
    return placed


def band(
    x: Sequence[Any], low: Sequence[float | None], high: Sequence[float | None], name: str, colour: str
) -> list[dict[str, Any]]:
    """Two traces that shade what lies between; one entry in the legend."""
    edge = {"type": "scatter", "mode": "lines", "x": list(x), "line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**edge, "y": list(low), "showlegend": False, "legendgroup": name},
        {**edge, "y": list(high), "fill": "tonexty", "fillcolor": colour, "name": name, "legendgroup": name},
    ]


def line(x: Sequence[Any], y: Sequence[float | None], name: str, colour: str, dash: str = "solid") -> dict[str, Any]:
    """A plain line; gaps stay gaps."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": list(y),
        "name": name,
        "line": {"color": colour, "width": 2 if dash == "solid" else 1.5, "dash": dash},
        "connectgaps": False,
    }
