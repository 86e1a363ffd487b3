"""The effect calculator: JSON in, JSON out; what did the change bring against what would have been without it?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from explain.outcomes.compute.ar1 import Floats, estimate, largest
from explain.outcomes.compute.asked import Question, read_question
from explain.outcomes.compute.choice import choose
from explain.outcomes.compute.effect import LEAST_EFFECTIVE_TOGETHER, shortfalls
from explain.outcomes.compute.methods.counts import counts
from explain.outcomes.compute.methods.did import did
from explain.outcomes.compute.methods.its import its
from explain.outcomes.compute.methods.level import level
from explain.outcomes.compute.methods.randomised import randomised
from explain.outcomes.compute.methods.series import Found, Groups, Series
from explain.outcomes.compute.methods.structural import credible, structural
from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.statement import FORMULA_VERSION, Status, figure, sentence
from explain.outcomes.compute.told import counterfactual_of, figures_of, mean_told, row_told, unscaled

LEAST_OF_PLACEBO = 4  # known periods in each half of the baseline, for methods that fit more than a mean
THAN = {
    "level": "the baseline",
    "its": "the baseline’s course carried on",
    "did": "the control’s change lets expect",
    "structural": "the counterfactual",
    "randomised": "in the units without it",
}
LEAST_OF_HALF = 4  # known periods in each half after go-live, for the novelty check


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer as JSON but for the counterfactual, and the estimate, None where nothing can be said."""

    plain: dict[str, Any]
    question: Question
    found: Found | None
    exponent: int

    @property
    def expected(self) -> list[float | None]:
        """What would have been in each period from go-live on, the ramp with it; empty without an estimate."""
        if self.found is None:
            return []
        return row_told(np.concatenate([self.found.expected_ramp, self.found.expected]), self.exponent)

    def band(self) -> tuple[list[float | None], list[float | None]]:
        """Lower and upper end of the band of a single period after the ramp."""
        if self.found is None:
            return [], []
        return row_told(self.found.low, self.exponent), row_told(self.found.high, self.exponent)


def effect(request: Mapping[str, Any]) -> dict[str, Any]:
    """Effect, interval and sentence by the method that fits; what cannot be said is null with its reason.

    `relative` is a share of the counterfactual mean, signed like `improvement`. Raises CalculationRefused.
    """
    if not isinstance(request, Mapping):
        raise CalculationRefused("not_an_object", "The request is an object with named fields.")
    answered = answer_to(read_question(request))
    if answered.found is not None:
        with np.errstate(all="ignore"):
            rows = counterfactual_of(answered.found, answered.question, answered.exponent)
        answered.plain["counterfactual"] = rows
    return answered.plain


def answer_to(question: Question, *, caveats: Sequence[str] = (), obstacles: Sequence[str] = ()) -> Answered:
    """As `effect`, of a question that has been read. `caveats` are reason codes the caller knows of that hold the status
    at indicative, `obstacles` codes that allow no figure.
    """
    with np.errstate(all="ignore"):
        return _answer(question, list(caveats), list(obstacles))


def _answer(question: Question, caveats: list[str], obstacles: list[str]) -> Answered:
    scaled, exponent = _scaled(question)
    chosen = choose(scaled)
    series, method = scaled.series, chosen.method
    pre, post = _compared(series, method)
    gathered = obstacles + shortfalls(pre, post, season=series.season, post_days=question.post_days, effective=None)
    found = _by(method, series, scaled.counts) if not gathered else None
    against = list(gathered)
    if found is not None:
        effective = (found.eff_pre, found.eff_post)
        against = shortfalls(pre, post, season=series.season, post_days=question.post_days, effective=effective)
        if found.error is None or found.bounds is None or not _finite(found):
            against = against or ["number_out_of_range"]
    elif not against:
        against = ["no_events" if scaled.counts and not _both_counted(series) else "not_identified"]
    undefined: dict[str, str] = {}
    placebo = _placebo(scaled, method, exponent) if found is not None and not against else None
    notes = caveats + _notes(series, method, found, placebo) if found is not None and not against else []
    status: Status = "not_enough_data" if against else "indicative" if notes else "measured"
    shown = found if not against else None
    sign = 1.0 if question.direction == "increase" else -1.0
    answer = {
        "status": status,
        "reasons": list(dict.fromkeys(against or notes)),
        "method": method,
        "why": f"{chosen.why} {found.remark}".strip() if found is not None else chosen.why,
        **figures_of(shown, sign, exponent, question, undefined),
        "counterfactual": None,
        "pre_mean": mean_told(pre, exponent),
        "post_mean": mean_told(post, exponent),
        "n_pre": int(np.isfinite(pre).sum()),
        "n_post": int(np.isfinite(post).sum()),
        "n_eff_pre": found.eff_pre if found else None,
        "n_eff_post": found.eff_post if found else None,
        "rho": found.rho if found else None,
        "placebo": placebo,
        "novelty": _novelty(shown, series, exponent),
        "confidence": series.confidence,
        "period": question.grid.period if question.grid else None,
        "seed": series.seed,
    }
    if shown is not None and placebo is None:
        undefined["placebo"] = "the baseline is too short to pretend a change in its middle"
    if shown is not None and answer["novelty"] is None:
        undefined["novelty"] = "too few periods after go-live to compare their halves"
    if shown is None:
        names = [name for name, value in answer.items() if value is None and name != "period"]
        undefined |= dict.fromkeys(names, "not enough data")
    answer["undefined"] = undefined
    answer["statement"] = _statement(answer, question, status)
    answer["formula_version"] = FORMULA_VERSION
    return Answered(answer, question, shown, exponent)


