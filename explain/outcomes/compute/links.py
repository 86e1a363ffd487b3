"""Does a better model pay? A model's metric and a KPI, tied by the versions that were in use.

While version v with metric x_v [points] was in use, the KPI had the mean ybar_v [unit], worth e_v independent periods
(AR(1), `ar1.effective_size`; rho from residuals inside the versions). The change of the KPI per point of the metric is the
weighted slope through these means,

    b = sum e_v (x_v - xbar)(ybar_v - ybar) / sum e_v (x_v - xbar)^2     [unit per point],
    se(b)^2 = s^2 / sum e_v (x_v - xbar)^2,   s^2 = sum r^2 / max(1, n - sum n_v / e_v),

with xbar and ybar weighted by e_v, r the residuals from each version's mean, and a t quantile with sum e_v - (number of
versions) degrees of freedom. With two versions this is the level effect of the second divided by the step of the
metric (spec 2.2, method 4). With three or more the means need not lie on a line: where their scatter about it,
q = sum e_v (ybar_v - fit)^2 / (k - 2), is more than the residuals explain (q / s^2 above the 95 % quantile of F), q takes
the place of s^2, on k - 2 degrees of freedom.

What went together is no proof of a cause: whatever else changed with the versions counts too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from explain.outcomes.compute.ar1 import (
    NEGLIGIBLE,
    Floats,
    effective_size,
    lag_one,
    largest,
    mean_of,
    t_quantile,
)
from explain.outcomes.compute.effect import (
    LEAST_DAYS_AFTER,
    LEAST_EFFECTIVE,
    LEAST_EFFECTIVE_TOGETHER,
    LEAST_PERIODS,
    MOST_MISSING,
)
from explain.outcomes.compute.report.windows import Readings, is_over, laid_out
from explain.outcomes.compute.statement import figure
from lifecycle.kpis.periods import DAY, following

FORMULA_VERSION = "link-1"

Held = Literal["held", "not_shown", "against", "unknown"]

# Stable codes (kept in reports and tests) and what they say to a person.
REASONS = {
    "no_go_live": "no go-live yet",
    "kpi_redefined": "the KPI was defined anew after the link was made; end the link and make a new one",
    "metric_missing": "no version in use since go-live states this metric",
    "one_version": "only one version that states this metric has been in use since go-live",
    "same_metric": "the metric is the same in all versions that were in use long enough",
    "too_few_periods": "fewer than two versions were in use long enough to measure the KPI under each",
    "too_little_information": "the periods repeat each other too much to tell the versions apart",
    "number_out_of_range": "the figures are too large or too small to compute with",
    "little_information": "few independent periods",
    "no_variation": "the values never vary, so chance cannot be judged",
}
SHORT = {
    "too_few_periods": f"fewer than {LEAST_PERIODS} measured periods",
    "too_many_missing": "more than a fifth of its periods are missing",
    "less_than_one_season": "less than one full season",
    "under_28_days": f"fewer than {LEAST_DAYS_AFTER} days",
    "too_little_information": "its periods repeat each other too much",
    "metric_missing": "the metric is not stated",
}


@dataclass(frozen=True, slots=True)
class Step:
    """From `day` on, version `version` was in use; `metric` is its value, None where it does not state it."""

    day: date
    version: int
    metric: float | None


@dataclass(frozen=True, slots=True)
class Use:
    """A version while it was in use, from `first` to `last` day, with the level of the KPI [its unit] in that time.

    `why` is empty where the time counts, else the code in SHORT that tells why it does not.
    """

    version: int
    metric: float | None
    first: date
    last: date
    n: int
    n_eff: float | None = None
    mean: float | None = None
    interval: tuple[float, float] | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a link held. `observed` is the change of the KPI [unit] per point of the metric. Numbers are finite or None."""

    held: Held
    status: Literal["measured", "indicative", "not_enough_data"]
    reasons: tuple[str, ...]
    observed: float | None
    interval: tuple[float, float] | None
    standard_error: float | None
    degrees_of_freedom: float | None
    uses: tuple[Use, ...]


