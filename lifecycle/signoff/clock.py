"""What is due on a day: pure rules of the timers. Missed days are made up for, and only the newest word is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum

from lifecycle.signoff.days import add_working_days

SOON_DAYS = 2  # working days before a condition falls due
ENDING_DAYS = 5  # working days before an approval ends


class Phase(StrEnum):
    """Where a condition stands on a day."""

    FAR = "far"
    SOON = "soon"
    DUE = "due"
    OVERDUE = "overdue"
    ENDING = "ending"
    LAPSED = "lapsed"


def newest_reminder(after: Iterable[int], submitted_on: date, on: date) -> int | None:
    """The latest reminder that is due: so many working days after submission. None before the first."""
    return max((count for count in after if add_working_days(submitted_on, count) <= on), default=None)


def is_to_escalate(due_on: date | None, after: int, on: date) -> bool:
    """Whether a decision is `after` working days late, so that a named person is told."""
    return due_on is not None and add_working_days(due_on, after) <= on and on > due_on


def last_day(due_on: date, grace_days: int, renewed_on: date | None = None) -> date:
    """The last day on which an approval holds in spite of an overdue condition.

    `renewed_on`: the day of a newer approval of the same stage, which gives the grace anew.
    """
    end = add_working_days(due_on, grace_days)
    return end if renewed_on is None else max(end, add_working_days(renewed_on, grace_days))


def phase_of(due_on: date, grace_days: int, on: date, renewed_on: date | None = None) -> Phase:
    """The phase of an open condition on a day."""
    end = last_day(due_on, grace_days, renewed_on)
    if on > end:
        return Phase.LAPSED
    if on > due_on:
        return Phase.ENDING if on == end else Phase.OVERDUE
    if on == due_on:
        return Phase.DUE
    return Phase.SOON if add_working_days(due_on, -SOON_DAYS) <= on else Phase.FAR


def ends_soon(expires_on: date, on: date) -> bool:
    """Whether an approval that still holds ends within the next working days."""
    return on <= expires_on and add_working_days(expires_on, -ENDING_DAYS) <= on
