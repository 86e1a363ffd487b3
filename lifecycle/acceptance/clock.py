"""When a condition of an acceptance is told, and to whom it goes on: pure rules. Only the newest word is told."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from lifecycle.signoff.clock import SOON_DAYS
from lifecycle.signoff.days import add_working_days

ESCALATE_DAYS = 3  # working days after the day of a condition, until a named person is told
AGAIN_DAYS = 5  # working days between reminders from then on


class Phase(StrEnum):
    """What is told of a condition, in this order."""

    SOON = "soon"
    DUE = "due"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    AGAIN = "again"


class Word(NamedTuple):
    """Something told on a day; only `AGAIN` has more turns than the first."""

    phase: Phase
    turn: int
    on: date


_ORDER = list(Phase)


def word_due(due_on: date, on: date, told: Iterable[Word]) -> Word | None:
    """What is to be told on a day of a condition that is not verified, after what was told before. None: nothing now.

    Nothing ends an overdue condition but its proof, so the last reminder comes again and again. Days that were missed
    are made up for by one word, the newest; a named person is told in any case.
    """
    before = max(told, key=lambda word: (_ORDER.index(word.phase), word.turn), default=None)
    if before is not None and before.phase in (Phase.ESCALATED, Phase.AGAIN):
        turn = before.turn + 1 if before.phase == Phase.AGAIN else 1
        return Word(Phase.AGAIN, turn, on) if add_working_days(before.on, AGAIN_DAYS) <= on else None
    phase = _phase(due_on, on)
    if phase is None or (before is not None and _ORDER.index(phase) <= _ORDER.index(before.phase)):
        return None
    return Word(phase, 1, on)


def _phase(due_on: date, on: date) -> Phase | None:
    if on > due_on:
        return Phase.ESCALATED if add_working_days(due_on, ESCALATE_DAYS) <= on else Phase.OVERDUE
    if on == due_on:
        return Phase.DUE
    return Phase.SOON if add_working_days(due_on, -SOON_DAYS) <= on else None
