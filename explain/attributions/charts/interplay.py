"""Which features change the answer only together, and how much each changes alone."""

from __future__ import annotations

from typing import Any, Final

from explain.attributions.charts.frame import CONFIG, SPACES, Chart, layout_of, safe, scale_above
from explain.attributions.dictionary import Dictionary, label, label_with_unit, number
from explain.attributions.interplay_shapes import Interplay

DRAWN: Final = 8  # so that a cell on a phone has room for its figure
# Never so strong that the figures in the ink of the page could not be read, on light and on dark.
_FROM_NOTHING: Final = ((0.0, "token:accent/0.03"), (1.0, "token:accent/0.5"))
_PLAIN: Final = ((0.0, "token:sunken"), (1.0, "token:sunken"))


def interplay_map(interplay: Interplay, dictionary: Dictionary, *, output_space: str, most: int = DRAWN) -> Chart:
    """One row and one column for each of the `most` strongest features, each pair once, coloured by its mean change; what a
    feature does alone stands on the diagonal, without colour. The figures are per cent of all influence; the table has the
    mean changes too, the largest first.
    """
    shown = interplay["features"][:most]
    sizes = interplay["sizes"]
    total = interplay["total"] or 1.0
    space = SPACES.get(output_space, output_space)
    count = len(shown)
    pairs = [(row, column) for row in range(count) for column in range(row)]
    limit = max((sizes[row][column] for row, column in pairs), default=0.0) or 1.0
    names = [label_with_unit(name, dictionary) for name in shown]

    def told(row: int, column: int) -> str:
        return f"{names[row]} alone" if row == column else f"{names[column]} with {names[row]}"

    def cells(drawn: list[tuple[int, int]], **more: Any) -> dict[str, Any]:
        z: list[list[float | None]] = [[None] * count for _ in shown]
        texts, tips = ([[""] * count for _ in shown] for _ in range(2))
        for row, column in drawn:
            z[row][column] = sizes[row][column]
            texts[row][column] = _per_cent(sizes[row][column] / total)
            tips[row][column] = safe(told(row, column))
        return {
            "type": "heatmap",
            "x": list(range(count)),
            "y": list(range(count)),
            "z": z,
            "zmin": 0,
            "zmax": limit,
            "text": texts,
            "texttemplate": "%{text}",
            "textfont": {"size": 11, "color": "token:ink"},
            "customdata": tips,
            "hovertemplate": f"%{{customdata}}<br>%{{z:.3g}} {space}, %{{text}} % of all<extra></extra>",
            "hoverongaps": False,
            "xgap": 2,
            "ygap": 2,
        } | more

    layout = layout_of([f"{place}. {label(name, dictionary)}" for place, name in enumerate(shown, 1)], "")
    layout["margin"] |= {"t": 8, "b": 32}
    layout["height"] += 16
    layout["xaxis"] |= {
        "tickvals": list(range(count)),
        "ticktext": [str(place) for place in range(1, count + 1)],
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }
    bar = scale_above([0, limit], ["0", number(limit)], f"mean change together, {space}")
    figure = {
        "data": [
            cells(pairs, colorscale=[list(stop) for stop in _FROM_NOTHING], colorbar=bar),
            cells(
                [(place, place) for place in range(count)],
                colorscale=[list(stop) for stop in _PLAIN],
                showscale=False,
            ),
        ],
        "layout": layout,
        "config": CONFIG,
    }
    listed = sorted([*pairs, *((place, place) for place in range(count))], key=lambda at: -sizes[at[0]][at[1]])
    rows = [[told(*at), number(sizes[at[0]][at[1]]), f"{100 * sizes[at[0]][at[1]] / total:.1f} %"] for at in listed]
    return Chart(figure, ["Features", f"Mean change in the {space}", "Share of all influence"], rows)


def _per_cent(share: float) -> str:
    """A share in at most three signs."""
    if share == 0:
        return "0"
    return "<1" if share < 0.01 else f"{100 * share:.0f}"