def uses_of(steps: Sequence[Step], since: date, until: date) -> list[tuple[date, date, Step]]:
    """(first day, last day, step) of each stretch of use within [since, until]. Of steps of one day the last counts;
    the order of days does not matter. A version that is put into use again while it is in use changes nothing.
    """
    last_of_day = {step.day: step for step in steps}
    ordered: list[Step] = []
    for _, step in sorted(last_of_day.items()):
        if not ordered or (ordered[-1].version, ordered[-1].metric) != (step.version, step.metric):
            ordered.append(step)
    found = []
    for place, step in enumerate(ordered):
        end = ordered[place + 1].day - timedelta(days=1) if place + 1 < len(ordered) else until
        first, last = max(step.day, since), min(end, until)
        if first <= last:
            found.append((first, last, step))
    return found


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
        window, count = _window(readings, frequency, first, last, until, left_out)
        windows.append(window)
        excluded.append(count)
    exponent = math.frexp(max((largest(window) for window in windows), default=0.0))[1]
    windows = [np.ldexp(window, -exponent) for window in windows]
    why = [
        _why_not(step, window, count, frequency, season, last - first)
        for (first, last, step), window, count in zip(stretches, windows, excluded, strict=True)
    ]
    kept = [place for place, code in enumerate(why) if not code]
    levels = _levels([windows[place] for place in kept])
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
    return _slope(levels, judged, metrics, point, expected, exponent, confidence, uses)


@dataclass(frozen=True)
class _Levels:
    """Means of windows, with what is known of their scatter together; scaled."""

    means: list[float]
    effective: list[float]
    variance: float
    freedom: float
    varies: bool


def _levels(windows: Sequence[Floats]) -> _Levels:
    means = [mean_of(window) for window in windows]
    residuals = [np.where(np.isfinite(window), window - mean, 0.0) for window, mean in zip(windows, means, strict=True)]
    counts = [int(np.isfinite(window).sum()) for window in windows]
    n, squares = sum(counts), sum(float(left @ left) for left in residuals)
    scale = max((largest(window) for window in windows), default=0.0)
    varies = squares > n * (NEGLIGIBLE * scale) ** 2
    rho = lag_one(residuals, n) if varies else 0.0
    effective = [effective_size(count, rho) for count in counts]
    spent = sum(count / e for count, e in zip(counts, effective, strict=True) if e > 0)
    variance = squares / max(1.0, n - spent) if varies else 0.0
    return _Levels(means, effective, variance, sum(effective) - len(counts), varies)


def _slope(
    levels: _Levels,
    judged: list[int],
    metrics: list[float],
    point: float,
    expected: float,
    exponent: int,
    confidence: float,
    uses: tuple[Use, ...],
) -> Finding:
    e = np.array([levels.effective[k] for k in judged])
    y = np.array([levels.means[k] for k in judged])
    x, spread = _centred(np.array(metrics), e)
    level = float((e @ y) / e.sum())
    weight = float(e @ x**2)
    slope = float(e @ (x * (y - level))) / weight
    variance, freedom = levels.variance, levels.freedom
    if len(judged) > 2:
        scatter = float(e @ (y - level - slope * x) ** 2) / (len(judged) - 2)
        if scatter > variance * _f_quantile(0.95, len(judged) - 2, freedom):
            variance, freedom = scatter, float(len(judged) - 2)
    error = math.sqrt(variance / weight)
    reach = t_quantile(0.5 + confidence / 2, freedom) * error if error > 0 else 0.0
    per_point = point / spread  # x is in shares of its spread
    numbers = [_unscaled(value * per_point, exponent) for value in (slope, slope - reach, slope + reach, error)]
    observed, low, high, standard_error = numbers
    if observed is None or low is None or high is None:
        return Finding("unknown", "not_enough_data", ("number_out_of_range",), None, None, None, None, uses)
    ends = sorted(math.copysign(1.0, expected) * bound for bound in (slope - reach, slope + reach))
    held: Held = "held" if ends[0] > 0 else "against" if ends[1] < 0 else "not_shown"
    notes = ["little_information"] if float(e.sum()) < LEAST_EFFECTIVE_TOGETHER else []
    if not levels.varies:
        notes.append("no_variation")
    return Finding(
        held, "indicative" if notes else "measured", tuple(notes), observed, (low, high), standard_error, freedom, uses
    )


def _f_quantile(probability: float, above: float, below: float) -> float:
    """Quantile of F with so many degrees of freedom above and below the stroke."""
    from scipy.special import fdtri

    return float(fdtri(above, below, probability))


