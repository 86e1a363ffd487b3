"""Whether a link held: from steps and readings to a finding, or to the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from explain.outcomes.compute.ar1 import Floats, largest, mean_of, t_quantile
from explain.outcomes.compute.effect import LEAST_EFFECTIVE
from explain.outcomes.compute.links.slope import Levels, levels_of, slope_finding, unscaled
from explain.outcomes.compute.links.stretches import uses_of, why_not, window_of
from explain.outcomes.compute.links.told import Finding, Step, Use
from explain.outcomes.compute.report.windows import Readings


def link_finding(
    steps: Sequence[Step],
    readings: Readings,
    *,
    frequency: str,
    since: date | None,
    until: date,
    expected: float,
    point: float,
    season: int | None = None,
    left_out: Callable[[date], bool] = lambda day: False,
    obstacles: Sequence[str] = (),
    confidence: float = 0.95,
) -> Finding:
    """What the KPI did while versions with different metrics were in use.

    `readings`: values of the KPI [unit] by first day of the period; `since`: first judged day (after go-live and ramp,
    None: not live yet); `until`: last day of use that is known; `expected`: change of the KPI [unit] per point of the
    metric, not 0; `point`: size of a point in the metric's own unit, above 0; `left_out`: whether a period is excluded;
    `obstacles`: reason codes the caller knows of that allow no answer. Only periods that lie wholly in the use of one
    version count. Raises ValueError for a `point` or `expected` out of range.
    """
    if not (point > 0 and math.isfinite(point)) or expected == 0 or not math.isfinite(expected):
        raise ValueError("A point is a positive size, and the expected change is not zero.")
    stretches = uses_of(steps, since, until) if since is not None else []
    windows, excluded = [], []
    for first, last, _ in stretches:
        window, count = window_of(readings, frequency, first, last, until, left_out)
        windows.append(window)
        excluded.append(count)
    exponent = math.frexp(max((largest(window) for window in windows), default=0.0))[1]
    windows = [np.ldexp(window, -exponent) for window in windows]
    why = [
        why_not(step, window, count, frequency, season, last - first)
        for (first, last, step), window, count in zip(stretches, windows, excluded, strict=True)
    ]
    kept = [place for place, code in enumerate(why) if not code]
    levels = levels_of([windows[place] for place in kept])
    for place, e in zip(kept, levels.effective, strict=True):
        if e < LEAST_EFFECTIVE:
            why[place] = "too_little_information"
    uses = tuple(
        _use(stretch, windows[place], why[place], levels, kept.index(place) if place in kept else None, exponent,
             confidence)
        for place, stretch in enumerate(stretches)
    )  # fmt: skip
    judged = [kept.index(place) for place in kept if not why[place]]
    metrics = [stretches[kept[k]][2].metric or 0.0 for k in judged]
    against = [*obstacles, *([] if obstacles else _obstacles(since, [step for _, _, step in stretches], why, metrics))]
    if against:
        return Finding("unknown", "not_enough_data", tuple(against), None, None, None, None, uses)
    return slope_finding(levels, judged, metrics, point, expected, exponent, confidence, uses)


def _obstacles(since: date | None, steps: list[Step], why: list[str], metrics: list[float]) -> list[str]:
    if since is None:
        return ["no_go_live"]
    stating = {step.version for step in steps if step.metric is not None}
    if not stating:
        return ["metric_missing"]
    if len(stating) < 2:
        return ["one_version"]
    if len(metrics) < 2:
        return ["too_little_information" if "too_little_information" in why else "too_few_periods"]
    if not math.isfinite(max(metrics) - min(metrics)):
        return ["number_out_of_range"]
    return ["same_metric"] if max(metrics) == min(metrics) else []


def _use(
    stretch: tuple[date, date, Step],
    window: Floats,
    why: str,
    levels: Levels,
    place: int | None,
    exponent: int,
    confidence: float,
) -> Use:
    first, last, step = stretch
    n = int(np.isfinite(window).sum())
    mean = unscaled(mean_of(window), exponent)
    if place is None or why:
        return Use(step.version, step.metric, first, last, n, mean=mean, why=why)
    e, level = levels.effective[place], levels.means[place]
    reach = t_quantile(0.5 + confidence / 2, levels.freedom) * math.sqrt(levels.variance / e) if levels.varies else 0.0
    low, high = unscaled(level - reach, exponent), unscaled(level + reach, exponent)
    interval = None if low is None or high is None else (low, high)
    return Use(step.version, step.metric, first, last, n, e, mean, interval)
