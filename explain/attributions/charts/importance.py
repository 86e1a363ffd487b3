"""How much each feature matters."""

from __future__ import annotations

from collections.abc import Sequence

from explain.attributions.charts.frame import CONFIG, SPACES, Chart, layout_of, safe
from explain.attributions.dictionary import Dictionary, label, label_with_unit, number
from explain.attributions.summary import Driver


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
                    [safe(label_with_unit(d["feature"], dictionary)), f"{100 * d['share']:.1f} %"] for d in shown
                ],
                "hovertemplate": "%{customdata[0]}<br>%{x:.3g}, %{customdata[1]} of all<extra></extra>",
            }
        ],
        "layout": layout_of(
            [label(d["feature"], dictionary) for d in shown],
            f"mean change in {SPACES.get(output_space, output_space)}",
        ),
        "config": CONFIG,
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


def _direction(driver: Driver) -> str:
    found = driver["direction"]
    if found is None or abs(found) < 0.3:
        return "no single direction"
    return "more raises it" if found > 0 else "more lowers it"