def _by(method: str, series: Series, of_counts: bool) -> Found | None:
    if of_counts:
        return counts(series, with_trend=method == "its")
    of_values = {"level": level, "its": its, "did": did, "structural": structural, "randomised": randomised}
    return of_values[method](series)


def _scaled(question: Question) -> tuple[Question, int]:
    """The same question by a power of two near its largest value, so that squares neither overflow nor vanish."""
    if question.counts:
        return question, 0
    series = question.series
    groups = series.groups
    units = [groups.treated, groups.held] if groups is not None else []
    exponent = math.frexp(max(largest(block) for block in (series.y, series.controls, *units)))[1]
    y, controls, *sides = (np.ldexp(block, -exponent) for block in (series.y, series.controls, *units))
    return replace(
        question, series=replace(series, y=y, controls=controls, groups=Groups(*sides) if sides else None)
    ), exponent


def _compared(series: Series, method: str) -> tuple[Floats, Floats]:
    """The two windows as the method uses them: without its controls a period is missing, an excluded one is none."""
    known = np.full(series.y.size, True)
    if method in ("did", "structural") and len(series.controls):
        known = np.asarray(np.isfinite(series.controls).all(axis=0))
    if series.exposure is not None:
        known &= np.isfinite(series.exposure)
    y = np.where(known, series.y, np.nan)
    pre, post = y[: series.go_live], y[series.start :]
    if series.left_out is None:
        return pre, post
    return pre[~series.left_out[: series.go_live]], post[~series.left_out[series.start :]]


def _both_counted(series: Series) -> bool:
    return bool(np.nansum(series.pre) > 0 and np.nansum(series.post) > 0)


def _finite(found: Found) -> bool:
    figures = [found.effect, found.error, *(found.bounds or ()), found.cumulative, found.expected_mean]
    return all(value is not None and math.isfinite(value) for value in figures)


def _placebo(question: Question, method: str, exponent: int) -> dict[str, Any] | None:
    """The same method on the baseline alone, with go-live pretended in its middle."""
    series = question.series
    pretended = series.before_go_live(series.go_live // 2)
    pre, post = _compared(pretended, method)
    least = max(LEAST_OF_PLACEBO, series.season or 0) if method != "level" else 2
    if min(np.isfinite(pre).sum(), np.isfinite(post).sum()) < least:
        return None
    found = _by(method, pretended, question.counts)
    if found is None or found.bounds is None or not _finite(found):
        return None
    interval = [unscaled(bound, exponent) for bound in found.bounds]
    significant = found.bounds[0] > 0 or found.bounds[1] < 0
    return {"effect": unscaled(found.effect, exponent), "interval": interval, "significant": significant}


def _novelty(found: Found | None, series: Series, exponent: int) -> dict[str, Any] | None:
    """Did the effect last? Second half of the periods after less the first half, against what would have been."""
    if found is None:
        return None
    away = series.post - found.expected
    places = np.flatnonzero(np.isfinite(away))
    if places.size < 2 * LEAST_OF_HALF:
        return None
    middle = int(places[places.size // 2])
    halves = estimate(away[:middle], away[middle:])
    bounds = halves.bounds(series.confidence)
    if bounds is None:
        return None
    return {
        "first_half": unscaled(halves.mean_pre, exponent),
        "second_half": unscaled(halves.mean_post, exponent),
        "difference": unscaled(halves.delta, exponent),
        "interval": [unscaled(bound, exponent) for bound in bounds],
        "significant": bounds[0] > 0 or bounds[1] < 0,
    }


def _notes(series: Series, method: str, found: Found, placebo: dict[str, Any] | None) -> list[str]:
    """Reason codes that hold the figure at indicative."""
    notes = []
    if found.eff_pre + found.eff_post < LEAST_EFFECTIVE_TOGETHER:
        notes.append("little_information")
    if placebo and placebo["significant"]:
        notes.append("placebo_significant")
    if method == "structural" and credible(series) is False:
        notes.append("counterfactual_not_credible")
    if not found.varies:
        notes.append("no_variation")
    return notes


def _statement(answer: dict[str, Any], question: Question, status: Status) -> str:
    ratio, interval = answer["rate_ratio"], answer["rate_ratio_interval"]
    more = ""
    if ratio is not None and interval is not None:
        more = f"; rate ratio {figure(ratio, 1)}, {figure(interval[0], 1)} to {figure(interval[1], 1)}"
    return sentence(
        status=status,
        reasons=tuple(answer["reasons"]),
        effect=answer["effect"],
        interval=None if answer["interval"] is None else (answer["interval"][0], answer["interval"][1]),
        verdict=answer["verdict"],
        confidence=answer["confidence"],
        least=answer["minimum_detectable_effect"],
        unit=question.unit,
        direction=question.direction,
        than=THAN[answer["method"]],
        more=more,
    )
