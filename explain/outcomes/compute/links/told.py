"""What a link is judged on and what is said of it: steps, stretches of use, the finding, and codes with their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from explain.outcomes.compute.effect import LEAST_DAYS_AFTER, LEAST_PERIODS

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
