"""The table that is printed: one row a line, what it stands beside below each group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.pairing import Line

NAME, FIGURE = 36, 11


def heading() -> str:
    """The names of the columns."""
    return _cells("", "Tollgate", "beside", "ratio", "middle half", "queries", "aim")


def row(line: Line) -> str:
    """One line."""
    low, high = line.spread
    return _cells(
        line.name,
        figure(line.ours, line.unit),
        figure(line.reference, line.unit),
        f"{line.ratio:.2f}",
        f"{low:.2f}–{high:.2f}",
        f"{line.queries[0]} : {line.queries[1]}" if line.queries else "",
        line.goal,
    )


def words_below(lines: Sequence[Line]) -> Iterator[str]:
    """What the reference is, once for lines that share it, and the notes."""
    for beside in dict.fromkeys(line.beside for line in lines):
        whose = [line.name for line in lines if line.beside == beside]
        of = "" if len(whose) == len(lines) else f" ({'; '.join(whose)})"
        yield f"    beside{of}: {beside}"
    for line in lines:
        if line.note:
            yield f"    {line.name}: {line.note}"


def figure(value: float, unit: str) -> str:
    """A time, a size or a share, to three digits or so."""
    if unit in ("MB", "kB"):
        return f"{value:.0f} {unit}"
    if unit == "":
        return f"{100 * value:.1f} %"
    for size, name in ((1.0, "s"), (1e-3, "ms")):
        if value >= size:
            return f"{value / size:.{2 if value < 10 * size else 1}f} {name}"
    return f"{value * 1e6:.1f} µs"


def _cells(name: str, ours: str, beside: str, ratio: str, spread: str, queries: str, aim: str) -> str:
    return (f"  {name:<{NAME}}{ours:>{FIGURE}}{beside:>{FIGURE}}{ratio:>9}{spread:>15}{queries:>10}  {aim}").rstrip()
