"""How rows come to their answers: a path for each from the base value, feature by feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from explain.attributions.charts.frame import CONFIG, SPACES, Chart, layout_of, safe, signed
from explain.attributions.dictionary import Dictionary, label, number
from explain.attributions.summary import Driver, Row

PATHS: Final = 30


def decision(
    rows: Sequence[Row],
    features: Sequence[str],
    drivers: Sequence[Driver],
    dictionary: Dictionary,
    *,
    output_space: str,
    output: int = 0,
    chosen: Row | None = None,
    most: int = 10,
) -> Chart:
    """Up to PATHS rows, evenly along their answers, from the base value below to the answer above; `chosen` stands out.

    Features go from the weakest at the bottom to the strongest at the top; all beyond `most` are one first step.
    """
    strong = [driver["feature"] for driver in drivers[:most]]
    places = [features.index(name) for name in strong]
    rest = [place for place in range(len(features)) if place not in set(places)]
    names = [label(name, dictionary) for name in strong] + (
        [f"{len(rest)} other feature{'s' if len(rest) > 1 else ''}"] if rest else []
    )
    ordered = sorted(rows, key=lambda row: sum(row["attributions"][output]))
    drawn = (
        ordered
        if len(ordered) <= PATHS
        else [ordered[round(at * (len(ordered) - 1) / (PATHS - 1))] for at in range(PATHS)]
    )
    own = chosen
    levels = list(range(len(names), -1, -1))  # the base value stands below the last name
    lines: list[dict[str, Any]] = []
    drawn = [row for row in drawn if own is None or row["row"] != own["row"]]
    for row in [*drawn, *([own] if own is not None else [])]:
        path = _path(row, places, rest, output)
        above = path[-1] >= row["base_values"][output]
        is_own = row is own
        lines.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": path,
                "y": levels,
                "line": {
                    "color": ("token:accent" if above else "token:no") if is_own or own is None else "token:ink-3/0.35",
                    "width": 3 if is_own else 1.25,
                },
                "opacity": 1 if is_own else 0.7,
                "name": f"row {row['row']}",
                "hovertemplate": safe(f"row {row['row']}") + ": %{x:.3g}<extra></extra>",
            }
        )
    space = SPACES.get(output_space, output_space)
    base = rows[0]["base_values"][output] if rows else 0.0
    layout = layout_of(names, f"{space}: base {number(base)} at the bottom, the answer at the top")
    layout["yaxis"] |= {"autorange": False, "range": [len(names) + 0.3, -0.3]}
    layout["shapes"] = [
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": base, "x1": base, "y0": 0, "y1": 1, "layer": "below",
            "line": {"color": "token:ink-3", "width": 1, "dash": "dash"},
        }
    ]  # fmt: skip
    table = [
        [f"row {row['row']}", number(path[-1]), *(signed(step) for step in _largest(row, places, output))]
        for row in (own, *drawn)
        if row is not None
        for path in [_path(row, places, rest, output)]
    ]
    headers = ["Row", f"Answer ({space})", *(f"{name}" for name in names[:3])]
    return Chart({"data": lines, "layout": layout, "config": CONFIG}, headers, table)


def _path(row: Row, places: Sequence[int], rest: Sequence[int], output: int) -> list[float]:
    """Levels from the base value to the answer: the weak features first, then each of `places` from the last on."""
    parts = row["attributions"][output]
    level = row["base_values"][output]
    path = [level]
    if rest:
        level += sum(parts[place] for place in rest)
        path.append(level)
    for place in reversed(places):
        level += parts[place]
        path.append(level)
    return [float(f"{value:.5g}") for value in path]


def _largest(row: Row, places: Sequence[int], output: int) -> list[float]:
    return [row["attributions"][output][place] for place in places[:3]]
