"""A metric of the model and a KPI on one time axis: does accuracy pay?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from explain.outcomes.charts.frame import LINE, Amount, Figure, figure, frame, line, number, room_for, safe, staggered
from foundation.web.chart_labels import date_ticks, wrapped

_LEGEND = 30  # characters of a line of the legend on a phone
_KPI, _METRIC = "token:accent", "token:cond"

Steps = Sequence[tuple[date, int, Amount | None]]


def link_chart(
    points: Sequence[tuple[date, Amount | None]],
    steps: Steps,
    *,
    kpi: str,
    unit: str,
    metric: str,
    go_live: date | None = None,
    until: date | None = None,
) -> Figure:
    """The KPI's readings on the left axis and the metric of the version in use, in steps, on the right one, each axis in
    the colour of its line. `steps`: (day from which it was in use, version, metric), the last one drawn up to `until`.
    """
    rows = sorted((day, number(value)) for day, value in points)
    turns = sorted((day, version, number(value)) for day, version, value in steps)
    days = [day for day, _ in rows] + [day for day, _, _ in turns] + [day for day in (go_live, until) if day]
    first, last = min(days, default=date(2000, 1, 1)), max(days, default=date(2000, 1, 2))
    air = timedelta(days=max(1, round((last - first).days * 0.02)))
    span = (first - air, last + air)
    readings = line(
        [day.isoformat() for day, _ in rows], [value for _, value in rows], wrapped(kpi, _LEGEND) + " (left)", _KPI
    )
    data: list[dict[str, Any]] = [{**readings, "mode": "lines+markers", "marker": {"size": 4, "color": _KPI}}]
    if turns:
        ends = _held(turns, last)
        stairs = line(
            [day.isoformat() for day, _, _ in ends], [value for _, _, value in ends],
            wrapped(metric, _LEGEND) + " (right)", _METRIC,
        )  # fmt: skip
        stairs["line"] |= {"shape": "hv", "width": 2.5}
        data.append({**stairs, "yaxis": "y2"})
    marks = [(day, f"v{version}") for day, version, _ in turns]
    if go_live:
        marks.append((go_live, "go-live"))
    width = max(1, (span[1] - span[0]).days)
    placed = staggered([((day - span[0]).days / width, text) for day, text in marks])
    lines = 1 + max((level for _, level in placed), default=-1)
    layout = frame("", unit, height=room_for(data), top=8 + LINE * lines)
    layout["xaxis"] |= {"type": "date", "range": [day.isoformat() for day in span], **date_ticks(*span)}
    layout["yaxis"] |= {"title": {"text": safe(unit), "standoff": 8, "font": {"color": _KPI}}}
    layout["yaxis"]["tickfont"] = {"color": _KPI}
    if turns:
        layout["yaxis2"] = {
            **layout["yaxis"],
            "title": {"text": safe(metric), "standoff": 8, "font": {"color": _METRIC}},
            "tickfont": {"color": _METRIC},
            "overlaying": "y",
            # Else its ticks stand where the left axis has its own, on numbers that are not round.
            "tickmode": "auto",
            "nticks": 5,
            "side": "right",
            "showgrid": False,
            **_reach([value for _, _, value in turns]),
        }
    layout["shapes"] = [_upright(day, day == go_live) for day, _ in marks]
    layout["annotations"] = [
        _label(day, text, side, level) for (day, text), (side, level) in zip(marks, placed, strict=True)
    ]
    name = f"{kpi} ({unit})" if unit else kpi
    table = [(day, value, *_in_use(day, turns)) for day, value in rows]
    return figure(
        data, layout, ("Date", name, "Version in use", metric), table, _alt(name, metric, rows, turns, go_live)
    )


def _held(turns: Sequence[tuple[date, int, float | None]], last: date) -> list[tuple[date, int, float | None]]:
    """The turns, each value held up to the next one (a version that states none leaves a gap) and the last to the end."""
    found = []
    for place, (day, version, value) in enumerate(turns):
        end = turns[place + 1][0] if place + 1 < len(turns) else max(last, day)
        found += [(day, version, value), (end, version, value)]
    return found


def _reach(values: Sequence[float | None]) -> dict[str, Any]:
    """Room above and below the steps, so that they neither lie on the frame nor look like more than they are."""
    known = [value for value in values if value is not None]
    if not known:
        return {}
    low, high = min(known), max(known)
    room = (high - low) or abs(high) * 0.1 or 1.0
    return {"range": [low - room / 2, high + room / 2]}


def _in_use(day: date, turns: Sequence[tuple[date, int, float | None]]) -> tuple[str, float | None]:
    now = [(version, value) for since, version, value in turns if since <= day]
    return (f"v{now[-1][0]}", now[-1][1]) if now else ("", None)


def _upright(day: date, is_live: bool) -> dict[str, Any]:
    return {
        "type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "x0": day.isoformat(), "x1": day.isoformat(),
        "line": {"color": "token:ink" if is_live else "token:ink-3", "width": 1, "dash": "dot"},
    }  # fmt: skip


def _label(day: date, text: str, side: str, level: int) -> dict[str, Any]:
    return {
        "x": day.isoformat(), "xref": "x", "xanchor": side, "y": 1, "yref": "paper", "yanchor": "bottom",
        "yshift": LINE * level, "text": safe(text), "showarrow": False, "font": {"size": 12, "color": "token:ink-2"},
    }  # fmt: skip


def _alt(
    name: str,
    metric: str,
    rows: Sequence[tuple[date, float | None]],
    turns: Sequence[tuple[date, int, float | None]],
    go_live: date | None,
) -> str:
    measured = sum(value is not None for _, value in rows)
    parts = [f"{name}: {measured} periods measured"]
    parts += [
        f"version {version} in use from {day.isoformat()}"
        + (f" with {metric} {value:.4g}" if value is not None else f" without {metric}")
        for day, version, value in turns
    ]
    if go_live:
        parts.append(f"go-live {go_live.isoformat()}")
    return ", ".join(parts) + "."
