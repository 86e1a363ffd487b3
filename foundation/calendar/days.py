"""Working days under rules: pure functions on dates, no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from foundation.calendar.public import public_year

MONDAY_TO_SUNDAY = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
SATURDAY_AND_SUNDAY = frozenset({5, 6})
LIMIT = 5000  # working days that are counted in one go, some twenty years
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Own:
    """A day of the organisation's own: closed, or worked although it would be free."""

    name: str
    works: bool = False


@dataclass(frozen=True)
class Rules:
    """What makes a day a working day. `weekend`: 0 is Monday, 6 is Sunday; `country`, `subdivision`: ISO 3166 codes.

    An own day beats everything else; days that a country works by law beat its weekend.
    """

    weekend: frozenset[int] = SATURDAY_AND_SUNDAY
    country: str = ""
    subdivision: str = ""
    own: Mapping[date, Own] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.weekend < frozenset(range(7)):
            raise ValueError("A week needs at least one working day, and its days are numbered 0 to 6.")


@dataclass(frozen=True)
class SpecialDay:
    """A day that has a name: public (a holiday, or worked by law) or own."""

    day: date
    name: str
    works: bool
    is_own: bool
    on_weekend: bool


def is_working_day(day: date, rules: Rules) -> bool:
    """Whether people work on this day."""
    own = rules.own.get(day)
    if own is not None:
        return own.works
    public = public_year(rules.country, rules.subdivision, day.year)
    if day in public.names:
        return False
    return day.weekday() not in rules.weekend or day in public.worked


def add_working_days(start: date, n: int, rules: Rules) -> date:
    """The n-th working day after `start`, which itself never counts; before it for a negative n, `start` for 0.

    Raises ValueError beyond 5000 working days, or where the calendar ends before that.
    """
    if abs(n) > LIMIT:
        raise ValueError(f"At most {LIMIT} working days are counted, not {n}.")
    day, left, step = start, abs(n), _DAY if n > 0 else -_DAY
    try:
        while left > 0:
            day += step
            left -= is_working_day(day, rules)
    except OverflowError:
        raise ValueError(f"The calendar ends before {n} working days from {start}.") from None
    return day


def working_days_between(a: date, b: date, rules: Rules) -> int:
    """Working days from `a` to `b`: `a` itself never counts, `b` does; negative where `b` lies before `a`.

    So `working_days_between(a, add_working_days(a, n, rules), rules)` is n.
    """
    step = _DAY if b >= a else -_DAY
    count, day = 0, a
    while day != b:
        day += step
        count += is_working_day(day, rules)
    return count if b >= a else -count


def special_days(year: int, rules: Rules) -> list[SpecialDay]:
    """The days of a year that have a name, in their order; an own day stands in place of the public one."""
    public = public_year(rules.country, rules.subdivision, year)
    found = {day: SpecialDay(day, "Worked by law", True, False, _on_weekend(day, rules)) for day in public.worked}
    found |= {day: SpecialDay(day, name, False, False, _on_weekend(day, rules)) for day, name in public.names.items()}
    for day, own in rules.own.items():
        if day.year == year:
            found[day] = SpecialDay(day, own.name, own.works, True, _on_weekend(day, rules))
    return [found[day] for day in sorted(found)]


def _on_weekend(day: date, rules: Rules) -> bool:
    return day.weekday() in rules.weekend
