"""Which method answers: the first of the ladder whose conditions hold, with the reason in words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from explain.outcomes.compute.asked import Question
from explain.outcomes.compute.methods.counts import rate_trend
from explain.outcomes.compute.methods.did import correlation, steadier
from explain.outcomes.compute.methods.hac import trend
from explain.outcomes.compute.methods.series import Series
from explain.outcomes.compute.methods.structural import merges_controls

LEAST_CORRELATION = 0.5
TREND_SHOWS = 2.0
IN_STEP = 0.0  # a control that moves against the KPI cannot be subtracted from it


@dataclass(frozen=True, slots=True)
class Chosen:
    """The method and why, in sentences."""

    method: str
    why: str


@dataclass(frozen=True, slots=True)
class _Signs:
    """What the baseline shows."""

    slope: float
    correlation: float | None
    steadier: bool
    series: Series

    @property
    def moves(self) -> bool:
        return abs(self.slope) > TREND_SHOWS or self.series.season is not None

    @property
    def related(self) -> bool:
        return self.correlation is not None and abs(self.correlation) >= LEAST_CORRELATION

    @property
    def in_step(self) -> bool:
        return self.related and (self.correlation or 0.0) > IN_STEP and self.steadier


def choose(question: Question) -> Chosen:
    """The method that was asked for, or the first that fits; where conditions do not hold, `why` says so."""
    series = question.series
    has_control = bool(len(series.controls))
    signs = _Signs(
        slope=rate_trend(series) if question.counts else trend(series.pre),
        correlation=correlation(series) if has_control else None,
        steadier=has_control and steadier(series),
        series=series,
    )
    if question.method != "auto":
        return Chosen(question.method, " ".join(_asked(question, signs)))
    said = []
    if has_control and question.counts:
        said.append("Controls are not used with counts.")
    elif has_control:
        said.append(_of_control(signs))
        if signs.in_step:
            said.append("The KPI moves less about the control than by itself, so the control's change is taken off.")
            return Chosen("did", " ".join([*said, *_counts_on(signs)]))
        if signs.related:
            said.append("The two do not move in step, so a structural model weighs the control.")
            return Chosen("structural", " ".join([*said, *_counts_on(signs)]))
    said.append(_of_movement(signs))
    if signs.moves:
        return Chosen("its", " ".join([*said, _its(question)]))
    return Chosen("level", " ".join([*said, _level(question)]))


def _asked(question: Question, signs: _Signs) -> list[str]:
    """What holds and what does not, of a method that somebody chose."""
    said, method = ["This method was asked for."], question.method
    if method in ("did", "structural") and len(signs.series.controls):
        said.append(_of_control(signs))
        if not signs.related:
            said.append(f"Its condition does not hold: the correlation is under {LEAST_CORRELATION:g}.")
        elif method == "did" and not signs.in_step:
            said.append("Its condition does not hold: KPI and control do not move in step.")
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


def _of_control(signs: _Signs) -> str:
    many = len(signs.series.controls)
    name = "The control" if many == 1 else f"The mean of {many} controls"
    if signs.correlation is None:
        return f"{name} and the KPI cannot be compared before go-live."
    side = "at least" if signs.related else "under"
    return f"{name} correlates with the KPI at {signs.correlation:.2f} before go-live, {side} {LEAST_CORRELATION:g}."


def _counts_on(signs: _Signs) -> list[str]:
    said = ["That the control was not changed itself, no figure can show."]
    if merges_controls(signs.series):
        said.append("The controls are too many for so short a baseline and count as their mean.")
    return said


def _of_movement(signs: _Signs) -> str:
    if math.isinf(signs.slope):
        slope = "The baseline is a straight line that rises or falls"
    else:
        shows = "shows a trend" if abs(signs.slope) > TREND_SHOWS else "shows no trend"
        slope = f"The baseline {shows} (t of the slope {signs.slope:.1f}, limit {TREND_SHOWS:g})"
    season = f"a season of {signs.series.season} periods" if signs.series.season else "no season"
    return f"{slope} and {season} was declared." if signs.series.season else f"{slope}, and {season} was declared."


def _its(question: Question) -> str:
    if question.counts:
        return "Quasi-Poisson regression with trend and season; the rate ratio is that of the step at go-live."
    return "Interrupted time series: the baseline's course is carried on, with a HAC interval."


def _level(question: Question) -> str:
    if question.counts:
        return "Quasi-Poisson regression of the rate on the step at go-live."
    return "Difference of means with the AR(1) interval."
