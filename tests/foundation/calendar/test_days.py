"""Counting working days: pure functions, the same on every machine."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from foundation.calendar.days import (
    LIMIT,
    Own,
    Rules,
    add_working_days,
    is_working_day,
    special_days,
    working_days_between,
)
from foundation.calendar.public import countries, public_year, subdivisions

DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
PLACES = st.sampled_from([("", ""), ("DE", ""), ("DE", "BY"), ("US", "CA"), ("HU", ""), ("NZ", ""), ("CN", "")])
RULES = st.builds(
    lambda weekend, place, own: Rules(frozenset(weekend), *place, own),
    st.sets(st.integers(0, 6), max_size=6),
    PLACES,
    st.dictionaries(DAYS, st.builds(Own, st.just("x"), st.booleans()), max_size=8),
)
BERLIN = Rules(country="DE", subdivision="BE")


@settings(deadline=None)
@given(DAYS, st.integers(-60, 60), RULES)
def test_adding_and_counting_agree(start: date, n: int, rules: Rules) -> None:
    end = add_working_days(start, n, rules)
    assert working_days_between(start, end, rules) == n
    assert n == 0 or is_working_day(end, rules)


@settings(deadline=None)
@given(DAYS, st.integers(0, 40), st.integers(0, 40), RULES)
def test_adding_in_two_steps_is_adding_at_once(start: date, m: int, n: int, rules: Rules) -> None:
    assert add_working_days(add_working_days(start, m, rules), n, rules) == add_working_days(start, m + n, rules)


@settings(deadline=None)
@given(DAYS, st.integers(0, 30), st.integers(1, 60), RULES)
def test_later_starts_and_more_days_never_end_earlier(start: date, shift: int, n: int, rules: Rules) -> None:
    end = add_working_days(start, n, rules)
    assert add_working_days(start + timedelta(days=shift), n, rules) >= end
    assert add_working_days(start, n + 1, rules) > end > start


@settings(deadline=None)
@given(DAYS, st.integers(0, 90), st.integers(0, 90), RULES)
def test_counts_add_up_and_each_day_counts_at_most_once(a: date, m: int, n: int, rules: Rules) -> None:
    b, c = a + timedelta(days=m), a + timedelta(days=m + n)
    whole = working_days_between(a, c, rules)
    assert whole == working_days_between(a, b, rules) + working_days_between(b, c, rules)
    assert 0 <= whole <= m + n


def test_weekends_holidays_and_own_days_in_their_order() -> None:
    assert not is_working_day(date(2026, 3, 8), BERLIN)  # a Sunday and Women's Day
    assert not is_working_day(date(2027, 3, 8), BERLIN)  # a Monday, free in Berlin
    assert is_working_day(date(2027, 3, 8), Rules(country="DE"))
    own = {date(2027, 3, 8): Own("Stock-taking", works=True), date(2027, 3, 9): Own("Move")}
    worked = Rules(country="DE", subdivision="BE", own=own)
    assert is_working_day(date(2027, 3, 8), worked)
    assert not is_working_day(date(2027, 3, 9), worked)


def test_five_days_before_christmas_end_after_it() -> None:
    assert add_working_days(date(2026, 12, 21), 5, BERLIN) == date(2026, 12, 29)
    assert add_working_days(date(2026, 12, 21), 5, Rules()) == date(2026, 12, 28)
    assert add_working_days(date(2026, 12, 29), -5, BERLIN) == date(2026, 12, 21)
    assert add_working_days(date(2026, 12, 26), 0, BERLIN) == date(2026, 12, 26)


def test_a_saturday_that_is_worked_by_law_counts() -> None:
    # Hungary works on Saturday 10 January 2026 for the Friday between New Year and the weekend.
    assert is_working_day(date(2026, 1, 10), Rules(country="HU"))
    assert not is_working_day(date(2026, 1, 2), Rules(country="HU"))
    named = {each.day: each for each in special_days(2026, Rules(country="HU"))}
    assert (named[date(2026, 1, 10)].works, named[date(2026, 1, 10)].name) == (True, "Worked by law")


def test_a_week_without_a_working_day_is_no_rule() -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        Rules(weekend=frozenset(range(7)))
    with pytest.raises(ValueError, match="numbered 0 to 6"):
        Rules(weekend=frozenset({7}))


def test_counting_ends_somewhere() -> None:
    with pytest.raises(ValueError, match="At most"):
        add_working_days(date(2026, 1, 1), LIMIT + 1, Rules())
    with pytest.raises(ValueError, match="calendar ends"):
        add_working_days(date(9999, 12, 30), 5, Rules())


def test_days_of_a_year_have_their_names_once() -> None:
    own = {date(2026, 12, 24): Own("Company holiday"), date(2026, 12, 25): Own("Night shift", works=True)}
    rows = special_days(2026, Rules(country="DE", own=own))
    days = [each.day for each in rows]
    assert days == sorted(set(days))
    named = {each.day: each for each in rows}
    assert (named[date(2026, 12, 25)].name, named[date(2026, 12, 25)].works) == ("Night shift", True)
    assert named[date(2026, 12, 26)].on_weekend
    assert special_days(2026, Rules()) == []


def test_a_region_that_the_package_forgot_counts_as_its_country() -> None:
    assert public_year("DE", "gone", 2026).names == public_year("DE", "", 2026).names
    assert not public_year("ZZ", "", 2026).names


def test_each_country_and_region_can_be_read() -> None:
    assert (countries()["DE"], countries()["GB"], countries()["BA"]) == (
        "Germany", "United Kingdom", "Bosnia and Herzegovina",
    )  # fmt: skip
    assert subdivisions("DE")["BY"] == "Bayern"
    assert not subdivisions("ZZ")
    for country in countries():
        for region in ["", *list(subdivisions(country))[:1]]:
            assert all(public_year(country, region, 2026).names.values())


@pytest.mark.parametrize("language", ["", "de", "fr:es"])
def test_names_do_not_depend_on_the_language_of_the_machine(language: str) -> None:
    code = (
        "from foundation.calendar.public import public_year as y; "
        "print([list(y(c, '', 2026).names.values()) for c in ('DE', 'FR', 'BR', 'GU', 'NZ', 'CH')])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("L")}
    environment |= {"LANGUAGE": language, "LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"} if language else {}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    names = [list(public_year(country, "", 2026).names.values()) for country in ("DE", "FR", "BR", "GU", "NZ", "CH")]
    assert done.stdout.strip() == str(names)
    assert "Good Friday" in names[0]
