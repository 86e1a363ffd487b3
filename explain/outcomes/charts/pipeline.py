"""Charts of many projects: value by grade of evidence, what to look at next, what lies at each stage, how long it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from explain.outcomes.charts.frame import Figure, figure, frame, money_cells, number, safe
from explain.outcomes.charts.shares import GRADES, across

GRADE_WORDS = {"": "no outcome measured", "not_enough_data": "not enough data"}
# A risk tier is a shape and a colour.
RISKS = {
    "low": ("token:yes", "circle"),
    "medium": ("token:cond", "square"),
    "high": ("token:no", "diamond"),
}
SMALLEST, LARGEST = 9.0, 34.0  # px across


@dataclass(frozen=True, slots=True)
class Bubble:
    """One project: chance that it pays (0 to 1), net present value over the horizon, costs to date, risk tier, grade."""

    name: str
    chance: float
    value: Decimal
    cost: Decimal
    risk: str
    grade: str


def grade_traces(rows: Sequence[Mapping[str, Decimal | None]], names: Sequence[str]) -> list[dict[str, Any]]:
    """One trace of bars for each grade that is there: colour, pattern and word."""
    there = {grade for row in rows for grade in row}
    data = []
    for grade in [*[name for name in GRADES if name in there], *sorted(there - set(GRADES))]:
        colour, pattern = GRADES.get(grade, ("token:ink-3/0.35", "x"))
        word = GRADE_WORDS.get(grade, grade)
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": list(range(len(rows))),
                "x": [number(row.get(grade)) for row in rows],
                "name": word,
                "marker": {"color": colour, "pattern": {"shape": pattern, "fgcolor": "token:ink-2", "size": 6}},
                "customdata": [safe(name) for name in names],
                "hovertemplate": f"%{{customdata}}: %{{x:,.0f}}<extra>{word}</extra>",
            }
        )
    return data


def value_by_grade(units: Sequence[tuple[str, Mapping[str, Decimal]]], *, currency: str) -> Figure:
    """Benefits to date of each business unit, stacked by grade of evidence; never one sum without saying so."""
    names = [name for name, _ in units]
    data = grade_traces([grades for _, grades in units], names)
    layout = across(names, currency)
    layout["barmode"] = "relative"
    grades = [trace["name"] for trace in data]
    keys = {GRADE_WORDS.get(grade, grade): grade for _, row in units for grade in row}
    columns = money_cells([[row.get(keys[word]) for _, row in units] for word in grades], currency)
    headers = ["Business unit", *[f"{word} ({currency})" for word in grades]]
    rows = [[name, *(column[k] for column in columns)] for k, name in enumerate(names)]
    return figure(
        data, layout, headers, rows, f"Benefits to date of {len(units)} business units, by grade of evidence."
    )


def bubbles(projects: Sequence[Bubble], *, currency: str) -> Figure:
    """Worth against the chance that it pays; the larger, the more was spent. Shape and colour tell the risk tier."""
    most = max((float(bubble.cost) for bubble in projects), default=0.0)
    data: list[dict[str, Any]] = []
    for risk, (colour, shape) in RISKS.items():
        chosen = [bubble for bubble in projects if bubble.risk == risk]
        if not chosen:
            continue
        sizes = [_across(float(bubble.cost), most) for bubble in chosen]
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [round(100 * bubble.chance, 1) for bubble in chosen],
                "y": [number(bubble.value) for bubble in chosen],
                "name": f"{risk} risk",
                "marker": {
                    "size": sizes,
                    "symbol": shape,
                    "color": colour,
                    "opacity": 0.65,
                    "line": {"color": "token:ink", "width": 1},
                },
                "customdata": [[safe(bubble.name), float(bubble.cost)] for bubble in chosen],
                "hovertemplate": f"%{{customdata[0]}}<br>worth %{{y:,.0f}} {currency}, chance %{{x:.0f}} %<br>"
                f"spent %{{customdata[1]:,.0f}} {currency}<extra>{risk} risk</extra>",
            }
        )
    layout = frame("chance that it pays (%)", f"net present value ({currency})", height=360)
    layout["hovermode"] = "closest"
    layout["xaxis"] |= {"range": [-10, 110], "tickvals": [0, 25, 50, 75, 100], "showgrid": True}
    layout["yaxis"] |= {"tickformat": "~s", "zeroline": True, "zerolinecolor": "token:ink-3"}
    # The legend names shapes; their sizes tell costs and differ in the plot alone.
    layout["legend"] |= {"itemsizing": "constant"}
    values, costs = money_cells([[b.value for b in projects], [b.cost for b in projects]], currency)
    rows = [
        (b.name, round(100 * b.chance, 1), values[k], costs[k], b.risk, GRADE_WORDS.get(b.grade, b.grade))
        for k, b in enumerate(projects)
    ]
    headers = (
        "Project",
        "Chance (%)",
        f"Net present value ({currency})",
        f"Costs to date ({currency})",
        "Risk",
        "Grade",
    )
    alt = f"Net present value against the chance that it pays, of {len(projects)} projects; size is what was spent."
    return figure(data, layout, headers, rows, alt)


def funnel(stages: Sequence[Mapping[str, Any]], *, currency: str) -> Figure:
    """Projects at each stage with what they promise (outlined) and what is expected of them by grade of evidence."""
    names = [f"{stage['name']} ({stage['projects']})" for stage in stages]
    plain = [str(stage["name"]) for stage in stages]
    data: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "y": list(range(len(stages))),
            "x": [number(stage["promised"]) for stage in stages],
            "name": "promised by plan",
            "offsetgroup": "plan",
            "marker": {"color": "token:ink-3/0.15", "line": {"color": "token:ink-3", "width": 1}},
            "customdata": [safe(name) for name in plain],
            "hovertemplate": "%{customdata}: %{x:,.0f}<extra>promised by plan</extra>",
        }
    ]
    traces = grade_traces([stage["expected"] for stage in stages], plain)
    data += [{**trace, "name": f"expected, {trace['name']}", "offsetgroup": "now"} for trace in traces]
    layout = across(names, currency, row=44)
    layout["barmode"] = "relative"
    layout["height"] += 18 * max(0, len(data) - 2)
    words = [trace["name"] for trace in traces]
    keys = {GRADE_WORDS.get(grade, grade): grade for stage in stages for grade in stage["expected"]}
    columns = money_cells(
        [
            [stage["promised"] for stage in stages],
            *[[stage["expected"].get(keys[word]) for stage in stages] for word in words],
        ],
        currency,
    )
    headers = ["Stage", "Projects", f"Promised ({currency})", *[f"Expected, {word} ({currency})" for word in words], "Without figures"]  # fmt: skip
    rows = [
        [stage["name"], stage["projects"], *(column[k] for column in columns), stage["unknown"]]
        for k, stage in enumerate(stages)
    ]
    count = sum(stage["projects"] for stage in stages)
    return figure(
        data, layout, headers, rows, f"{count} projects by stage, with net present value promised and expected."
    )


def time_in_stage(stages: Sequence[tuple[str, int | None, int | None, int, int]]) -> Figure:
    """Median and 85th percentile of days; a figure that is not known yet has no bar and says so in the table.

    `stages`: name, median, 85th percentile, cases that ended, cases still open.
    """
    names = [name for name, *_ in stages]
    data = []
    for place, (word, colour, pattern) in enumerate(
        (("median", "token:accent", ""), ("85th percentile", "token:accent/0.35", "/")), start=1
    ):
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "y": list(range(len(stages))),
                "x": [stage[place] for stage in stages],
                "name": word,
                "marker": {"color": colour, "pattern": {"shape": pattern, "fgcolor": "token:ink-2", "size": 6}},
                "customdata": [safe(name) for name in names],
                "hovertemplate": f"%{{customdata}}: %{{x}} days<extra>{word}</extra>",
            }
        )
    layout = across(names, "days", row=44)
    layout["barmode"] = "group"
    layout["xaxis"] |= {"tickformat": "d", "rangemode": "tozero"}
    headers = ("Stage", "Median (days)", "85th percentile (days)", "Ended", "Still open")
    rows = [
        (name, "not known yet" if median is None else median, "not known yet" if most is None else most, ended, still)
        for name, median, most, ended, still in stages
    ]
    return figure(data, layout, headers, rows, f"Days in each of {len(stages)} stages: median and 85th percentile.")


def _across(cost: float, most: float) -> float:
    """Diameter in px, so that the area goes with the cost."""
    share = (max(0.0, cost) / most) ** 0.5 if most > 0 else 0.0
    return round(SMALLEST + (LARGEST - SMALLEST) * share, 1)
