"""Did the level of a KPI change after go-live? What may be said, from two windows of one series.

Windows of missing, constant or enormous values are answered, never raised on. Units are those of the KPI.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from explain.outcomes.compute.ar1 import Estimate, Floats, estimate, largest, mean_of
from explain.outcomes.compute.statement import Direction, LevelEffect, Status, Verdict, statement_for

Series = Sequence[float | None]

LEAST_PERIODS = 8
LEAST_EFFECTIVE = 4.0
LEAST_EFFECTIVE_TOGETHER = 20.0
MOST_MISSING = 0.20
LEAST_DAYS_AFTER = 28
POWER_80 = 2.8  # z(.975) + z(.80)
NEAR_ZERO = 1e-9  # of the largest value: no relative change to a mean that small


def level_effect(
    values: Series,
    go_live: int,
    *,
    ramp: int = 0,
    direction: Direction = "increase",
    season: int | None = None,
    confidence: float = 0.95,
    daily: bool = False,
    baseline_start: int = 0,
    unit: str = "",
    caveats: Sequence[str] = (),
    obstacles: Sequence[str] = (),
) -> LevelEffect:
    """Effect of a go-live at index `go_live` of one series (None = missing), leaving out `ramp` periods
    after it.

    The baseline is values[baseline_start:go_live]. `caveats` are reason codes the caller knows of that hold
    the status at indicative, `obstacles` codes that allow no figure. Raises ValueError for an index or a
    confidence out of range.
    """
    if not 0 <= baseline_start <= go_live <= len(values) or ramp < 0:
        raise ValueError("The baseline starts before go-live, go-live lies in the series, the ramp is not negative.")
    return level_effect_of(
        values[baseline_start:go_live],
        values[go_live + ramp :],
        direction=direction,
        season=season,
        confidence=confidence,
        daily=daily,
        unit=unit,
        caveats=caveats,
        obstacles=obstacles,
    )


def level_effect_of(
    pre: Series,
    post: Series,
    *,
    direction: Direction = "increase",
    season: int | None = None,
    confidence: float = 0.95,
    daily: bool = False,
    unit: str = "",
    caveats: Sequence[str] = (),
    obstacles: Sequence[str] = (),
) -> LevelEffect:
    """As level_effect, from the frozen baseline window and the window after the ramp."""
    if not 0 < confidence < 1:
        raise ValueError("The confidence lies between 0 and 1.")
    if direction not in ("increase", "decrease"):
        raise ValueError("The direction is increase or decrease.")
    before, after = _floats(pre), _floats(post)
    n_pre, n_post = int(np.isfinite(before).sum()), int(np.isfinite(after).sum())
    exponent = _exponent(before, after)
    before, after = np.ldexp(before, -exponent), np.ldexp(after, -exponent)
    found = estimate(before, after) if n_pre and n_post else None
    against = [*obstacles, *_shortfalls(before, after, season, daily, found)]
    notes = list(caveats)
    if bool(np.isinf(before).any() or np.isinf(after).any()):
        notes.append("non_finite_values")
    bounds = found.bounds(confidence) if found else None
    effect = _unscaled(found.delta, exponent) if found else None
    interval = _unscaled_pair(bounds, exponent)
    if found and not against and (effect is None or interval is None):
        against.append("number_out_of_range")
    base = LevelEffect(
        status="not_enough_data",
        reasons=tuple(against),
        why="Two windows of one series and no control: difference of means with the AR(1) interval.",
        effect=None,
        interval=None,
        standard_error=None,
        degrees_of_freedom=None,
        improvement=None,
        relative=None,
        pre_mean=_unscaled(mean_of(before), exponent),
        post_mean=_unscaled(mean_of(after), exponent),
        n_pre=n_pre,
        n_post=n_post,
        n_eff_pre=found.eff_pre if found else None,
        n_eff_post=found.eff_post if found else None,
        rho=found.rho if found else None,
        placebo=None,
        minimum_detectable_effect=None,
        cumulative=None,
        verdict=None,
        confidence=confidence,
    )
    if against or found is None or bounds is None or effect is None or found.error is None:
        return replace(base, statement=statement_for(base, unit, direction))
    placebo = _placebo(before, exponent, confidence)
    if found.eff_pre + found.eff_post < LEAST_EFFECTIVE_TOGETHER:
        notes.append("little_information")
    if placebo and placebo["significant"]:
        notes.append("placebo_significant")
    if not found.varies:
        notes.append("no_variation")
    sign = 1.0 if direction == "increase" else -1.0
    status: Status = "indicative" if notes else "measured"
    result = replace(
        base,
        status=status,
        reasons=tuple(dict.fromkeys(notes)),
        effect=effect,
        interval=interval,
        standard_error=_unscaled(found.error, exponent),
        degrees_of_freedom=found.freedom,
        improvement=sign * effect + 0.0,
        relative=sign * found.delta / abs(found.mean_pre) + 0.0
        if abs(found.mean_pre) > _near_zero(before, after)
        else None,
        placebo=placebo,
        minimum_detectable_effect=_unscaled(POWER_80 * found.error, exponent),
        cumulative=_unscaled(found.delta * n_post, exponent),
        verdict=verdict_of(sign, bounds),
    )
    return replace(result, statement=statement_for(result, unit, direction))


def _shortfalls(pre: Floats, post: Floats, season: int | None, daily: bool, found: Estimate | None) -> list[str]:
    effective = (found.eff_pre, found.eff_post) if found else None
    return shortfalls(pre, post, season=season, post_days=float(post.size) if daily else None, effective=effective)


def shortfalls(
    pre: Floats,
    post: Floats,
    *,
    season: int | None,
    post_days: float | None,
    effective: tuple[float, float] | None,
) -> list[str]:
    """Reason codes that forbid a figure, whatever the method: `effective` periods before and after, if they are known,
    and the days after go-live of a daily series.
    """
    codes = []
    for place, (side, window) in enumerate((("before", pre), ("after", post))):
        n = int(np.isfinite(window).sum())
        if n < LEAST_PERIODS:
            codes.append(f"too_few_periods_{side}")
        if window.size and (window.size - n) / window.size > MOST_MISSING:
            codes.append(f"too_many_missing_{side}")
        if season and window.size < season:
            codes.append(f"less_than_one_season_{side}")
        if effective and n >= LEAST_PERIODS and effective[place] < LEAST_EFFECTIVE:
            codes.append(f"too_little_information_{side}")
    if post_days is not None and post_days < LEAST_DAYS_AFTER:
        codes.append("post_window_under_28_days")
    return codes


def _placebo(pre: Floats, exponent: int, confidence: float) -> dict[str, Any] | None:
    """Pretend that go-live was in the middle of the baseline: an effect there speaks against the method."""
    middle = pre.size // 2
    first, second = pre[:middle], pre[middle:]
    if min(np.isfinite(first).sum(), np.isfinite(second).sum()) < 2:
        return None
    found = estimate(first, second)
    bounds = found.bounds(confidence)
    interval = _unscaled_pair(bounds, exponent)
    effect = _unscaled(found.delta, exponent)
    if bounds is None or interval is None or effect is None:
        return None
    return {"effect": effect, "interval": list(interval), "significant": bounds[0] > 0 or bounds[1] < 0}


def verdict_of(sign: float, bounds: tuple[float, float]) -> Verdict:
    """What the interval says; one that holds zero demonstrates nothing."""
    low, high = sorted(sign * bound for bound in bounds)
    return "improved" if low > 0 else "worsened" if high < 0 else "no_change"


def _floats(values: Series) -> Floats:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _near_zero(pre: Floats, post: Floats) -> float:
    return NEAR_ZERO * max(largest(pre), largest(post))


def _exponent(pre: Floats, post: Floats) -> int:
    """Power of two that brings the largest value to about 1, so that squares neither overflow nor vanish."""
    return math.frexp(max(largest(pre), largest(post)))[1]


def _unscaled(value: float, exponent: int) -> float | None:
    """Back to the KPI's unit; None when no float can hold it."""
    if not math.isfinite(value):
        return None
    try:
        return math.ldexp(value, exponent) + 0.0
    except OverflowError:
        return None


def _unscaled_pair(bounds: tuple[float, float] | None, exponent: int) -> tuple[float, float] | None:
    if bounds is None:
        return None
    low, high = _unscaled(bounds[0], exponent), _unscaled(bounds[1], exponent)
    return None if low is None or high is None else (low, high)
