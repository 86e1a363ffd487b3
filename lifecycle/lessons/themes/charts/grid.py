"""Counts of rows by columns: the deeper the colour the more cases, the figure in each cell."""

from __future__ import annotations

from typing import Any

from foundation.web.chart_labels import wrapped
from lifecycle.lessons.themes.charts.frame import Chart, layout_of
from lifecycle.lessons.themes.compute import Grid

# Never so strong that the figures in the ink of the page could not be read, on light and on dark.
_FROM_NOTHING = [[0.0, "token:accent/0.03"], [1.0, "token:accent/0.5"]]
_PLAIN = [[0.0, "token:sunken"], [1.0, "token:sunken"]]


def grid(counted: Grid, *, label: str, rows: str) -> Chart:
    """All cells; the names of columns stand below, slanted where they need the room. `rows`: what a row is."""
    layout = layout_of(counted.row_names)
    layout["xaxis"] |= _columns([wrapped(name, 16, lines=2) for name in counted.column_names])
    layout["height"] += 64
    figure = {"data": [_cells(counted.counts, _FROM_NOTHING)], "layout": layout}
    table = [[name, *line] for name, line in zip(counted.row_names, counted.counts, strict=True)]
    return Chart(figure, label, [rows, *counted.column_names], table)


def halved(counted: Grid, *, label: str, rows: str) -> Chart:
    """Pairs of the same names, each once; on the diagonal, without colour, the cases that have the one at all."""
    names = counted.row_names
    size = range(len(names))
    layout = layout_of([f"{place}. {name}" for place, name in enumerate(names, 1)])
    layout["xaxis"] |= _columns([str(place + 1) for place in size]) | {"tickangle": 0}
    pairs = [[counted.counts[row][column] if column < row else None for column in size] for row in size]
    alone = [[counted.counts[row][column] if column == row else None for column in size] for row in size]
    most = max((cell for line in pairs for cell in line if cell is not None), default=1) or 1
    figure = {
        "data": [_cells(pairs, _FROM_NOTHING, most), _cells(alone, _PLAIN, most)],
        "layout": layout,
    }
    listed = sorted(
        ((counted.counts[row][column], row, column) for row in size for column in range(row)),
        key=lambda pair: (-pair[0], pair[1], pair[2]),
    )
    table = [[f"{names[column]} with {names[row]}", count, counted.of] for count, row, column in listed if count]
    return Chart(figure, label, [rows, "Cases with both", "Of all cases"], table)


def _cells(cells: Any, colours: list[list[Any]], most: int | None = None) -> dict[str, Any]:
    largest = most or max((cell for line in cells for cell in line if cell is not None), default=1) or 1
    return {
        "type": "heatmap",
        "x": list(range(len(cells[0]) if cells else 0)),
        "y": list(range(len(cells))),
        "z": cells,
        "zmin": 0,
        "zmax": largest,
        "text": [["" if not cell else str(cell) for cell in line] for line in cells],
        "texttemplate": "%{text}",
        "textfont": {"size": 11, "color": "token:ink"},
        "hovertemplate": "%{z}<extra></extra>",
        "hoverongaps": False,
        "colorscale": colours,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }


def _columns(names: list[str]) -> dict[str, Any]:
    return {
        "tickvals": list(range(len(names))),
        "ticktext": names,
        "tickangle": -60,
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
    }
