"""What is told of an estimate: its figures in the KPI's unit, null where there is none, with the reason."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from explain.outcomes.compute.ar1 import Floats, largest, mean_of
from explain.outcomes.compute.asked import Question
from explain.outcomes.compute.effect import NEAR_ZERO, POWER_80, verdict_of
from explain.outcomes.compute.methods.series import Found, Part


def figures_of(
    found: Found | None, sign: float, exponent: int, question: Question, undefined: dict[str, str]
) -> dict[str, Any]:
    """Effect and what hangs on it; all null without an estimate."""
    if found is None or found.bounds is None or found.error is None:
        names = (
            "effect", "interval", "standard_error", "degrees_of_freedom", "improvement", "relative", "cumulative",
            "cumulative_interval", "counterfactual_mean", "minimum_detectable_effect", "verdict", "level_change",
            "level_change_interval", "slope_change", "slope_change_interval", "rate_ratio", "rate_ratio_interval",
            "slope_ratio", "slope_ratio_interval",
        )  # fmt: skip
        return dict.fromkeys(names)
    near = NEAR_ZERO * max(largest(question.series.pre), largest(question.series.post)) / 2.0**exponent
    relative = None
    if abs(found.expected_mean) > near:
        relative = sign * found.effect / abs(found.expected_mean) + 0.0
    else:
        undefined["relative"] = "the counterfactual mean is zero"
    if found.level_change is None:
        undefined["level_change"] = undefined["slope_change"] = "only interrupted time series has them"
    if found.rate_ratio is None:
        undefined["rate_ratio"] = undefined["slope_ratio"] = "only counts have one"
    elif found.slope_ratio is None:
        undefined["slope_ratio"] = "no change of slope shows, so none is in the model"
    if found.freedom is None:
        undefined["degrees_of_freedom"] = "the interval is made of simulated paths"
    return {
        "effect": unscaled(found.effect, exponent),
        "interval": pair(found.bounds, exponent),
        "standard_error": unscaled(found.error, exponent),
        "degrees_of_freedom": found.freedom,
        "improvement": unscaled(sign * found.effect, exponent),
        "relative": relative,
        "cumulative": unscaled(found.cumulative, exponent),
        "cumulative_interval": pair(found.cumulative_bounds, exponent),
        "counterfactual_mean": unscaled(found.expected_mean, exponent),
        "minimum_detectable_effect": unscaled(POWER_80 * found.error, exponent),
        "verdict": verdict_of(sign, found.bounds),
        **_part("level_change", found.level_change, exponent),
        **_part("slope_change", found.slope_change, exponent),
        **_part("rate_ratio", found.rate_ratio, 0),
        **_part("slope_ratio", found.slope_ratio, 0),
    }


def _part(name: str, found: Part | None, exponent: int) -> dict[str, Any]:
    if found is None:
        return {name: None, f"{name}_interval": None}
    return {name: unscaled(found.value, exponent), f"{name}_interval": pair((found.low, found.high), exponent)}


def counterfactual_of(found: Found, question: Question, exponent: int) -> list[dict[str, Any]]:
    """Each period after, with what it would have been and the band in which it would have lain."""
    start = question.series.start
    columns = zip(*(row_told(row, exponent) for row in (found.expected, found.low, found.high)), strict=True)
    labels = question.grid.labels[start:] if question.grid else None
    return [
        {
            "index": start + place,
            "date": labels[place].isoformat() if labels is not None else None,
            "value": value,
            "low": low,
            "high": high,
        }
        for place, (value, low, high) in enumerate(columns)
    ]


def row_told(row: Floats, exponent: int) -> list[float | None]:
    """A row of figures in the KPI's unit, None for what is not a number."""
    whole = np.ldexp(row, exponent) + 0.0
    told: list[float | None] = whole.tolist()
    if bool(np.isfinite(whole).all()):
        return told
    return [value if value is not None and math.isfinite(value) else None for value in told]


def mean_told(window: Floats, exponent: int) -> float | None:
    return unscaled(mean_of(window), exponent)


def unscaled(value: float, exponent: int) -> float | None:
    """Back to the KPI's unit; None for what is not a number."""
    if not math.isfinite(value):
        return None
    try:
        return math.ldexp(value, exponent) + 0.0
    except OverflowError:
        return None


def pair(bounds: tuple[float, float] | None, exponent: int) -> list[float | None] | None:
    return None if bounds is None else [unscaled(bound, exponent) for bound in bounds]
