"""All kept rows side by side: which feature pushes which row where."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from explain.attributions.charts.frame import CONFIG, SPACES, Chart, layout_of, scale_above, signed
from explain.attributions.dictionary import Dictionary, label, label_with_unit, number
from explain.attributions.summary import Driver, Row

COLUMNS: Final = 200
# The colours of the steps of a single row; what changes nothing is as plain as the paper.
FROM_LOWERS_TO_RAISES: Final = ((0.0, "token:no"), (0.5, "token:sheet"), (1.0, "token:accent"))


def heatmap(
    rows: Sequence[Row],
    features: Sequence[str],
    drivers: Sequence[Driver],
    dictionary: Dictionary,
    *,
    output_space: str,
    output: int = 0,
    most: int = 10,
) -> Chart:
    """One column a row, from the lowest answer to the highest; colour: the part of each feature in output `output`.

    At most COLUMNS rows, evenly along the order of their answers. The table has the mean parts of five groups of rows.
    """
    shown = [driver["feature"] for driver in drivers[:most]]
    places = [features.index(name) for name in shown]
    ordered = sorted(rows, key=lambda row: sum(row["attributions"][output]))
    if len(ordered) > COLUMNS:
        ordered = [ordered[round(at * (len(ordered) - 1) / (COLUMNS - 1))] for at in range(COLUMNS)]
    cells = [[float(f"{row['attributions'][output][place]:.3g}") for row in ordered] for place in places]
    sizes = sorted(abs(cell) for line in cells for cell in line)
    # one outlier does not bleach the others
    limit = (sizes[int(0.98 * (len(sizes) - 1))] if sizes else 0.0) or (sizes[-1] if sizes else 0.0) or 1.0
    space = SPACES.get(output_space, output_space)
    layout = layout_of([label(name, dictionary) for name in shown], "rows")
    layout["margin"]["t"] = 48
    layout["height"] += 40
    layout["xaxis"] |= {"showticklabels": False, "showgrid": False, "zeroline": False, "ticks": ""}
    layout["xaxis"]["title"]["text"] = ""  # said below the drawing: without ticks it would lie on the cells
    layout["margin"]["b"] = 12
    figure = {
        "data": [
            {
                "type": "heatmap",
                "z": cells,
                "y": list(range(len(shown))),
                "zmin": -limit,
                "zmax": limit,
                "colorscale": [list(stop) for stop in FROM_LOWERS_TO_RAISES],
                "customdata": [[row["row"] for row in ordered] for _ in shown],
                "hovertemplate": "row %{customdata}, %{z:.3g}<extra></extra>",
                "colorbar": scale_above([-limit, 0, limit], ["lowers it", "0", "raises it"]),
            }
        ],
        "layout": layout,
        "config": CONFIG,
    }
    groups = [ordered[len(ordered) * at // 5 : len(ordered) * (at + 1) // 5] for at in range(5)]
    table = [
        [label_with_unit(name, dictionary)]
        + [
            signed(sum(row["attributions"][output][place] for row in group) / len(group)) if group else ""
            for group in groups
        ]
        for name, place in zip(shown, places, strict=True)
    ]
    headers = [f"Mean part in the {space}", "lowest fifth", "second", "third", "fourth", "highest fifth"]
    return Chart(figure, headers, table)


def kept_text(rows: Sequence[Row]) -> str:
    """What the drawing shows of the kept rows."""
    return f"{number(min(len(rows), COLUMNS))} of the kept rows, evenly along their answers"
