"""Run chart of a KPI (XmR): did it change, and is the change more than its usual wobble?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from explain.outcomes.charts.frame import (
    LINE,
    Amount,
    Figure,
    band,
    figure,
    frame,
    line,
    number,
    room_for,
    safe,
    short,
    staggered,
)
from foundation.web.chart_labels import date_ticks, wrapped

_LEGEND = 30  # characters of a line of the legend on a phone
XMR = 2.66  # limits = mean +- 2.66 mean moving range (Shewhart's 3 / d2(2); Wheeler 1993)

Points = Sequence[tuple[date, Amount | None]]


@dataclass(frozen=True, slots=True)
class _Limits:
    mean: float
    low: float | None
    high: float | None


def run_chart(
    points: Points,
    *,
    name: str,
    unit: str,
    baseline: tuple[date, date] | None = None,
    target: Amount | None = None,
    go_live: date | None = None,
    ramp_end: date | None = None,
    annotations: Sequence[tuple[date, str]] = (),
    counterfactual: Sequence[tuple[date, Amount, Amount, Amount]] = (),
    as_of: date | None = None,
) -> Figure:
    """Measured points with what they are judged by, all frozen on the baseline window (first and last day,
    inclusive).

    `counterfactual` holds (day, expected, low, high). Missing values stay gaps. The order of `points` does
    not matter.
    """
    rows = sorted(((day, number(value)) for day, value in points), key=lambda row: row[0])
    days = [day for day, _ in rows]
    limits = _limits(rows, baseline)
    marks = [(go_live, "go-live")] if go_live else []
    marks += [(day, text) for day, text in annotations]
    first, last = _span([*days, *(day for day, _ in marks), *(row[0] for row in counterfactual), *(baseline or ())])
    ends = [first.isoformat(), last.isoformat()]

    data: list[dict[str, Any]] = []
    if limits and limits.low is not None and baseline:
        reach = [baseline[0].isoformat(), last.isoformat()]
        data += band(reach, [limits.low] * 2, [limits.high] * 2, "usual range of the baseline", "token:accent/0.15")
    if counterfactual:
        when = [row[0].isoformat() for row in counterfactual]
        low, high = [number(row[2]) for row in counterfactual], [number(row[3]) for row in counterfactual]
        data += band(when, low, high, "range without the change", "token:ink-3/0.15")
        data.append(line(when, [number(row[1]) for row in counterfactual], "without the change", "token:ink-3", "dash"))
    if limits and baseline:
        label = f"baseline mean {limits.mean:.4g}"
        window = [baseline[0].isoformat(), baseline[1].isoformat()]
        data.append({**line(window, [limits.mean] * 2, label, "token:ink-2"), "hoverinfo": "skip"})
        beyond = line([window[1], last.isoformat()], [limits.mean] * 2, label, "token:ink-2", "dot")
        data.append({**beyond, "hoverinfo": "skip", "showlegend": False})
    if target is not None:
        goal = line(ends, [number(target)] * 2, f"target {float(target):.4g}", "token:yes", "dash")
        data.append({**goal, "hoverinfo": "skip"})
    values = line(
        [day.isoformat() for day in days], [value for _, value in rows], wrapped(name, _LEGEND), "token:accent"
    )
    data.append({**values, "mode": "lines+markers", "marker": {"size": 5, "color": "token:accent"}})
    outside = [(day, value) for day, value in rows if _outside(value, limits)]
    if outside:
        data.append(_outliers(outside))

    placed = staggered([(_share(day, first, last), text) for day, text in marks])
    lines = 1 + max((level for _, level in placed), default=-1)
    layout = frame("", unit, height=room_for(data), top=8 + LINE * lines)
    layout["xaxis"] |= {"type": "date", "range": ends, **date_ticks(first, last)}
    layout["shapes"] = _shapes(marks, go_live, ramp_end)
    layout["annotations"] = [_label(day, text, *place) for (day, text), place in zip(marks, placed, strict=True)]
    table = [(day, value, _phase(day, baseline, go_live, ramp_end), _judged(value, limits)) for day, value in rows]
    headers = ("Date", f"{name} ({unit})" if unit else name, "Phase", "Against the usual range")
    return figure(data, layout, headers, table, _alt(name, unit, rows, limits, target, go_live, as_of))


def _limits(rows: Sequence[tuple[date, float | None]], baseline: tuple[date, date] | None) -> _Limits | None:
    """Mean and natural process limits of the baseline window alone; moving ranges of neighbouring periods
    only.
    """
    if baseline is None:
        return None
    window = [value for day, value in rows if baseline[0] <= day <= baseline[1]]
    known = [value for value in window if value is not None]
    if not known:
        return None
    mean = sum(value / len(known) for value in known)
    moves = [abs(b - a) for a, b in pairwise(window) if a is not None and b is not None]
    if not moves:
        return _Limits(mean, None, None)
    reach = XMR * sum(move / len(moves) for move in moves)
    return _Limits(mean, number(mean - reach), number(mean + reach))


def _outside(value: float | None, limits: _Limits | None) -> bool:
    if value is None or limits is None or limits.low is None or limits.high is None:
        return False
    return not limits.low <= value <= limits.high


def _judged(value: float | None, limits: _Limits | None) -> str:
    if value is None:
        return "not measured"
    if limits is None or limits.low is None:
        return ""
    return "outside" if _outside(value, limits) else "inside"


def _phase(day: date, baseline: tuple[date, date] | None, go_live: date | None, ramp_end: date | None) -> str:
    if baseline and baseline[0] <= day <= baseline[1]:
        return "baseline"
    if go_live and day >= go_live:
        return "ramp" if ramp_end and day < ramp_end else "after go-live"
    return "before"


def _outliers(points: Sequence[tuple[date, float | None]]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [day.isoformat() for day, _ in points],
        "y": [value for _, value in points],
        "name": "outside the usual range",
        "marker": {"symbol": "diamond-open", "size": 10, "color": "token:ink", "line": {"width": 1.5}},
        "hoverinfo": "skip",
    }


def _shapes(marks: Sequence[tuple[date, str]], go_live: date | None, ramp_end: date | None) -> list[dict[str, Any]]:
    upright = {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1}
    shapes: list[dict[str, Any]] = [
        {
            **upright,
            "x0": day.isoformat(),
            "x1": day.isoformat(),
            "line": {"color": "token:ink" if day == go_live else "token:ink-3", "width": 1, "dash": "dot"},
        }
        for day, _ in marks
    ]
    if go_live and ramp_end and ramp_end > go_live:
        ramp = {"type": "rect", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "layer": "below"}
        edges = {"x0": go_live.isoformat(), "x1": ramp_end.isoformat()}
        shapes.append({**ramp, **edges, "line": {"width": 0}, "fillcolor": "token:ink-3/0.10"})
    return shapes


def _label(day: date, text: str, side: str, level: int) -> dict[str, Any]:
    return {
        "x": day.isoformat(),
        "xref": "x",
        "xanchor": side,
        "y": 1,
        "yref": "paper",
        "yanchor": "bottom",
        "yshift": LINE * level,
        "text": safe(short(text)),
        "hovertext": safe(text),
        "showarrow": False,
        "font": {"size": 12, "color": "token:ink-2"},
    }


def _span(days: Sequence[date]) -> tuple[date, date]:
    """First and last day with a little air, so that the outer markers are whole."""
    first, last = min(days, default=date(2000, 1, 1)), max(days, default=date(2000, 1, 2))
    air = timedelta(days=max(1, round((last - first).days * 0.02)))
    return first - air, last + air


def _share(day: date, first: date, last: date) -> float:
    return (day - first).days / max(1, (last - first).days)


def _alt(
    name: str,
    unit: str,
    rows: Sequence[tuple[date, float | None]],
    limits: _Limits | None,
    target: Amount | None,
    go_live: date | None,
    as_of: date | None,
) -> str:
    measured = sum(value is not None for _, value in rows)
    parts = [f"{name}{f' in {unit}' if unit else ''}: {measured} of {len(rows)} periods measured"]
    if limits:
        parts.append(f"baseline mean {limits.mean:.4g}")
    if target is not None:
        parts.append(f"target {float(target):.4g}")
    if go_live:
        parts.append(f"go-live {go_live.isoformat()}")
    if as_of:
        parts.append(f"as of {as_of.isoformat()}")
    return ", ".join(parts) + "."
