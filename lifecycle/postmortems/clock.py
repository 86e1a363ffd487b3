"""When the owner of an action is reminded, and when more people are told. Pure functions of days."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

SOON_DAYS = 7  # before the day
AGAIN_DAYS = 7  # from one reminder of an overdue action to the next
ESCALATE_DAYS = 14  # after the day


class Phase(StrEnum):
    """What is said."""

    SOON = "soon"
    DUE = "due"
    OVERDUE = "overdue"
    ESCALATED = "escalated"


class Word(NamedTuple):
    """A thing that is said once: `turn` counts the weeks of an overdue action."""

    phase: Phase
    turn: int = 0


def horizon(on: date) -> date:
    """The last due date of which something is said on a day."""
    return on + timedelta(days=SOON_DAYS)


def words_due(due_on: date, on: date) -> list[Word]:
    """What should have been said by now, the newest of each kind: after an outage nothing is told twice over."""
    days = (on - due_on).days
    if days < -SOON_DAYS:
        return []
    if days < 0:
        return [Word(Phase.SOON)]
    if days < AGAIN_DAYS:
        return [Word(Phase.DUE)]
    late = [Word(Phase.OVERDUE, days // AGAIN_DAYS)]
    return [*late, Word(Phase.ESCALATED)] if days >= ESCALATE_DAYS else late


def key_of(action_id: int, due_on: date, word: Word) -> str:
    """The name of the event: a date that is moved begins anew."""
    return f"action:{action_id}:{due_on:%Y%m%d}:{word.phase}:{word.turn}"


def effect_key(action_id: int, due_on: date) -> str:
    """The same for the day on which somebody looks whether it worked."""
    return f"action:{action_id}:{due_on:%Y%m%d}:effect"
