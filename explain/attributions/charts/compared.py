"""Two explanations side by side: what share of all influence each feature has in one and in the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from explain.attributions.charts.frame import CONFIG, Chart, layout_of, safe
from explain.attributions.comparing import Pair
from explain.attributions.dictionary import Dictionary, label, label_with_unit

MOST: Final = 12


def shares(pairs: Sequence[Pair], dictionary: Dictionary, *, names: tuple[str, str]) -> Chart:
    """Bars of the shares (per cent of all influence), the strongest in either first; `names` of the first and second."""
    shown = list(pairs[:MOST])
    layout = layout_of([label(pair.feature, dictionary) for pair in shown], "share of all influence (%)", row_height=46)
    layout |= {
        "barmode": "group",
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    }
    layout["margin"]["t"] = 48
    layout["height"] += 48
    figure = {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "name": safe(name),
                "x": [round(100 * share, 2) for share in of],
                "y": list(range(len(shown))),
                "marker": {
                    "color": colour,
                    "line": {"color": "token:ink-3", "width": 1},
                },
                "hovertemplate": "%{x:.1f} %<extra></extra>",
            }
            for name, colour, of in (
                (names[0], "token:ink-3/0.25", [pair.shares[0] for pair in shown]),
                (names[1], "token:accent", [pair.shares[1] for pair in shown]),
            )
        ],
        "layout": layout,
        "config": CONFIG,
    }
    rows = [
        [
            label_with_unit(pair.feature, dictionary),
            *(f"{100 * share:.1f} %" for share in pair.shares),
            *(pair.place_text(side) for side in (0, 1)),
            *(pair.direction_text(side) for side in (0, 1)),
        ]
        for pair in shown
    ]
    headers = [
        "Feature",
        "Share, first",
        "Share, second",
        "Place, first",
        "Place, second",
        "Direction, first",
        "Direction, second",
    ]
    return Chart(figure, headers, rows)
