"""Where low and high values push: one dot for each row and feature."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any, Final

from explain.attributions.charts.frame import CONFIG, SCALE, SPACES, Chart, layout_of, safe, scale_above
from explain.attributions.dictionary import Dictionary, label, label_with_unit, measured, number
from explain.attributions.summary import Beeswarm

_BINS: Final = 48
_BAND: Final = 0.38


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
            "colorbar": scale_above([0, 1], ["low value", "high value"]),
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
    layout = layout_of(
        [label(feature["feature"], dictionary) for feature in shown],
        f"change in {SPACES.get(output_space, output_space)}{safe(towards)[:40]}",
        row_height=44,
    )
    layout["margin"]["t"] = 48
    layout["height"] += 40
    layout["xaxis"]["title"]["standoff"] = 24  # the scale above pushes the plot down, and the title stays behind
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
    return Chart({"data": data, "layout": layout, "config": CONFIG}, headers, rows)


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
