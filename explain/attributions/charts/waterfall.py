"""One row, step by step."""

from __future__ import annotations

from collections.abc import Sequence

from explain.attributions.charts.frame import CONFIG, SPACES, Chart, layout_of, safe, signed
from explain.attributions.dictionary import Dictionary, label, label_with_unit, measured, number
from explain.attributions.summary import Row


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
                "customdata": [[safe(name), signed(step)] for name, step in zip(names, steps, strict=True)],
                "hovertemplate": "%{customdata[0]}<br>%{customdata[1]}<extra></extra>",
            }
        ],
        "layout": layout_of(names, f"{space}: base {number(base)}, this row {number(end)}", width=22),
        "config": CONFIG,
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
        [label_with_unit(features[place], dictionary), number(row["values"][place]), signed(found[place])]
        for place in strong
    ]
    if rest:
        rows.append([names[-1], "", signed(steps[-1])])
    rows.append(["Output for this row", "", number(end)])
    return Chart(figure, ["Feature", "Value", f"Change in {space}"], rows)
