"""What the charts of an explanation share: figures for plotly as plain dictionaries, each with a table that says the same.

Colours are names, "token:accent" or "token:accent/0.15", which the page's script replaces with the theme's own; only
the scale from low to high has fixed colours, chosen to read on light and dark and with any colour vision.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import pairwise
from typing import Any, Final, NamedTuple

from explain.attributions.dictionary import number
from foundation.web.chart_labels import lines_of, wrapped

SCALE: Final = ((0.0, "#3b7dd8"), (0.5, "#8a7a8f"), (1.0, "#cc6a00"))
SPACES: Final = {
    "log-odds": "log-odds",
    "probability": "probability",
    "value": "output",
    "log": "log of the output",
}
CONFIG: Final[dict[str, Any]] = {"displayModeBar": False, "responsive": True}
_LINE: Final = 15  # px of a line of a label


class Chart(NamedTuple):
    """A figure and its table: `figure` is JSON-ready, `headers` and `rows` are texts."""

    figure: dict[str, Any]
    headers: list[str]
    rows: list[list[str]]


def scale_above(places: Sequence[float], texts: Sequence[str], title: str = "") -> dict[str, Any]:
    """The colour bar of a chart: a flat one above the plot, with `texts` at `places` of the scale."""
    bar: dict[str, Any] = {
        "orientation": "h",
        "x": 0.5,
        "xanchor": "center",
        "y": 1.0,
        "yanchor": "bottom",
        "thickness": 8,
        "len": 0.7,
        "tickvals": list(places),
        "ticktext": list(texts),
        "tickfont": {"color": "token:ink-2", "size": 12},
        "outlinewidth": 0,
        "ticklabelposition": "outside top",
    }
    if title:
        bar["title"] = {"text": wrapped(title, 26), "side": "top", "font": {"color": "token:ink-2", "size": 12}}
    return bar


def layout_of(names: Sequence[str], title: str, *, row_height: int = 34, width: int = 18) -> dict[str, Any]:
    """What all share: transparent, whole names of features on the left with room of their own, first at the top."""
    labels = [wrapped(name, width) for name in names]
    row_height = max(row_height, _LINE * lines_of(labels) + 4)
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "token:ink-2", "size": 12},
        "height": 92 + row_height * max(1, len(names)),
        "margin": {"l": 8, "r": 12, "t": 8, "b": 56},
        "bargap": 0.35,
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": {
            "title": {
                "text": wrapped(title, 21),
                "font": {"color": "token:ink-2", "size": 12},
                "standoff": 8,
            },
            "automargin": True,
            "nticks": 5,
            "gridcolor": "token:line",
            "zerolinecolor": "token:line-strong",
            "zeroline": True,
            "tickfont": {"color": "token:ink-2"},
            "fixedrange": True,
        },
        "yaxis": {
            "automargin": True,
            "autorange": "reversed",
            "tickvals": list(range(len(names))),
            "ticktext": labels,
            "tickfont": {"color": "token:ink"},
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
    }


def scale_colour(place: float) -> str:
    """The colour at `place` of SCALE, from 0 (low) to 1 (high)."""
    for (low, first), (high, second) in pairwise(SCALE):
        if place <= high:
            way = (place - low) / (high - low)
            parts = (
                round(int(first[at : at + 2], 16) * (1 - way) + int(second[at : at + 2], 16) * way) for at in (1, 3, 5)
            )
            return "#" + "".join(f"{part:02x}" for part in parts)
    return SCALE[-1][1]


def signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def safe(text: str) -> str:
    """Text for a hover label, where plotly would read markup."""
    return escape(text[:120], quote=False)
