"""What an estimate of an effect holds, and its sentence for a manager. No numpy: pages may import it."""

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

FORMULA_VERSION = "effect-2"

Status = Literal["measured", "indicative", "not_enough_data"]
Verdict = Literal["improved", "worsened", "no_change"]
Direction = Literal["increase", "decrease"]

# Stable codes (kept in reports and tests) and what they say to a person.
REASONS = {
    "too_few_periods_before": "fewer than 8 measured periods before go-live",
    "too_few_periods_after": "fewer than 8 measured periods after go-live",
    "too_little_information_before": "the periods before go-live repeat each other too much",
    "too_little_information_after": "the periods after go-live repeat each other too much",
    "less_than_one_season_before": "less than one full season before go-live",
    "less_than_one_season_after": "less than one full season after go-live",
    "too_many_missing_before": "more than a fifth of the periods before go-live are missing",
    "too_many_missing_after": "more than a fifth of the periods after go-live are missing",
    "post_window_under_28_days": "fewer than 28 days after go-live",
    "no_frozen_baseline": "no frozen baseline",
    "no_go_live": "no go-live yet",
    "baseline_overlaps_go_live": "the baseline overlaps go-live",
    "unit_mismatch": "the unit changed",
    "currency_mismatch": "the currency changed and no rate is known",
    "number_out_of_range": "the figures are too large to compute with",
    "little_information": "few independent periods",
    "placebo_significant": "the baseline already moved before go-live",
    "retrospective_baseline": "the baseline was taken after go-live",
    "imputed_over_10_percent": "more than a tenth of the values were filled in",
    "non_finite_values": "some values were not numbers and were left out",
    "no_variation": "the values never vary, so chance cannot be judged",
    "counterfactual_not_credible": "the model does not foretell the end of its own baseline",
    "not_a_count": "the KPI counts, but some values are below zero",
    "not_identified": "the figures do not determine the model",
    "no_events": "nothing was counted before or after go-live",
    "too_few_with_control": "too few periods in which KPI and control are both known",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelEffect:
    """Change of level after go-live, in the KPI's unit. Every number is finite or None.

    `relative` is a share (0.08 = 8 % better) of the counterfactual mean, signed like `improvement`.
    """

    status: Status
    reasons: tuple[str, ...]
    method: Literal["level"] = "level"
    why: str
    effect: float | None
    interval: tuple[float, float] | None
    standard_error: float | None
    degrees_of_freedom: float | None
    improvement: float | None
    relative: float | None
    pre_mean: float | None
    post_mean: float | None
    n_pre: int
    n_post: int
    n_eff_pre: float | None
    n_eff_post: float | None
    rho: float | None
    placebo: dict[str, Any] | None
    minimum_detectable_effect: float | None
    cumulative: float | None
    verdict: Verdict | None
    confidence: float
    statement: str = ""
    formula_version: str = FORMULA_VERSION

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, numbers and None, ready for JSON."""
        plain = asdict(self)
        plain["reasons"] = list(self.reasons)
        plain["interval"] = None if self.interval is None else list(self.interval)
        return plain


def statement_for(result: LevelEffect, unit: str = "", direction: Direction = "increase") -> str:
    """One sentence for a manager: what changed, how sure, and why not if nothing can be said."""
    return sentence(
        status=result.status,
        reasons=result.reasons,
        effect=result.effect,
        interval=result.interval,
        verdict=result.verdict,
        confidence=result.confidence,
        least=result.minimum_detectable_effect,
        unit=unit,
        direction=direction,
    )


def sentence(
    *,
    status: Status,
    reasons: tuple[str, ...],
    effect: float | None,
    interval: tuple[float, float] | None,
    verdict: Verdict | None,
    confidence: float,
    least: float | None,
    unit: str,
    direction: Direction,
    than: str = "the baseline",
    more: str = "",
) -> str:
    """As statement_for, for any method: `than` names what is compared with, `more` is a figure beside the effect."""
    if status == "not_enough_data" or effect is None or interval is None:
        return f"Not enough data: {_listed(reasons)}."
    step = max(abs(effect), (interval[1] - interval[0]) / 2)
    low, high = (figure(bound, step) for bound in interval)
    sure = f"{confidence * 100:g} % interval {low} to {high}{_spaced(unit)}{more}"
    size = f"{figure(abs(effect), step)}{_spaced(unit)}"
    side = "higher" if effect > 0 else "lower"
    wish = "higher" if direction == "increase" else "lower"
    if verdict == "improved":
        text = f"improved: {size} {side} than {than} ({sure}); {wish} is better"
    elif verdict == "worsened":
        text = f"worsened: {size} {side} than {than} ({sure}); {wish} is better"
    else:
        found = f"{figure(effect, step)}{_spaced(unit)}"
        text = f"no change demonstrated: a difference of {found} ({sure}) may be chance"
        if least:
            text += f"; a change of {figure(least, least)}{_spaced(unit)} would have shown in four cases out of five"
    if status == "indicative":
        return f"Indicative only ({_listed(reasons)}): {text}."
    return f"{text[0].upper()}{text[1:]}."


def figure(value: float, step: float) -> str:
    """A number to three significant digits of `step`, with a true minus sign."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "unknown"
    if not 1e-6 <= abs(step) < 1e15:
        text = f"{value:.3g}"
    else:
        places = max(0, 2 - math.floor(math.log10(abs(step))))
        text = f"{value:,.{places}f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "0") else text.replace("-", "−")


def _listed(reasons: tuple[str, ...]) -> str:
    return "; ".join(REASONS.get(code, code.replace("_", " ")) for code in reasons)


def _spaced(unit: str) -> str:
    return f" {unit}" if unit else ""
