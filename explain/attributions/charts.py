"""Figures for plotly as plain dictionaries, from the summary alone, each with a table that says the same.

Colours are names, "token:accent" or "token:accent/0.15", which the page's script replaces with the theme's own; only
the beeswarm's scale has fixed colours, chosen to read on light and dark and with any colour vision.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from html import escape
from typing import Any, Final, NamedTuple

from explain.attributions.dictionary import Dictionary, label, label_with_unit, measured, number
from explain.attributions.summary import Beeswarm, Driver, Row
from foundation.web.chart_labels import lines_of, wrapped

SCALE: Final = ((0.0, "#3b7dd8"), (0.5, "#8a7a8f"), (1.0, "#cc6a00"))
SPACES: Final = {
    "log-odds": "log-odds",
    "probability": "probability",
    "value": "output",
    "log": "log of the output",
}
_BINS, _BAND, _LINE = 48, 0.38, 15  # _LINE: px of a line of a label


class Chart(NamedTuple):
    """A figure and its table: `figure` is JSON-ready, `headers` and `rows` are texts."""

    figure: dict[str, Any]
    headers: list[str]
    rows: list[list[str]]


def importance(drivers: Sequence[Driver], dictionary: Dictionary, *, output_space: str, most: int = 15) -> Chart:
    """Mean absolute attribution of the `most` strongest features."""
    shown = list(drivers[:most])
    figure = {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": [driver["mean_abs"] for driver in shown],
                "y": list(range(len(shown))),
                "marker": {"color": "token:accent"},
                "customdata": [
                    [_safe(label_with_unit(d["feature"], dictionary)), f"{100 * d['share']:.1f} %"] for d in shown
                ],
                "hovertemplate": "%{customdata[0]}<br>%{x:.3g}, %{customdata[1]} of all<extra></extra>",
            }
        ],
        "layout": _layout(
            [label(d["feature"], dictionary) for d in shown],
            f"mean change in {SPACES.get(output_space, output_space)}",
        ),
        "config": _CONFIG,
    }
    rows = [
        [
            label_with_unit(d["feature"], dictionary),
            number(d["mean_abs"]),
            f"{100 * d['share']:.1f} %",
            _direction(d),
        ]
        for d in shown
    ]
    return Chart(figure, ["Feature", "Mean change", "Share", "Direction"], rows)


def beeswarm(swarm: Beeswarm, dictionary: Dictionary, *, output_space: str, most: int = 10) -> Chart:
    """One dot a row and feature: place = attribution, colour = the feature's value from low to high."""
    x: list[float] = []
    y: list[float] = []
    colour: list[float] = []
    empty_x: list[float] = []
    empty_y: list[float] = []
    shown = swarm["features"][:most]
    for place, feature in enumerate(shown):
        for attribution, offset, value in zip(feature["x"], _offsets(feature["x"]), feature["v"], strict=True):
            if value is None:
                empty_x.append(attribution)
                empty_y.append(round(place + offset, 3))
            else:
                x.append(attribution)
                y.append(round(place + offset, 3))
                colour.append(value)
    dots: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers",
        "name": "rows",
        "x": x,
        "y": y,
        "showlegend": False,
        "marker": {
            "size": 4,
            "opacity": 0.75,
            "color": colour,
            "cmin": 0,
            "cmax": 1,
            "colorscale": [list(stop) for stop in SCALE],
            "colorbar": {
                "orientation": "h",
                "x": 0.5,
                "xanchor": "center",
                "y": 1.0,
                "yanchor": "bottom",
                "thickness": 8,
                "len": 0.7,
                "tickvals": [0, 1],
                "ticktext": ["low value", "high value"],
                "tickfont": {"color": "token:ink-2", "size": 12},
                "outlinewidth": 0,
                "ticklabelposition": "outside top",
            },
        },
        "hovertemplate": "%{x:.3g}<extra></extra>",
    }
    data = [dots]
    if empty_x:
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "no value",
                "x": empty_x,
                "y": empty_y,
                "showlegend": False,
                "marker": {"size": 4, "opacity": 0.75, "color": "token:ink-3", "symbol": "x"},
                "hovertemplate": "%{x:.3g}, no value<extra></extra>",
            }
        )
    towards = f" of {swarm['class_name']}" if swarm["class_name"] else ""
    layout = _layout(
        [label(feature["feature"], dictionary) for feature in shown],
        f"change in {SPACES.get(output_space, output_space)}{_safe(towards)[:40]}",
        row_height=44,
    )
    layout["margin"]["t"] = 48
    layout["height"] += 40
    layout["yaxis"]["range"] = [len(shown) - 0.5, -0.5]
    rows = [
        [
            label_with_unit(f["feature"], dictionary),
            number(min(f["x"])),
            number(max(f["x"])),
            measured(f["feature"], f["low"], dictionary),
            measured(f["feature"], f["high"], dictionary),
        ]
        for f in shown
    ]
    headers = ["Feature", "Lowest change", "Highest change", "Low value", "High value"]
    return Chart({"data": data, "layout": layout, "config": _CONFIG}, headers, rows)


