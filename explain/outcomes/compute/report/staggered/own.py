"""What a project whose claim is split by steps counts: its own step, as the effect of its report."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from explain.outcomes.compute.asked import Question
from explain.outcomes.compute.methods.series import Found
from explain.outcomes.compute.report.staggered.steps import ALIKE, NOT_ENOUGH, Measured
from explain.outcomes.compute.statement import REASONS, sentence
from explain.outcomes.compute.told import figures_of, row_told

STAGGERED = "staggered"
WHY = (
    "Several projects changed the KPI one after the other: one interrupted time series with a step for each of them, with "
    "HAC intervals. That the steps do not help or hinder each other, no figure can show."
)


def own_step(measured: Measured | None, effect: dict[str, Any]) -> dict[str, Any] | None:
    """The row of the report's project where its claim is split by steps, with `counts` and, where its step does not count,
    `why_not`; else None. `effect`: what the ladder of methods says of the KPI as a whole."""
    row = next((row for row in measured.table["rows"] if row["is_own"]), None) if measured else None
    if measured is None or row is None or row["rules"] != ["staggered"]:
        return None
    others = [other["name"] for other in measured.table["rows"] if other["rules"] not in ([], ["staggered"])]
    # That the whole change has too little information says nothing here: a step of another project is why.
    short = [code for code in effect["reasons"] if not code.startswith("too_little_information")]
    why = ""
    if others:
        why = f"The claim of {others[0]} is split by another rule, so both would count the same change."
    elif measured.steps is None or row["step"] is None:
        why = row["why"] or measured.table["why"]
    elif effect["status"] == NOT_ENOUGH and short:
        why = f"There is not enough data: {'; '.join(REASONS.get(code, code) for code in short)}."
    return {**row, "counts": not why, "why_not": why}


def effect_of_step(
    measured: Measured, own: dict[str, Any], effect: dict[str, Any], question: Question
) -> tuple[dict[str, Any], dict[date, tuple[float | None, float | None, float | None]]]:
    """The effect of the project's own step in the shape of `effect`, and what each period would have been without this
    project alone, with the band of a single period."""
    steps, axis = measured.steps, measured.axis
    assert steps is not None
    place = next(k for k, row in enumerate(measured.live) if row["is_own"])
    step, (expected, reach) = steps.parts[place], steps.without[place]
    last = own["until"] or date.max.isoformat()
    after = np.array([own["from"] <= day.isoformat() < last for day in axis.days])
    after &= np.isfinite(axis.y)
    n_post = int(after.sum())
    found = Found(
        effect=step.value,
        error=step.error,
        freedom=steps.freedom,
        bounds=(step.low, step.high),
        expected_mean=float(expected[after].mean()),
        expected=expected,
        expected_ramp=expected[:0],
        low=expected - reach,
        high=expected + reach,
        cumulative=step.value * n_post,
        cumulative_bounds=(step.low * n_post, step.high * n_post),
        eff_pre=steps.effective[0],
        eff_post=sum(steps.effective[1:]),
        rho=steps.rho,
        varies=steps.varies,
    )
    sign = 1.0 if question.direction == "increase" else -1.0
    undefined: dict[str, str] = {"novelty": "not asked of a step"}
    placebo = steps.placebo
    made = {
        **effect,
        **figures_of(found, sign, axis.exponent, question, undefined),
        "status": measured.table["status"],
        "reasons": measured.table["reasons"],
        "method": STAGGERED,
        "why": f"{WHY} {ALIKE if steps.is_alike else ''}".strip(),
        "n_eff_pre": found.eff_pre,
        "n_eff_post": found.eff_post,
        "rho": steps.rho,
        "placebo": None
        if placebo is None
        else {
            "effect": axis.unscaled(placebo.value),
            "interval": [axis.unscaled(placebo.low), axis.unscaled(placebo.high)],
            "significant": steps.moved_before,
        },
        "novelty": None,
        "undefined": undefined,
    }
    made["statement"] = sentence(
        status=made["status"],
        reasons=tuple(made["reasons"]),
        effect=made["effect"],
        interval=(made["interval"][0], made["interval"][1]),
        verdict=made["verdict"],
        confidence=made["confidence"],
        least=made["minimum_detectable_effect"],
        unit=question.unit,
        direction=question.direction,
        than=f"without {own['name']}",
    )
    rows = (row_told(row, axis.exponent) for row in (expected, found.low, found.high))
    return made, dict(zip(axis.days, zip(*rows, strict=True), strict=True))
