"""How much each feature matters in groups of rows, side by side."""

from __future__ import annotations

from typing import Final

from explain.attributions.charts.frame import CONFIG, SPACES, Chart, layout_of, safe, scale_colour
from explain.attributions.dictionary import Dictionary, label, label_in_sentence, label_with_unit, measured, number
from explain.attributions.summary import Cohort, Cohorts

# the groups are told apart without their colours too
SYMBOLS: Final = ("circle", "diamond", "square", "triangle-up", "triangle-down", "cross")
TOLD: Final = 0.1  # of all influence


def cohort_name(column: str, cohort: Cohort, dictionary: Dictionary) -> str:
    """The values of a group: a word, a number with its unit, or from where to where."""
    value, low, high = cohort["value"], cohort["low"], cohort["high"]
    if isinstance(value, str):
        return value
    if low is None or high is None:
        return measured(column, value, dictionary)
    return f"{number(low)} to {measured(column, high, dictionary)}"


def cohort_chart(found: Cohorts, dictionary: Dictionary, *, output_space: str) -> Chart:
    """A dot for each feature and group: the mean absolute part in the rows of the group."""
    space = SPACES.get(output_space, output_space)
    column, groups = found["column"], found["groups"]
    layout = layout_of([label(name, dictionary) for name in found["features"]], f"mean absolute part in the {space}")
    layout |= {
        "showlegend": True,
        "legend": {
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "itemclick": False,
            "itemdoubleclick": False,
        },
    }
    layout["margin"]["t"] = 24 + 22 * len(groups)
    layout["height"] += 22 * len(groups)
    layout["xaxis"]["rangemode"] = "tozero"
    names = [f"{cohort_name(column, group, dictionary)} ({group['rows']:,} rows)" for group in groups]
    figure = {
        "data": [
            {
                "type": "scatter",
                "mode": "markers",
                "name": safe(name),
                "x": group["sizes"],
                "y": list(range(len(found["features"]))),
                "marker": {
                    "size": 11,
                    "symbol": SYMBOLS[at % len(SYMBOLS)],
                    "color": scale_colour(at / max(1, len(groups) - 1)),
                    "opacity": 0.9,
                },
                "hovertemplate": safe(name) + ": %{x:.3g}<extra></extra>",
            }
            for at, (name, group) in enumerate(zip(names, groups, strict=True))
        ],
        "layout": layout,
        "config": CONFIG,
    }
    rows = [
        [label_with_unit(name, dictionary), *(number(group["sizes"][place]) for group in groups)]
        for place, name in enumerate(found["features"])
    ]
    return Chart(figure, [f"Mean absolute part in the {space}", *names], rows)


def cohort_sentence(found: Cohorts, dictionary: Dictionary) -> str:
    """The feature whose share of the influence differs most between two groups; or that none differs by much."""
    shares = [[size / (sum(group["sizes"]) or 1.0) for size in group["sizes"]] for group in found["groups"]]
    gaps = [
        max(line[place] for line in shares) - min(line[place] for line in shares) for place in range(len(shares[0]))
    ]
    place = gaps.index(max(gaps))
    if gaps[place] < TOLD:
        return (
            "The model goes by the same features in all groups: no share of the influence differs by a tenth or more."
        )
    by_share = sorted(range(len(shares)), key=lambda at: shares[at][place])
    column, most, least = found["column"], by_share[-1], by_share[0]
    told = [cohort_name(column, found["groups"][at], dictionary) for at in (most, least)]
    return (
        f"What differs most is {label_in_sentence(found['features'][place], dictionary)}: {100 * shares[most][place]:.0f} % of "
        f"the influence where {label_in_sentence(column, dictionary)} is {told[0]}, {100 * shares[least][place]:.0f} % where "
        f"it is {told[1]}."
    )
