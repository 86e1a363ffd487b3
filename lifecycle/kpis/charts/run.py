"""The run chart of a KPI, and its line in a list: plain figures with colour tokens, no plotly."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from foundation.web.chart_labels import date_ticks
from foundation.web.formats import day_text, number_text
from lifecycle.kpis.charts.frame import Chart, unit_words
from lifecycle.kpis.figures import limits
from lifecycle.kpis.models import Baseline, GoLive, Kpi, Target
from lifecycle.kpis.periods import following, period_text
from lifecycle.kpis.selectors.series import Point

MOST_POINTS = 750  # the newest ones; more would be a smear


def run_chart(
    kpi: Kpi,
    series: Sequence[Point],
    *,
    baseline: Baseline | None = None,
    target: Target | None = None,
    go_live: GoLive | None = None,
    count: int | None = None,
) -> Chart:
    """Readings by period with the frozen baseline, its limits (mean -/+ 2.66 mean moving range), target and go-live.

    `count`: how many readings there are, where `series` holds the newest of them only.
    Labels of lines stand right of the plot, where no reading is; those that would touch are moved apart.
    """
    notes = []
    if kpi.simulated:
        notes.append(f"Simulated series: {kpi.simulated}")
    shown = list(series)[-MOST_POINTS:]
    if (count or len(series)) > len(shown):
        notes.append(f"The newest {len(shown)} of {count or len(series)} readings are drawn.")
    unit = unit_words(kpi.unit)
    data: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines+markers" if len(shown) <= 120 else "lines",
            "name": kpi.name,
            "x": [point.period.isoformat() for point in shown],
            "y": [point.value for point in shown],
            "line": {"color": "token:accent", "width": 2},
            "marker": {"color": "token:accent", "size": 5},
            "hovertemplate": f"%{{x}}<br>%{{y}} {unit}<extra></extra>",
        }
    ]
    shapes: list[dict[str, Any]] = []
    marks: list[tuple[float, str, str]] = []
    band = limits(baseline.mean, baseline.moving_range) if baseline and baseline.mean is not None else None
    if baseline is not None and baseline.mean is not None:
        _draw_baseline(shapes, marks, baseline, band, kpi, shown)
    if target is not None:
        shapes.append(_level(target.value, "token:yes", "solid"))
        marks.append((target.value, f"target {number_text(target.value)}", "token:yes"))
    annotations: list[dict[str, Any]] = []
    if go_live is not None:
        _draw_go_live(shapes, annotations, go_live)
    low, high = _range([point.value for point in shown], [level for level, _, _ in marks])
    annotations += _beside(marks, low, high)
    first, last = _dates(shown, baseline, go_live, kpi.frequency)
    layout = {
        "margin": {"l": 56, "r": 80 if marks else 24, "t": 28, "b": 48},
        "showlegend": False,
        "hovermode": "closest",
        "xaxis": {
            "type": "date",
            "showgrid": False,
            **date_ticks(first, last),
            "range": [first.isoformat(), last.isoformat()],
        },
        "yaxis": {
            "title": {"text": unit},
            "gridcolor": "token:line",
            "zeroline": False,
            "range": [low, high],
        },
        "shapes": shapes,
        "annotations": annotations,
    }
    headers = [
        kpi.get_frequency_display().capitalize() + " period",
        f"{kpi.name} ({unit})",
        "Revision",
        "In the baseline",
    ]
    rows = [
        [
            period_text(point.period, kpi.frequency),
            point.value,
            point.revision,
            "yes" if baseline is not None and baseline.starts_on <= point.period <= baseline.ends_on else "",
        ]
        for point in shown
    ]
    return Chart({"data": data, "layout": layout}, _words(kpi, shown, baseline, target, go_live), headers, rows, notes)


def _draw_baseline(
    shapes: list[dict[str, Any]],
    marks: list[tuple[float, str, str]],
    baseline: Baseline,
    band: Any,
    kpi: Kpi,
    shown: Sequence[Point],
) -> None:
    mean = baseline.mean if baseline.mean is not None else 0.0
    ends = following(baseline.ends_on, "day").isoformat()
    shapes.append(
        {
            "type": "rect", "xref": "x", "yref": "paper", "x0": baseline.starts_on.isoformat(), "x1": ends,
            "y0": 0, "y1": 1, "fillcolor": "token:ink-3/0.1", "line": {"width": 0}, "layer": "below",
        }
    )  # fmt: skip
    last = max(ends, following(shown[-1].period, kpi.frequency).isoformat()) if shown else ends
    start = baseline.starts_on.isoformat()
    shapes.append(_level(mean, "token:ink-3", "solid", start, last))
    marks.append((mean, f"mean {number_text(mean)}", "token:ink-2"))
    if band is not None and band.high > band.low:
        for level, word in ((band.high, "limit"), (band.low, "limit")):
            shapes.append(_level(level, "token:ink-3", "dot", start, last))
            marks.append((level, f"{word} {number_text(level)}", "token:ink-2"))


def _draw_go_live(shapes: list[dict[str, Any]], annotations: list[dict[str, Any]], go_live: GoLive) -> None:
    on = go_live.on.isoformat()
    shapes.append(
        {
            "type": "line", "xref": "x", "yref": "paper", "x0": on, "x1": on, "y0": 0, "y1": 1,
            "line": {"color": "token:ink-2", "width": 1.5, "dash": "dash"},
        }
    )  # fmt: skip
    word = "go-live"
    if go_live.ramp_until is not None and go_live.ramp_until > go_live.on:
        shapes.append(
            {
                "type": "rect", "xref": "x", "yref": "paper", "x0": on, "x1": go_live.ramp_until.isoformat(),
                "y0": 0, "y1": 1, "fillcolor": "token:cond/0.12", "line": {"width": 0}, "layer": "below",
            }
        )  # fmt: skip
        word = "go-live, ramp"
    annotations.append(
        {
            "x": on, "y": 1.0, "xref": "x", "yref": "paper", "text": word, "showarrow": False,
            "xanchor": "center", "yanchor": "bottom", "font": {"color": "token:ink-2", "size": 12},
        }
    )  # fmt: skip


def _level(value: float, colour: str, dash: str, start: str | None = None, end: str | None = None) -> dict[str, Any]:
    """A horizontal line, over the whole width unless `start` and `end` are given."""
    whole = start is None or end is None
    return {
        "type": "line",
        "xref": "paper" if whole else "x",
        "yref": "y",
        "x0": 0 if whole else start,
        "x1": 1 if whole else end,
        "y0": value,
        "y1": value,
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }


def _range(values: Sequence[float], levels: Sequence[float]) -> tuple[float, float]:
    """Axis range that holds readings and lines with a margin of 8 %."""
    every = [*values, *levels] or [0.0, 1.0]
    low, high = min(every), max(every)
    margin = (high - low) * 0.08 or max(abs(high) * 0.08, 0.5)
    return low - margin, high + margin


def _beside(marks: Sequence[tuple[float, str, str]], low: float, high: float) -> list[dict[str, Any]]:
    """Labels right of the plot at the height of their lines, at least 7 % of the height apart."""
    gap, span = 0.07, high - low
    places: list[float] = []
    ordered = sorted(marks, key=lambda mark: mark[0])
    for level, _, _ in ordered:
        place = (level - low) / span
        places.append(max(place, places[-1] + gap) if places else place)
    overflow = (places[-1] - 1.0) if places else 0.0
    if overflow > 0:
        places[-1] = 1.0
        for number in range(len(places) - 2, -1, -1):
            places[number] = min(places[number], places[number + 1] - gap)
    return [
        {
            "x": 1.0, "y": round(place, 4), "xref": "paper", "yref": "paper", "text": text, "showarrow": False,
            "xanchor": "left", "yanchor": "middle", "xshift": 6, "align": "left", "font": {"color": colour, "size": 12},
        }
        for place, (_, text, colour) in zip(places, ordered, strict=True)
    ]  # fmt: skip


def _dates(
    shown: Sequence[Point], baseline: Baseline | None, go_live: GoLive | None, frequency: str
) -> tuple[date, date]:
    """First and last day of the axis: all readings, the baseline and go-live."""
    days = [point.period for point in shown]
    if shown:
        days.append(following(shown[-1].period, frequency))
    if baseline is not None:
        days += [baseline.starts_on, baseline.ends_on]
    if go_live is not None:
        days.append(go_live.on)
    return min(days, default=date(2000, 1, 1)), max(days, default=date(2000, 1, 2))


def _words(
    kpi: Kpi, shown: Sequence[Point], baseline: Baseline | None, target: Target | None, go_live: GoLive | None
) -> str:
    unit = unit_words(kpi.unit)
    parts = [f"{kpi.name}, {kpi.get_frequency_display()}, in {unit}: {len(shown)} readings"]
    if shown:
        last = shown[-1]
        parts.append(f"the latest {number_text(last.value)} in {period_text(last.period, kpi.frequency)}")
    if baseline is not None and baseline.mean is not None:
        parts.append(f"baseline mean {number_text(baseline.mean)}")
    if target is not None:
        parts.append(f"target {number_text(target.value)} by {day_text(target.due_on)}")
    if go_live is not None:
        parts.append(f"go-live on {day_text(go_live.on)}")
    return "; ".join(parts) + "."


def spark_path(values: Sequence[float], width: float = 96, height: float = 24) -> str:
    """Points of an SVG polyline for a sparkline; empty for fewer than two values."""
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    span = (high - low) or 1.0
    step = width / (len(values) - 1)
    return " ".join(
        f"{number * step:.1f},{2 + (height - 4) * (1 - (value - low) / span):.1f}"
        for number, value in enumerate(values)
    )
