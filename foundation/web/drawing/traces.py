"""The kinds of traces that our charts use: lines, bands, dots, bars and steps."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from foundation.web.drawing.colours import colour_of, mixed
from foundation.web.drawing.scales import Axis, Place, place_of, plain

Point = tuple[float, float]
_DASHES = {"solid": "solid", "dash": "dashed", "dot": "dotted", "dashdot": "dash-dotted"}
_THICK = 0.62  # share of its place that a bar across fills


@dataclass
class Drawing:
    """Marks and the entries of the legend, in the order in which they are drawn."""

    x: Axis
    y: Axis
    marks: list[dict[str, Any]] = field(default_factory=list)
    legend: list[dict[str, Any]] = field(default_factory=list)

    def line(self, points: Sequence[Point], colour: str, width: float, dash: str = "solid") -> None:
        """A line through points on paper."""
        self.marks.append(
            {"kind": "line", "points": _rounded(points), "colour": colour_of(colour), "width": width,
             "dash": _DASHES[dash]}
        )  # fmt: skip

    def area(self, points: Sequence[Point], colour: str) -> None:
        """A filled polygon."""
        self.marks.append({"kind": "area", "points": _rounded(points), "colour": colour_of(colour)})

    def box(self, x: float, y: float, width: float, height: float, colour: str, edge: str | None = None) -> None:
        """A filled rectangle with its upper left corner at x, y."""
        self.marks.append(
            {"kind": "box", "x": round(x, 2), "y": round(y, 2), "width": round(max(width, 0.2), 2),
             "height": round(max(height, 0.2), 2), "colour": colour_of(colour),
             "edge": colour_of(edge) if edge else None}
        )  # fmt: skip

    def dot(self, at: Point, size: float, colour: str, edge: str | None = None) -> None:
        """A circle; `size` is its diameter."""
        self.marks.append(
            {"kind": "dot", "x": round(at[0], 2), "y": round(at[1], 2), "size": size, "colour": colour_of(colour),
             "edge": colour_of(edge) if edge else None}
        )  # fmt: skip

    def word(self, x: float, y: float, text: str, side: str, colour: str) -> None:
        """Words whose baseline stands at y; `side`: where x is (left, center, right)."""
        self.marks.append(
            {
                "kind": "word",
                "x": round(x, 2),
                "y": round(y, 2),
                "text": text,
                "side": side,
                "colour": colour_of(colour),
            }
        )

    def named(self, trace: dict[str, Any], kind: str, colour: str, dash: str = "solid") -> None:
        """The trace's entry in the legend, where it has one."""
        if trace.get("name") and trace.get("showlegend", True):
            self.legend.append(
                {"name": plain(trace["name"]).replace("\n", " "), "kind": kind, "colour": colour_of(colour),
                 "dash": _DASHES[dash]}
            )  # fmt: skip


def is_right(trace: dict[str, Any]) -> bool:
    """Whether the trace stands on the second upward axis, which has its ticks on the right."""
    return bool(trace.get("yaxis") == "y2")


def values_of(data: Sequence[dict[str, Any]], layout: dict[str, Any]) -> tuple[list[Place], list[Place]]:
    """All places that the traces take on both axes."""
    xs: list[Place] = []
    ys: list[Place] = []
    for trace in data:
        across, upward = _known(trace.get("x", ())), _known(trace.get("y", ()))
        if trace["type"] == "waterfall":
            across = [end for _, *ends in _steps(trace) for end in ends]
        if "base" in trace:
            starts = _known(trace["base"])
            across = [*starts, *(start + step for start, step in zip(starts, across, strict=True))]
        elif trace["type"] in ("bar", "waterfall"):
            (across if trace.get("orientation") == "h" else upward).append(0.0)
        if trace.get("xperiod") == "M1" and across:
            across.append(max(across) + 31)
        xs += across
        ys += upward
    for shape in layout.get("shapes", ()):
        xs += _known([shape["x0"], shape["x1"]])
    return xs, ys


def draw_trace(
    drawing: Drawing,
    trace: dict[str, Any],
    former: dict[str, Any] | None,
    layout: dict[str, Any],
    data: Sequence[dict[str, Any]],
) -> None:
    """Put one trace on paper. `former`: the trace before it, for bands. Raises ValueError for an unknown kind."""
    kind = trace["type"]
    if kind == "scatter":
        _scatter(drawing, trace, former)
    elif kind == "bar" and trace.get("orientation") != "h":
        _bars(drawing, trace, [other for other in data if other["type"] == "bar"], layout)
    elif kind == "bar" and layout.get("barmode") != "group":
        _bars_across(drawing, trace)
    elif kind == "waterfall" and trace.get("orientation") == "h":
        _waterfall(drawing, trace)
    else:
        raise ValueError(f"A trace of kind {kind!r} cannot be drawn on paper.")


def _scatter(drawing: Drawing, trace: dict[str, Any], former: dict[str, Any] | None) -> None:
    runs = _runs(drawing, trace)
    if trace.get("fill") == "tonexty" and former is not None:
        colour = trace["fillcolor"]
        for upper, lower in zip(runs, _runs(drawing, former), strict=False):
            drawing.area([*upper, *reversed(lower)], colour)
        drawing.named(trace, "area", colour)
        return
    mode, style, marker = trace.get("mode", "lines"), trace.get("line", {}), trace.get("marker", {})
    colour, dash = style.get("color", marker.get("color", "token:accent")), style.get("dash", "solid")
    if "lines" in mode and style.get("width", 2):
        for run in runs:
            drawing.line(run, colour, 0.6 * style.get("width", 2), dash)
    if "markers" in mode:
        edge = marker.get("line", {}).get("color")
        is_open = str(marker.get("symbol", "")).endswith("-open")
        filled = "token:sheet" if is_open else marker.get("color", colour)
        if not isinstance(filled, str):
            _shaded(drawing, trace, marker)
            return
        for point in (point for run in runs for point in run):
            drawing.dot(point, 0.5 * marker.get("size", 6), filled, marker.get("color") if is_open else edge)
        if mode == "markers":
            drawing.named(trace, "dot", edge or marker.get("color", colour))
            return
    if style.get("width", 2):
        drawing.named(trace, "line", colour, dash)


