"""What the charts of themes share. Names stand whole on the left, the first at the top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from foundation.web.chart_labels import lines_of, wrapped

_LINE = 15  # px of a line of a label
_ROW = 30


@dataclass(frozen=True)
class Chart:
    """A figure, what it shows in words, and the same numbers as a table."""

    figure: dict[str, Any]
    label: str
    headers: list[str]
    rows: list[list[Any]] = field(default_factory=list)


def layout_of(names: Sequence[str]) -> dict[str, Any]:
    """A layout with one line for each name."""
    labels = [wrapped(name, 18) for name in names]
    row = max(_ROW, _LINE * lines_of(labels) + 4)
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"color": "token:ink-2", "size": 12},
        "height": 64 + row * max(1, len(names)),
        "margin": {"l": 8, "r": 12, "t": 8, "b": 40},
        "showlegend": False,
        "hovermode": "closest",
        "bargap": 0.35,
        "xaxis": {
            "automargin": True,
            "fixedrange": True,
            "tickfont": {"color": "token:ink-2"},
            "gridcolor": "token:line",
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
