"""One line of an inbox: what waits for a person, why, since when, and where to act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Waiting:
    """Made by each room's `waiting_for(user)`; the home page only sorts and shows."""

    title: str
    why: str
    link: str
    group: str  # "decisions" or "tasks"
    state: str  # kind of the state mark: wait, cond, no, stale
    word: str
    since: datetime
    due_on: date | None = None
    project: str = ""
