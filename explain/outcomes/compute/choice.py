"""Which method answers: the first of the ladder whose conditions hold, with the reason in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from explain.outcomes.compute.asked import Question
from explain.outcomes.compute.methods.counts import rate_trend
from explain.outcomes.compute.methods.did import correlation, in_step, merges_controls
from explain.outcomes.compute.methods.hac import SHOWS, SHOWS_SURELY, Trend, trend
from explain.outcomes.compute.methods.randomised import LEAST_UNITS, enough_units
from explain.outcomes.compute.methods.series import Series

LEAST_CORRELATION = 0.5
_RANDOMISED = (
    "Difference of the groups' means (Welch), each unit adjusted by its own baseline (CUPED). "
    "That chance decided, no figure can show."
)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The method and why, in sentences."""

    method: str
    why: str


@dataclass(frozen=True, slots=True)
class _Signs:
    """What the baseline shows."""

    slope: Trend
    correlation: float | None
    in_step: bool
    series: Series

    @property
    def moves(self) -> bool:
        return self.slope.shows or self.series.season is not None

    @property
    def related(self) -> bool:
        return self.correlation is not None and abs(self.correlation) >= LEAST_CORRELATION


def choose(question: Question) -> Chosen:
    """The method that was asked for, or the first that fits; where conditions do not hold, `why` says so."""
    series = question.series
    has_control = bool(len(series.controls))
    signs = _Signs(
        slope=rate_trend(series) if question.counts else trend(series.pre),
        correlation=correlation(series) if has_control else None,
        in_step=has_control and in_step(series),
        series=series,
    )
    if question.method != "auto":
        return Chosen(question.method, " ".join(_asked(question, signs)))
    said = []
    if series.groups is not None and not question.counts:
        said.append(_of_groups(series))
        if enough_units(series.groups, series.start):
            return Chosen("randomised", " ".join([*said, _RANDOMISED]))
    elif series.groups is not None:
        said.append("Groups are not used with counts.")
    if has_control and question.counts:
        said.append("Controls are not used with counts.")
    elif has_control:
        said.append(_of_control(signs))
        alone = len(series.controls) == 1
        if signs.related and alone and signs.in_step:
            said.append("The two move one to one, so the control's change is taken off.")
            return Chosen("did", " ".join([*said, *_counts_on(signs)]))
        if signs.related:
            said.append(
                "The two do not move one to one, so a structural model weighs the control."
                if alone
                else "A structural model weighs the controls."
            )
            return Chosen("structural", " ".join([*said, *_counts_on(signs)]))
    said.append(_of_movement(signs))
    if signs.moves:
        return Chosen("its", " ".join([*said, _its(question)]))
    return Chosen("level", " ".join([*said, _level(question)]))


def _asked(question: Question, signs: _Signs) -> list[str]:
    """What holds and what does not, of a method that somebody chose."""
    said, method = ["This method was asked for."], question.method
    if method == "randomised":
        assert signs.series.groups is not None  # read_question asks for them
        return [*said, _of_groups(signs.series), _RANDOMISED]
    if method in ("did", "structural") and len(signs.series.controls):
        said.append(_of_control(signs))
        if not signs.related:
            said.append(f"Its condition does not hold: the correlation is under {LEAST_CORRELATION:g}.")
        elif method == "did" and not signs.in_step:
            said.append("Its condition does not hold: KPI and control do not move one to one.")
        said += _counts_on(signs)
    elif method == "structural":
        said.append("Its condition does not hold: there is no control, so the last level is all it knows.")
    elif method == "its":
        said.append(_of_movement(signs))
        if not signs.moves:
            said.append("Its condition does not hold: nothing shows that the KPI moves by itself.")
        said.append(_its(question))
    else:
        said.append(_of_movement(signs))
        if signs.moves:
            said.append("Its condition does not hold: the means also differ by what would have moved anyway.")
        said.append(_level(question))
    if method in ("level", "its") and len(signs.series.controls):
        said.append("The controls are not used.")
    return said


def _of_groups(series: Series) -> str:
    assert series.groups is not None
    sizes = f"{len(series.groups.treated)} units with the change, {len(series.groups.held)} without it"
    if enough_units(series.groups, series.start):
        return f"A lot decided who got the change: {sizes}."
    return (
        f"A lot decided who got the change, but of {sizes} too few have figures: {LEAST_UNITS} on each side are needed."
    )


def _of_control(signs: _Signs) -> str:
    many = len(signs.series.controls)
    merged = many > 1 and merges_controls(signs.series)
    name = "The control" if many == 1 else f"The mean of {many} controls" if merged else f"Together the {many} controls"
    verb = "correlates" if many == 1 or merged else "correlate"
    if signs.correlation is None:
        return f"{name} and the KPI cannot be compared before go-live."
    side = "at least" if signs.related else "under"
    return f"{name} {verb} with the KPI at {signs.correlation:.2f} before go-live, {side} {LEAST_CORRELATION:g}."


def _counts_on(signs: _Signs) -> list[str]:
    said = ["That the control was not changed itself, no figure can show."]
    if merges_controls(signs.series):
        said.append("The controls are too many for so short a baseline and count as their mean.")
    return said


def _of_movement(signs: _Signs) -> str:
    slope = signs.slope
    if math.isinf(slope.t):
        said = "The baseline is a straight line that rises or falls"
    else:
        holds = f"t of the slope {slope.t:.1f}, limit {SHOWS:g}"
        if abs(slope.t) > SHOWS:
            holds += f"; {slope.cautious:.1f} allowing for neighbours alike, limit {SHOWS_SURELY:g}"
        said = f"The baseline shows {'a' if slope.shows else 'no'} trend ({holds})"
    season = f"a season of {signs.series.season} periods" if signs.series.season else "no season"
    return f"{said}, and {season} was declared."


def _its(question: Question) -> str:
    if question.counts:
        return "Quasi-Poisson regression with trend and season; the rate ratio is that of the step at go-live."
    return "Interrupted time series: the baseline's course is carried on, with a HAC interval."


def _level(question: Question) -> str:
    if question.counts:
        return "Quasi-Poisson regression of the rate on the step at go-live."
    return "Difference of means with the AR(1) interval."