def _shaded(drawing: Drawing, trace: dict[str, Any], marker: dict[str, Any]) -> None:
    """Dots whose colours are numbers on a scale of three colours."""
    low, high = float(marker["cmin"]), float(marker["cmax"])
    for across, upward, value in zip(trace["x"], trace["y"], marker["color"], strict=True):
        x, y = place_of(across), place_of(upward)
        if x is not None and y is not None:
            share = min(1.0, max(0.0, (value - low) / (high - low)))
            drawing.dot(
                (drawing.x.at(x), drawing.y.at(y)), 0.5 * marker.get("size", 6), mixed(marker["colorscale"], share)
            )


def _bars(drawing: Drawing, trace: dict[str, Any], bars: list[dict[str, Any]], layout: dict[str, Any]) -> None:
    """Bars side by side in their month or place."""
    if layout.get("barmode") != "group":
        raise ValueError("Only grouped bars can be drawn upright on paper.")
    gap, place = float(layout.get("bargap", 0.2)), next(k for k, other in enumerate(bars) if other is trace)
    marker = trace["marker"]
    zero = drawing.y.at(0.0)
    for across, upward in zip(trace["x"], trace["y"], strict=True):
        start, value = place_of(across), place_of(upward)
        if start is None or value is None:
            continue
        span = _month_of(start) if trace.get("xperiod") == "M1" else 1.0
        first, last = drawing.x.at(start), drawing.x.at(start + span)
        width = (last - first) * (1 - gap) / len(bars)
        top = min(zero, drawing.y.at(value))
        left = first + (last - first) * gap / 2 + place * width
        height = abs(drawing.y.at(value) - zero)
        drawing.box(left, top, width, height, marker["color"], marker.get("line", {}).get("color"))
    drawing.named(trace, "area", marker["color"])


def _bars_across(drawing: Drawing, trace: dict[str, Any]) -> None:
    """One bar for each place, from its base, which is zero where none is given."""
    thick = abs(drawing.y.at(1.0) - drawing.y.at(0.0)) * _THICK
    bases, colours = trace.get("base", [0.0] * len(trace["x"])), trace["marker"]["color"]
    for number, (size, place) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        left, right = sorted((drawing.x.at(bases[number]), drawing.x.at(bases[number] + size)))
        middle = drawing.y.at(float(place))
        colour = colours if isinstance(colours, str) else colours[number]
        drawing.box(left, middle - thick / 2, right - left, thick, colour)


def _waterfall(drawing: Drawing, trace: dict[str, Any]) -> None:
    """Steps from top to bottom: each change begins where the former one ended, a total begins at zero."""
    steps = _steps(trace)
    thick = abs(drawing.y.at(1.0) - drawing.y.at(0.0)) * _THICK
    for place, (kind, start, end) in zip(trace["y"], steps, strict=True):
        style = "totals" if kind == "total" else "increasing" if end >= start else "decreasing"
        left, right = sorted((drawing.x.at(start), drawing.x.at(end)))
        middle = drawing.y.at(float(place))
        drawing.box(left, middle - thick / 2, right - left, thick, trace[style]["marker"]["color"])
    for place, (_, _, end) in enumerate(steps[:-1]):
        at, line = drawing.x.at(end), trace["connector"]["line"]
        ends = [drawing.y.at(float(trace["y"][k])) for k in (place, place + 1)]
        drawing.line([(at, ends[0] + thick / 2), (at, ends[1] - thick / 2)], line["color"], 0.6)


def _steps(trace: dict[str, Any]) -> list[tuple[str, float, float]]:
    level, rows = 0.0, []
    for kind, amount in zip(trace["measure"], trace["x"], strict=True):
        start = 0.0 if kind == "total" else level
        level = start + float(amount)
        rows.append((kind, start, level))
    return rows


def _runs(drawing: Drawing, trace: dict[str, Any]) -> list[list[Point]]:
    """The points of a trace on paper, apart where a value is missing."""
    runs: list[list[Point]] = [[]]
    is_stairs = trace.get("line", {}).get("shape") == "hv"  # level up to the next value, then straight to it
    for across, upward in zip(trace["x"], trace["y"], strict=True):
        x, y = place_of(across), place_of(upward)
        if x is None or y is None:
            runs.append([])
            continue
        at = (drawing.x.at(x), drawing.y.at(y))
        if is_stairs and runs[-1] and runs[-1][-1][1] != at[1]:
            runs[-1].append((at[0], runs[-1][-1][1]))
        runs[-1].append(at)
    return [run for run in runs if run]


def _month_of(start: Place) -> float:
    day = date.fromordinal(int(start))
    return float(monthrange(day.year, day.month)[1])


def _known(values: Sequence[Any]) -> list[Place]:
    return [place for place in map(place_of, values) if place is not None]


def _rounded(points: Sequence[Point]) -> list[list[float]]:
    return [[round(x, 2), round(y, 2)] for x, y in points]
