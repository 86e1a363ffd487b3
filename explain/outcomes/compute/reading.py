"""Reading the fields of a calculator's request: what is not sound is refused by name, never guessed at."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.refusal import CalculationRefused

MOST_FLOWS = 600
LARGEST = Decimal("1e20")
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
    if given not in allowed:
        raise CalculationRefused("unknown_choice", f"One of {', '.join(allowed)} is needed.", field)
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
