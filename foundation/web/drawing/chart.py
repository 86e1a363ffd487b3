"""A figure as marks on paper: boxes, lines, areas, dots and words, in points from the upper left corner."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from foundation.web.drawing.colours import colour_of
from foundation.web.drawing.scales import Axis, Place, place_of, plain, reach_of, ticks_of
from foundation.web.drawing.traces import Drawing, draw_trace, is_right, values_of

WIDTH = 466.0  # pt of text on A4 with our margins
CHARACTER = 3.9  # pt of an average character at 7.5 pt
LINE = 9.5
_ABOVE = 14.0
_APART = 46.0  # pt between ticks of an axis that runs across
_HIGH = 34.0  # pt between ticks of one that runs upward
_INK, _GRID = "token:ink-2", "token:line"


@dataclass(frozen=True)
class _Right:
    """The second upward axis."""

    reach: tuple[Place, Place]
    ticks: list[Any]
    title: str
    colour: str
    wide: float


@dataclass
class _Room:
    """Where the plot lies."""

    left: float
    top: float
    right: float
    bottom: float
    labels: list[dict[str, Any]] = field(default_factory=list)


def drawn(figure: dict[str, Any], *, width: float = WIDTH, height: float = 190.0) -> dict[str, Any]:
    """`{"width", "height", "marks": [...], "legend": [...], "alt"}` of a figure as our chart modules make it.

    `height`: pt of the plot with its axes; the legend stands below it. Traces of kinds that our charts do not use raise
    ValueError: a chart that is only half on paper would mislead.
    """
    layout, data = figure["layout"], figure["data"]
    across, upward = layout["xaxis"], layout["yaxis"]
    xs, _ = values_of(data, layout)
    _, ys = values_of([trace for trace in data if not is_right(trace)], layout)
    x_reach = reach_of(xs, across, air=0.02)
    y_reach = reach_of(ys, upward)
    y_ticks = ticks_of(*y_reach, upward, max(2, round((height - 40) / _HIGH)))
    widest = max((len(part) for tick in y_ticks for part in tick.label.split("\n")), default=0)
    marks_above = [note for note in layout.get("annotations", ()) if note.get("yref") == "paper"]
    lines_above = max((round(note.get("yshift", 0) / 16) + 1 for note in marks_above), default=0)
    left = 6 + min(150.0, widest * CHARACTER)
    title = plain(upward.get("title", {}).get("text", ""))
    top = (_ABOVE if title or "yaxis2" in layout else 4.0) + LINE * lines_above
    x_ticks = ticks_of(*x_reach, across, max(2, int((width - left) // _APART)))
    deepest = max((tick.label.count("\n") + 1 for tick in x_ticks), default=1)
    below = 5 + LINE * deepest + (LINE + 3 if across.get("title", {}).get("text") else 0)
    right = _right_of(data, layout, height)
    room = _Room(left, top, width - (right.wide if right else 8), height - below)
    x = Axis(*x_reach, room.left, room.right)
    y = Axis(*y_reach, room.bottom, room.top)
    drawing = Drawing(x, y)
    # The same marks and legend, by the axis on the right.
    beside = Drawing(x, Axis(*right.reach, room.bottom, room.top), drawing.marks, drawing.legend) if right else drawing
    _grid(drawing, room, layout, x_ticks, y_ticks)
    for shape in layout.get("shapes", ()):
        _shape(drawing, room, shape)
    for place, trace in enumerate(data):
        draw_trace(beside if is_right(trace) else drawing, trace, data[place - 1] if place else None, layout, data)
    for note in marks_above:
        at = place_of(note["x"])
        if at is not None:
            side = note.get("xanchor", "left")
            level = round(note.get("yshift", 0) / 16)
            drawing.word(
                x.at(at) + (2 if side == "left" else -2), room.top - 4 - LINE * level, plain(note["text"]), side, _INK
            )
    _words(drawing, room, layout, x_ticks, y_ticks, title, height)
    if right:
        _words_right(beside, room, right, width)
    return {
        "width": width,
        "height": height,
        "marks": drawing.marks,
        "legend": drawing.legend if layout.get("showlegend", True) else [],
        "alt": figure["alt"],
    }


def _right_of(data: list[dict[str, Any]], layout: dict[str, Any], height: float) -> _Right | None:
    traces = [trace for trace in data if is_right(trace)]
    if not traces:
        return None
    axis = layout["yaxis2"]
    _, values = values_of(traces, {})
    reach = reach_of(values, axis)
    ticks = ticks_of(*reach, axis, max(2, round((height - 40) / _HIGH)))
    widest = max((len(tick.label) for tick in ticks), default=0)
    colour = axis.get("tickfont", {}).get("color", _INK)
    return _Right(reach, ticks, plain(axis.get("title", {}).get("text", "")), colour, 8 + widest * CHARACTER)


def _words_right(drawing: Drawing, room: _Room, right: _Right, width: float) -> None:
    """Ticks and title of the second axis, in its colour; it has no grid of its own."""
    for tick in right.ticks:
        at = drawing.y.at(tick.place)
        if room.top - 1 <= at <= room.bottom + 1:
            drawing.word(room.right + 4, at + 2.6, tick.label, "left", right.colour)
    if right.title:
        drawing.word(width, 7, right.title, "right", right.colour)


def _grid(drawing: Drawing, room: _Room, layout: dict[str, Any], x_ticks: list[Any], y_ticks: list[Any]) -> None:
    for tick in y_ticks:
        at = drawing.y.at(tick.place)
        if layout["yaxis"].get("showgrid", True) and room.top - 0.5 <= at <= room.bottom + 0.5:
            drawing.line([(room.left, at), (room.right, at)], _GRID, 0.5)
    for tick in x_ticks:
        at = drawing.x.at(tick.place)
        if layout["xaxis"].get("showgrid") and room.left - 0.5 <= at <= room.right + 0.5:
            drawing.line([(at, room.top), (at, room.bottom)], _GRID, 0.5)
    drawing.line([(room.left, room.bottom), (room.right, room.bottom)], "token:line-strong", 0.5)
    if layout["yaxis"].get("zeroline") and _inside(0.0, drawing.y):
        drawing.line([(room.left, drawing.y.at(0.0)), (room.right, drawing.y.at(0.0))], "token:ink-3", 0.7)
    if layout["xaxis"].get("zeroline") and _inside(0.0, drawing.x):
        drawing.line([(drawing.x.at(0.0), room.top), (drawing.x.at(0.0), room.bottom)], "token:ink-3", 0.7)


def _inside(value: Place, axis: Axis) -> bool:
    return min(axis.first, axis.last) <= value <= max(axis.first, axis.last)


def _shape(drawing: Drawing, room: _Room, shape: dict[str, Any]) -> None:
    """An upright line or a shaded span over the whole height, as our charts mark go-live and ramp."""
    ends = [place_of(shape["x0"]), place_of(shape["x1"])]
    if ends[0] is None or ends[1] is None or shape.get("yref") != "paper":
        return
    first, last = (min(max(drawing.x.at(end), room.left), room.right) for end in ends if end is not None)
    if shape["type"] == "rect":
        drawing.box(first, room.top, last - first, room.bottom - room.top, shape["fillcolor"])
    else:
        drawing.line([(first, room.top), (last, room.bottom)], shape["line"]["color"], 0.8, "dot")


def _words(
    drawing: Drawing,
    room: _Room,
    layout: dict[str, Any],
    x_ticks: list[Any],
    y_ticks: list[Any],
    title: str,
    height: float,
) -> None:
    ink = layout["yaxis"].get("tickfont", {}).get("color", _INK)
    for tick in y_ticks:
        at = drawing.y.at(tick.place)
        if room.top - 1 <= at <= room.bottom + 1:
            parts = tick.label.split("\n")
            for line, part in enumerate(parts):
                drawing.word(room.left - 4, at + 2.6 + LINE * (line - (len(parts) - 1) / 2), part, "right", ink)
    for tick in x_ticks:
        at = drawing.x.at(tick.place)
        if room.left - 1 <= at <= room.right + 1:
            for line, part in enumerate(tick.label.split("\n")):
                drawing.word(at, room.bottom + 10 + LINE * line, part, "center", _INK)
    if title:
        drawing.word(0, 7, title, "left", ink)
    below = plain(layout["xaxis"].get("title", {}).get("text", ""))
    if below:
        drawing.word((room.left + room.right) / 2, height - 2, below, "center", _INK)


__all__ = ["colour_of", "drawn"]