def _centred(metrics: Floats, weights: Floats) -> tuple[Floats, float]:
    """Metrics less their weighted mean, as shares of their spread (largest less smallest), and the spread."""
    spread = float(metrics.max() - metrics.min())
    shares = (metrics - metrics.min()) / spread
    return shares - float((weights @ shares) / weights.sum()), spread


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


def _window(
    readings: Readings, frequency: str, first: date, last: date, until: date, left_out: Callable[[date], bool]
) -> tuple[Floats, int]:
    """Values of the periods that lie wholly between the two days, NaN where nothing was measured or a period was left out;
    and how many were left out.
    """
    rows = [
        (day, value)
        for day, value in laid_out(readings, frequency, first, last)
        if following(day, frequency) - timedelta(days=1) <= last and is_over(day, frequency, until)
    ]
    values = [math.nan if value is None or left_out(day) else value for day, value in rows]
    return np.array(values, dtype=np.float64), sum(left_out(day) for day, _ in rows)


def _why_not(step: Step, window: Floats, excluded: int, frequency: str, season: int | None, length: timedelta) -> str:
    """Code in SHORT why a stretch of use says nothing of the KPI (spec 2.3), empty where it does."""
    n = int(np.isfinite(window).sum())
    if step.metric is None:
        return "metric_missing"
    if n < LEAST_PERIODS:
        return "too_few_periods"
    if (window.size - excluded - n) / (window.size - excluded) > MOST_MISSING:
        return "too_many_missing"
    if season and window.size < season:
        return "less_than_one_season"
    return "under_28_days" if frequency == DAY and length.days + 1 < LEAST_DAYS_AFTER else ""


def _use(
    stretch: tuple[date, date, Step],
    window: Floats,
    why: str,
    levels: _Levels,
    place: int | None,
    exponent: int,
    confidence: float,
) -> Use:
    first, last, step = stretch
    n = int(np.isfinite(window).sum())
    mean = _unscaled(mean_of(window), exponent)
    if place is None or why:
        return Use(step.version, step.metric, first, last, n, mean=mean, why=why)
    e, level = levels.effective[place], levels.means[place]
    reach = t_quantile(0.5 + confidence / 2, levels.freedom) * math.sqrt(levels.variance / e) if levels.varies else 0.0
    low, high = _unscaled(level - reach, exponent), _unscaled(level + reach, exponent)
    interval = None if low is None or high is None else (low, high)
    return Use(step.version, step.metric, first, last, n, e, mean, interval)


def _unscaled(value: float, exponent: int) -> float | None:
    """Back to the KPI's unit; None when no float can hold it."""
    try:
        found = math.ldexp(value, exponent) + 0.0 if math.isfinite(value) else None
    except OverflowError:
        return None
    return found


def sentence_of(found: Finding, *, kpi: str, unit: str, metric: str, point: float, expected: float) -> str:
    """One sentence for a manager: did the link hold, how sure, and why not if nothing can be said."""
    if found.observed is None or found.interval is None:
        return f"Cannot be said yet: {'; '.join(REASONS[code] for code in found.reasons)}."
    spaced = f" {unit}" if unit and unit != "1" else ""
    low, high = found.interval
    step = max(abs(found.observed), (high - low) / 2)
    size = f"{_signed(found.observed, step)}{spaced} for each {point:g} more of {metric}"
    sure = f"95 % interval {figure(low, step)} to {figure(high, step)}{spaced}"
    hoped = f"{_signed(expected, abs(expected))}{spaced} was expected"
    if found.held == "not_shown":
        text = f"not shown: {kpi} changed by {size} ({sure}), which may be chance; {hoped}"
    else:
        fits = "which lies within the interval" if low <= expected <= high else "which lies outside the interval"
        word = "held" if found.held == "held" else "against the expectation"
        text = f"{word}: {kpi} changed by {size} ({sure}); {hoped}" + (f", {fits}" if found.held == "held" else "")
    if found.status == "indicative":
        return f"Indicative only ({'; '.join(REASONS[code] for code in found.reasons)}): {text}."
    return f"{text[0].upper()}{text[1:]}."


def _signed(value: float, step: float) -> str:
    return f"{'+' if value > 0 else ''}{figure(value, step)}"
