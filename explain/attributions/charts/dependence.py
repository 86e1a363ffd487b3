"""How the part of one feature depends on its value, coloured by the feature that it works together with most."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any, Final

from explain.attributions.charts.frame import CONFIG, SCALE, SPACES, Chart, safe, scale_above, signed
from explain.attributions.dictionary import Dictionary, label, label_with_unit, measured, number
from explain.attributions.summary import Row
from foundation.web.chart_labels import wrapped

TENTHS: Final = 10


def dependence(
    rows: Sequence[Row],
    features: Sequence[str],
    feature: str,
    partner: str | None,
    dictionary: Dictionary,
    *,
    output_space: str,
    output: int = 0,
) -> Chart:
    """One dot for each kept row: the feature's value, and its part in output `output`; colour: the partner's value.

    The table gives the mean part by tenths of the value. Rows without a value are left out of the drawing and told in it.
    """
    place = features.index(feature)
    beside = features.index(partner) if partner is not None and partner in features else None
    dots = [row for row in rows if row["values"][place] is not None]
    dots.sort(key=lambda row: float(row["values"][place] or 0.0))
    colours = [] if beside is None else _scaled([row["values"][beside] for row in dots])
    marker: dict[str, Any] = {"size": 6, "opacity": 0.75, "color": "token:accent"}
    if beside is not None and any(colour is not None for colour in colours):
        low, high = _ends([row["values"][beside] for row in dots])
        marker = marker | {
            # an empty cell of the partner takes the middle of the scale; the table and the hover speak of values
            "color": [0.5 if colour is None else colour for colour in colours],
            "cmin": 0,
            "cmax": 1,
            "colorscale": [list(stop) for stop in SCALE],
            "colorbar": scale_above([0, 1], [number(low), number(high)], label(features[beside], dictionary)),
        }
    space = SPACES.get(output_space, output_space)
    axis = {
        "automargin": True,
        "nticks": 5,
        "gridcolor": "token:line",
        "zerolinecolor": "token:line-strong",
        "tickfont": {"color": "token:ink-2"},
        "fixedrange": True,
    }
    figure = {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "x": [row["values"][place] for row in dots],
                "y": [float(f"{row['attributions'][output][place]:.3g}") for row in dots],
                "marker": marker,
                "customdata": [
                    [
                        row["row"],
                        ""
                        if beside is None
                        else "<br>"
                        + safe(
                            f"{label(features[beside], dictionary)} "
                            f"{measured(features[beside], row['values'][beside], dictionary)}"
                        ),
                    ]
                    for row in dots
                ],
                "hovertemplate": "row %{customdata[0]}: %{x:.4g}, part %{y:.3g}%{customdata[1]}<extra></extra>",
            }
        ],
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": "token:ink-2", "size": 12},
            "height": 380,
            "margin": {"l": 8, "r": 12, "t": 64 if beside is not None else 8, "b": 56},
            "showlegend": False,
            "hovermode": "closest",
            "xaxis": axis
            | {"title": {"text": wrapped(label_with_unit(feature, dictionary), 34), "standoff": 8}, "zeroline": False},
            "yaxis": axis | {"title": {"text": f"part in the {space}", "standoff": 8}, "zeroline": True},
        },
        "config": CONFIG,
    }
    return Chart(
        figure, ["Value", "Rows", f"Mean part in the {space}"], _tenths(dots, place, output, feature, dictionary)
    )


def _tenths(dots: Sequence[Row], place: int, output: int, feature: str, dictionary: Dictionary) -> list[list[str]]:
    """Rows in order of the value, cut where the value changes, into at most ten groups of about equal size."""
    groups: list[list[Row]] = []
    for row in dots:
        whole = groups and len(groups[-1]) * TENTHS >= len(dots)
        if not groups or (whole and groups[-1][-1]["values"][place] != row["values"][place]):
            groups.append([])
        groups[-1].append(row)
    found = []
    for group in groups:
        low, high = group[0]["values"][place], group[-1]["values"][place]
        value = measured(feature, low, dictionary)
        if low != high:
            value = f"{number(low)} to {measured(feature, high, dictionary)}"
        found.append([value, str(len(group)), signed(fmean(row["attributions"][output][place] for row in group))])
    return found


def _ends(values: Sequence[float | None]) -> tuple[float, float]:
    """The 5 % and 95 % quantiles (nearest rank), or the extremes where those are equal."""
    known = sorted(value for value in values if value is not None)
    low, high = known[int(0.05 * (len(known) - 1))], known[int(0.95 * (len(known) - 1) + 0.5)]
    return (low, high) if low < high else (known[0], known[-1])


def _scaled(values: Sequence[float | None]) -> list[float | None]:
    if all(value is None for value in values):
        return [None] * len(values)
    low, high = _ends(values)
    width = high - low
    return [
        None if value is None else 0.5 if width <= 0 else round(min(1.0, max(0.0, (value - low) / width)), 2)
        for value in values
    ]
