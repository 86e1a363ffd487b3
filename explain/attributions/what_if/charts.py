"""Which parts of an answer changed: two bars for each feature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from explain.attributions.asking import Answer
from explain.attributions.charts.frame import CONFIG, SPACES, Chart, layout_of, safe, signed
from explain.attributions.dictionary import Dictionary, label, label_with_unit, measured, number

MOST: Final = 8
NAMES: Final = ("As it is", "As asked")


def parts_that_changed(
    answer: Answer,
    features: Sequence[str],
    values: Sequence[float | None],
    changes: Mapping[str, float | None],
    dictionary: Dictionary,
    *,
    output: int,
) -> Chart | None:
    """The parts of one output on both sides, the strongest change first, all others in one; None where nothing changed.

    `values` is the row as it is. The table has each part that changed, and adds up to both answers.
    """
    before, after = answer["before"], answer["after"]
    parts = list(zip(before["attributions"][output], after["attributions"][output], strict=True))
    order = sorted(range(len(features)), key=lambda place: -abs(parts[place][1] - parts[place][0]))
    moved = [place for place in order if parts[place][0] != parts[place][1]]
    if not moved:
        return None
    shown = moved[:MOST]
    names = [_name(features[place], values[place], changes, dictionary) for place in shown]
    bars = [parts[place] for place in shown]
    if len(shown) < len(features):
        names.append(_others(len(features) - len(shown)))
        bars.append(_sum([parts[place] for place in order[len(shown) :]]))
    space = SPACES.get(answer["output_space"], answer["output_space"])
    title = "part of the answer" + ("" if answer["output_space"] == "value" else f", in {space}")
    layout = layout_of(names, title, row_height=46, width=22)
    layout |= {
        "barmode": "group",
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
    }
    layout["margin"]["t"] = 48
    layout["height"] += 48
    figure = {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "name": NAMES[side],
                "x": [float(f"{pair[side]:.5g}") for pair in bars],
                "y": list(range(len(bars))),
                "marker": {"color": colour, "line": {"color": "token:ink-3", "width": 1}},
                "customdata": [[safe(name), signed(pair[side])] for name, pair in zip(names, bars, strict=True)],
                "hovertemplate": "%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
            }
            for side, colour in ((0, "token:ink-3/0.25"), (1, "token:accent"))
        ],
        "layout": layout,
        "config": CONFIG,
    }
    return Chart(figure, _headers(space), _rows(answer, features, values, changes, dictionary, moved, output))


def _name(feature: str, value: float | None, changes: Mapping[str, float | None], dictionary: Dictionary) -> str:
    if feature in changes:
        return f"{label(feature, dictionary)}: {number(value)} → {measured(feature, changes[feature], dictionary)}"
    return f"{label(feature, dictionary)} = {measured(feature, value, dictionary)}"


def _others(count: int) -> str:
    return f"{count} other features" if count > 1 else "1 other feature"


def _sum(parts: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return sum(pair[0] for pair in parts), sum(pair[1] for pair in parts)


def _headers(space: str) -> list[str]:
    return ["Feature", "Value", "Asked", f"Part ({space})", "Part as asked", "Difference"]


def _rows(
    answer: Answer,
    features: Sequence[str],
    values: Sequence[float | None],
    changes: Mapping[str, float | None],
    dictionary: Dictionary,
    moved: Sequence[int],
    output: int,
) -> list[list[str]]:
    before, after = answer["before"], answer["after"]
    sides = [before["attributions"][output], after["attributions"][output]]
    rows = [_row("Base value", "", "", before["base_values"][output], after["base_values"][output], plain=True)]
    for place in moved:
        name = features[place]
        asked = number(changes[name]) if name in changes else ""
        rows.append(
            _row(label_with_unit(name, dictionary), number(values[place]), asked, sides[0][place], sides[1][place])
        )
    rest = [place for place in range(len(features)) if place not in set(moved)]
    if rest:
        first, second = _sum([(sides[0][place], sides[1][place]) for place in rest])
        rows.append(_row(_others(len(rest)), "", "", first, second))
    rows.append(_row("Answer", "", "", before["predictions"][output], after["predictions"][output], plain=True))
    return rows


def _row(name: str, value: str, asked: str, before: float, after: float, *, plain: bool = False) -> list[str]:
    told = (number if plain else _signed)(before, 4), (number if plain else _signed)(after, 4)
    return [name, value, asked, *told, _signed(float(f"{after - before:.6g}"), 4)]


def _signed(value: float, digits: int) -> str:
    return f"+{number(value, digits)}" if value > 0 else number(value, digits)