def waterfall(
    row: Row,
    features: Sequence[str],
    dictionary: Dictionary,
    *,
    output_space: str,
    output: int = 0,
    most: int = 10,
) -> Chart:
    """One row: from the base value, feature by feature, to the model's output (index `output` of several classes)."""
    found, base = row["attributions"][output], row["base_values"][output]
    order = sorted(range(len(found)), key=lambda place: -abs(found[place]))
    strong, rest = order[:most], order[most:]
    names = [
        f"{label(features[place], dictionary)} = {measured(features[place], row['values'][place], dictionary)}"
        for place in strong
    ]
    steps = [found[place] for place in strong]
    if rest:
        names.append(f"{len(rest)} other features" if len(rest) > 1 else "1 other feature")
        steps.append(float(f"{sum(found[place] for place in rest):.5g}"))
    # drawn from the last small step at the bottom up, as a path from the base value
    starts, level = [], base
    for step in reversed(steps):
        starts.append(float(f"{level:.6g}"))
        level += step
    starts.reverse()
    end = float(f"{level:.5g}")
    space = SPACES.get(output_space, output_space)
    figure = {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "x": steps,
                "base": starts,
                "y": list(range(len(steps))),
                "marker": {"color": ["token:accent" if step >= 0 else "token:no" for step in steps]},
                "customdata": [[_safe(name), _signed(step)] for name, step in zip(names, steps, strict=True)],
                "hovertemplate": "%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
            }
        ],
        "layout": _layout(names, f"{space}: base {number(base)}, this row {number(end)}", width=22),
        "config": _CONFIG,
    }
    figure["layout"]["shapes"] = [  # type: ignore[index]
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": at,
            "x1": at,
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"color": colour, "width": 1, "dash": dash},
        }
        for at, colour, dash in ((base, "token:ink-3", "dash"), (end, "token:ink-2", "solid"))
    ]
    rows = [["Base value", "", number(base)]]
    rows += [
        [label_with_unit(features[place], dictionary), number(row["values"][place]), _signed(found[place])]
        for place in strong
    ]
    if rest:
        rows.append([names[-1], "", _signed(steps[-1])])
    rows.append(["Output for this row", "", number(end)])
    return Chart(figure, ["Feature", "Value", f"Change in {space}"], rows)


_CONFIG: Final[dict[str, Any]] = {"displayModeBar": False, "responsive": True}


def _layout(names: Sequence[str], title: str, *, row_height: int = 34, width: int = 18) -> dict[str, Any]:
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


def _offsets(values: Sequence[float]) -> list[float]:
    """Dots that would lie on each other are moved up and down in turn, so that a crowd looks like one."""
    if not values:
        return []
    low, high = min(values), max(values)
    width = (high - low) / _BINS or 1.0
    places = [int((value - low) / width) for value in values]
    crowd = Counter(places)
    step = _BAND / max(6, (max(crowd.values()) + 1) // 2)
    met: dict[int, int] = defaultdict(int)
    offsets = []
    for place in places:
        turn = met[place]
        met[place] += 1
        offsets.append(step * ((turn + 1) // 2) * (1 if turn % 2 else -1))
    return offsets


def _direction(driver: Driver) -> str:
    found = driver["direction"]
    if found is None or abs(found) < 0.3:
        return "no single direction"
    return "more raises it" if found > 0 else "more lowers it"


def _signed(value: float) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def _safe(text: str) -> str:
    """Text for a hover label, where plotly would read markup."""
    return escape(text[:120], quote=False)
