"""Reading the fields of a calculator's request: what is not sound is refused by name, never guessed at."""

import math
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.refusal import CalculationRefused

MOST_FLOWS = 600
MOST_SEED = 2**32 - 1
LARGEST_STATISTIC = 1e100
LEAST_CONFIDENCE, MOST_CONFIDENCE = 0.5, 0.999
LARGEST = Decimal("1e20")
# What each calculator knows; any other field is named in the answer as ignored, so that a slip of the pen shows.
FIELDS_OF = {
    "cash-flow": (
        "flows", "rate", "period", "first_flow", "dates", "finance_rate", "reinvest_rate", "costs", "benefits",
        "currency",
    ),
    "effect": (
        "values", "dates", "go_live", "ramp", "direction", "season", "controls", "counts", "exposure", "method",
        "confidence", "seed", "unit",
    ),
    "uncertainty": (
        "kpis", "effect", "interval", "standard_error", "degrees_of_freedom", "confidence", "direction", "value_per_unit",
        "volumes", "share", "planned_costs", "actual_costs", "rate", "currency", "draws", "seed",
    ),
    "business-case": ("costs", "benefits", "rate", "currency", "draws", "seed"),
}  # fmt: skip
_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,2})?", re.ASCII)


def read_numbers(request: Mapping[str, Any], field: str) -> list[Decimal] | None:
    """A list of amounts, None if absent."""
    given = request.get(field)
    if given is None:
        return None
    if not isinstance(given, list | tuple):
        raise CalculationRefused("not_a_list", "A list of amounts is needed.", field)
    if len(given) > MOST_FLOWS:
        raise CalculationRefused("too_many", f"At most {MOST_FLOWS} periods can be computed with.", field)
    return [read_number(amount, f"{field}[{place}]") for place, amount in enumerate(given)]


def read_number(given: object, field: str) -> Decimal:
    """Text or Decimal only: a JSON number has already been rounded to binary, and an integer may mean
    cents.
    """
    if isinstance(given, str) and _NUMBER.fullmatch(given.strip()):
        value = Decimal(given.strip())
    elif isinstance(given, Decimal):
        value = given
    else:
        raise CalculationRefused("not_a_number", 'Write amounts and rates as text, such as "-1250.50".', field)
    if not value.is_finite() or abs(value) > LARGEST:
        raise CalculationRefused("number_out_of_range", "The amount is too large to compute with.", field)
    return value


def read_span(given: object, field: str) -> tuple[Decimal, Decimal, Decimal]:
    """An amount as text, or low, mode and high by name or in this order."""
    if isinstance(given, Mapping):
        missing = [name for name in ("low", "mode", "high") if name not in given]
        if missing:
            raise CalculationRefused("missing", "A range has low, mode and high.", f"{field}.{missing[0]}")
        low, mode, high = (read_number(given[name], f"{field}.{name}") for name in ("low", "mode", "high"))
    elif isinstance(given, list | tuple):
        if len(given) != 3:
            raise CalculationRefused("not_a_range", "A range is low, mode and high.", field)
        low, mode, high = (read_number(amount, f"{field}[{place}]") for place, amount in enumerate(given))
    else:
        low = mode = high = read_number(given, field)
    if not low <= mode <= high:
        raise CalculationRefused("range_not_in_order", "A range runs from low over mode to high.", field)
    return low, mode, high


def read_rate(request: Mapping[str, Any], field: str) -> Decimal | None:
    """A rate per year as a share, None if absent."""
    given = request.get(field)
    if given is None:
        return None
    rate = read_number(given, field)
    if not -1 < rate <= 1000:
        raise CalculationRefused("rate_out_of_range", "A rate lies above -1 (-100 %) and at most at 1000.", field)
    return rate


def read_choice(request: Mapping[str, Any], field: str, allowed: tuple[Any, ...]) -> Any:
    """One of the allowed words; the first if absent."""
    given = request.get(field)
    if given is None:
        return allowed[0]
    if not isinstance(given, str) or given not in allowed:
        raise CalculationRefused("unknown_choice", f"One of {', '.join(allowed)} is needed.", field)
    return given


def read_statistic(given: object, field: str) -> float:
    """A measured figure: a JSON number, finite and of a size that can be squared."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise CalculationRefused("not_a_number", "Measured figures are numbers, without quotation marks.", field)
    if isinstance(given, float) and not math.isfinite(given):
        raise CalculationRefused("not_finite", "NaN and infinity are no figures; write null for a missing one.", field)
    if abs(given) > LARGEST_STATISTIC:
        raise CalculationRefused(
            "number_out_of_range", f"Figures up to {LARGEST_STATISTIC:.0e} can be computed with.", field
        )
    return float(given)


def read_whole(request: Mapping[str, Any], field: str, least: int, most: int, usual: int) -> int:
    """A whole number within bounds; the usual one if absent."""
    given = request.get(field)
    if given is None:
        return usual
    if isinstance(given, bool) or not isinstance(given, int):
        raise CalculationRefused("not_a_whole_number", "A whole number is needed.", field)
    if not least <= given <= most:
        raise CalculationRefused("out_of_range", f"A whole number from {least:,} to {most:,} is needed.", field)
    return given


def read_flag(request: Mapping[str, Any], field: str) -> bool:
    """True or false; false if absent."""
    given = request.get(field)
    if given is None:
        return False
    if not isinstance(given, bool):
        raise CalculationRefused("not_a_flag", "True or false is needed.", field)
    return given


def read_confidence(request: Mapping[str, Any]) -> float:
    """How sure an interval is to be; 0.95 if absent."""
    if request.get("confidence") is None:
        return 0.95
    given = read_statistic(request["confidence"], "confidence")
    if not LEAST_CONFIDENCE <= given <= MOST_CONFIDENCE:
        raise CalculationRefused(
            "out_of_range", f"The confidence lies between {LEAST_CONFIDENCE} and {MOST_CONFIDENCE}.", "confidence"
        )
    return given


def read_days(given: object, count: int) -> list[int] | None:
    """Days from the first date for each flow, None if absent."""
    if given is None:
        return None
    if not isinstance(given, list | tuple) or len(given) != count:
        raise CalculationRefused("unlike_lengths", "One date for each flow is needed.", "dates")
    dates = []
    for place, text in enumerate(given):
        try:
            dates.append(date.fromisoformat(text))
        except (TypeError, ValueError):
            raise CalculationRefused(
                "not_a_date", 'Write dates as text, such as "2026-01-31".', f"dates[{place}]"
            ) from None
    if min(dates) < dates[0]:
        raise CalculationRefused("date_before_first", "No date may lie before the first one.", "dates")
    return [(day - dates[0]).days for day in dates]


def read_currency(given: object) -> str | None:
    """An ISO 4217 code, None if absent."""
    if given is None:
        return None
    if not isinstance(given, str) or not re.fullmatch("[A-Z]{3}", given):
        raise CalculationRefused("unknown_currency", "A currency is three letters, such as EUR.", "currency")
    return given
