"""What the model answers as one feature changes: single rows as thin lines, their mean as a thick one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from explain.attributions.charts.frame import CONFIG, Chart, signed
from explain.attributions.dictionary import Dictionary, label_with_unit, measured, number
from explain.attributions.summary import Curve
from foundation.web.chart_labels import wrapped

DOTTED: Final = 8  # up to so many values, each is marked


def answer_text(value: float, unit: str) -> str:
    """An answer for people: a chance in per cent, else a figure."""
    if unit != "chance":
        return number(value)
    return "under 1 %" if 0 < value < 0.01 else "over 99 %" if 0.99 < value < 1 else f"{100 * value:.0f} %"


def curve_chart(
    curve: Curve, dictionary: Dictionary, *, unit: str, outcome: str, output: int = 0, single: bool = True
) -> Chart:
    """`unit` of the answers: chance, score or value. `single`: draw the rows too, which are of the output in focus."""
    feature, at = curve["feature"], [float(f"{value:.6g}") for value in curve["at"]]
    tick = ".0%" if unit == "chance" else ".4g"
    lines = curve["lines"] if single else []
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": at,
            "y": line,
            "line": {"color": "token:ink-3/0.3", "width": 1},
            "hovertemplate": f"row {row}: %{{y:{tick}}}<extra></extra>",
        }
        for line, row in zip(lines, curve["numbers"], strict=False)
    ]
    data.append(
        {
            "type": "scatter",
            "mode": "lines+markers" if len(at) <= DOTTED else "lines",
            "x": at,
            "y": curve["mean"][output],
            "line": {"color": "token:accent", "width": 3},
            "marker": {"color": "token:accent", "size": 8},
            "hovertemplate": f"%{{x:.4g}}: mean %{{y:{tick}}}<extra></extra>",
        }
    )
    axis = {
        "automargin": True,
        "nticks": 5,
        "gridcolor": "token:line",
        "zeroline": False,
        "tickfont": {"color": "token:ink-2"},
        "fixedrange": True,
    }
    figure = {
        "data": data,
        "layout": {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": "token:ink-2", "size": 12},
            "height": 360,
            "margin": {"l": 8, "r": 12, "t": 8, "b": 56},
            "showlegend": False,
            "hovermode": "closest",
            "xaxis": axis | {"title": {"text": wrapped(label_with_unit(feature, dictionary), 34), "standoff": 8}},
            "yaxis": axis
            | {"title": {"text": wrapped(outcome, 34), "standoff": 8}}
            | ({"tickformat": ".0%"} if unit == "chance" else {}),
        },
        "config": CONFIG,
    }
    rows = [
        [measured(feature, value, dictionary), answer_text(curve["mean"][output][place], unit)]
        + ([answer_text(pick(line[place] for line in lines), unit) for pick in (min, max)] if lines else [])
        for place, value in enumerate(at)
    ]
    headers = [label_with_unit(feature, dictionary), "Mean answer"]
    return Chart(figure, headers + (["Lowest row", "Highest row"] if lines else []), rows)


def curve_sentences(curve: Curve, dictionary: Dictionary, *, unit: str, outcome: str, output: int = 0) -> list[str]:
    """Where the mean goes, and how far single rows go with it (8 of 10 drawn rows, for the output in focus)."""
    feature, mean = curve["feature"], curve["mean"][output]
    first, last = (measured(feature, curve["at"][place], dictionary) for place in (0, -1))
    said = f"On average the {outcome} goes from {answer_text(mean[0], unit)} ({first}) to {answer_text(mean[-1], unit)} ({last})"
    between = [
        f"{word} at {measured(feature, curve['at'][place], dictionary)}: {answer_text(mean[place], unit)}"
        for word, place in (("lowest", mean.index(min(mean))), ("highest", mean.index(max(mean))))
        if answer_text(mean[place], unit) not in (answer_text(mean[0], unit), answer_text(mean[-1], unit))
    ]
    return [f"{said}{', ' if between else ''}{', '.join(between)}."]


def rows_sentence(lines: Sequence[Sequence[float]], unit: str) -> str:
    """How far the answers of single rows move between the lowest and the highest value of the feature."""
    moves = sorted(line[-1] - line[0] for line in lines)
    if len(moves) < 10:
        return ""
    low, high = moves[len(moves) // 10], moves[-1 - len(moves) // 10]
    told = [signed(round(100 * move)) if unit == "chance" else signed(move) for move in (low, high)]
    after = " percentage points" if unit == "chance" else ""
    if told[0] == told[1]:
        return f"Between those two ends 8 of 10 rows move by the same: {told[0]}{after}."
    return f"Between those two ends 8 of 10 rows move by {told[0]} to {told[1]}{after}."
