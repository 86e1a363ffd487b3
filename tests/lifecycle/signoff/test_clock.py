"""The pure rules of the timers, on any day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.signoff import clock
from lifecycle.signoff.clock import Phase, phase_of
from lifecycle.signoff.days import add_working_days
from lifecycle.signoff.kpi_watch import is_silent, missed

DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
ORDER = list(Phase)


@given(DAYS, st.integers(-40, 40))
def test_working_days_there_and_back_end_on_a_working_day(day: date, count: int) -> None:
    end = add_working_days(day, count)
    assert count == 0 or end.weekday() < 5
    assert (end > day) == (count > 0)
    assert (end < day) == (count < 0)


@given(DAYS, st.integers(0, 10), st.integers(-30, 60))
def test_a_condition_never_goes_back_to_an_earlier_phase(due_on: date, grace: int, offset: int) -> None:
    on = due_on + timedelta(days=offset)
    today, tomorrow = phase_of(due_on, grace, on), phase_of(due_on, grace, on + timedelta(days=1))
    assert ORDER.index(today) <= ORDER.index(tomorrow)
    assert (today == Phase.LAPSED) == (on > add_working_days(due_on, grace))
    assert on > due_on or today in (Phase.FAR, Phase.SOON, Phase.DUE)


@given(DAYS, st.integers(0, 10), st.integers(-30, 60), DAYS)
def test_a_newer_approval_only_ever_gives_more_time(due_on: date, grace: int, offset: int, renewed_on: date) -> None:
    on = due_on + timedelta(days=offset)
    assert ORDER.index(phase_of(due_on, grace, on, renewed_on)) <= ORDER.index(phase_of(due_on, grace, on))


@given(DAYS, st.lists(st.integers(0, 20), max_size=4), st.integers(0, 60))
def test_of_reminders_that_were_missed_the_newest_is_sent(submitted: date, after: list[int], offset: int) -> None:
    on = submitted + timedelta(days=offset)
    due = [count for count in after if add_working_days(submitted, count) <= on]
    assert clock.newest_reminder(after, submitted, on) == (max(due) if due else None)


@pytest.mark.parametrize(
    ("on", "phase"),
    [
        (date(2026, 7, 28), Phase.FAR),
        (date(2026, 7, 29), Phase.SOON),
        (date(2026, 7, 31), Phase.DUE),  # a Friday, and the last of the month
        (date(2026, 8, 1), Phase.OVERDUE),
        (date(2026, 8, 4), Phase.OVERDUE),
        (date(2026, 8, 5), Phase.ENDING),
        (date(2026, 8, 6), Phase.LAPSED),
    ],
)
def test_three_days_of_grace_run_over_the_weekend_and_the_end_of_the_month(on: date, phase: Phase) -> None:
    assert phase_of(date(2026, 7, 31), 3, on) == phase


def test_without_grace_it_lapses_the_day_after() -> None:
    assert phase_of(date(2026, 8, 7), 0, date(2026, 8, 7)) == Phase.DUE
    assert phase_of(date(2026, 8, 7), 0, date(2026, 8, 8)) == Phase.LAPSED


def test_escalation_waits_for_working_days_after_the_day() -> None:
    friday = date(2026, 7, 31)
    assert [clock.is_to_escalate(friday, 2, friday + timedelta(days=n)) for n in range(6)] == [
        False, False, False, False, True, True,
    ]  # fmt: skip
    assert not clock.is_to_escalate(None, 0, friday)
    assert not clock.is_to_escalate(friday, 0, friday)
    assert clock.is_to_escalate(friday, 0, friday + timedelta(days=1))


WEEKS = [date(2026, 3, 2) + timedelta(weeks=n) for n in range(6)]


@pytest.mark.parametrize(
    ("values", "sign", "periods", "count"),
    [
        ([9, 9, 9, 8, 8, 8], 1, 3, 3),
        ([9, 9, 9, 8, 10, 8], 1, 3, 0),  # on target is not below it
        ([11, 11, 11, 11, 11, 11], -1, 3, 3),
        ([9, 9, 9, 9, 9, 9], -1, 3, 0),
        ([8, 8], 1, 3, 0),
        ([8], 1, 1, 1),
        ([8, 8, 8], 1, 0, 0),
    ],
)
def test_a_target_is_missed_by_the_last_periods_on_end(
    values: list[float], sign: int, periods: int, count: int
) -> None:
    readings = list(zip(WEEKS, values, strict=False))
    assert len(missed(readings, target=10, sign=sign, since=WEEKS[0], periods=periods)) == count


def test_readings_that_the_deciders_knew_end_nothing() -> None:
    readings = [(week, 8.0) for week in WEEKS]
    assert missed(readings, target=10, sign=1, since=WEEKS[4], periods=3) == []
    assert [week for week, _ in missed(readings, target=10, sign=1, since=WEEKS[3], periods=3)] == WEEKS[3:]


@pytest.mark.parametrize(
    ("frequency", "last", "late_from"),
    [
        ("day", date(2026, 2, 27), date(2026, 3, 2)),
        ("week", date(2026, 3, 2), date(2026, 3, 23)),
        ("month", date(2025, 11, 1), date(2026, 2, 1)),
    ],
)
def test_a_kpi_is_silent_after_two_whole_periods_without_a_reading(frequency: str, last: date, late_from: date) -> None:
    day = timedelta(days=1)
    assert not is_silent(last, frequency=frequency, since=last, on=late_from - day)
    assert is_silent(last, frequency=frequency, since=last, on=late_from)
    assert not is_silent(last, frequency=frequency, since=late_from, on=late_from)
