"""Plain rows that themes are counted from."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Case(NamedTuple):
    """A published post-mortem. `on`: the day it was noticed, or opened where nobody wrote that."""

    key: int
    reference: str
    on: date
    began_on: date | None
    noticed_on: date | None
    published_on: date | None
    trigger: str
    detection: str
    origin: str


class Cause(NamedTuple):
    """A factor of a case."""

    case: int
    node: str


class Action(NamedTuple):
    """An accepted action that was not cancelled; `node` is the factor it is for, empty where it names none."""

    case: int
    node: str
    kind: str
    status: str
    due_on: date | None
    done_on: date | None
    verified_on: date | None
    effect: str


class Rows(NamedTuple):
    """Everything that is counted, and the words for it."""

    cases: list[Case]
    causes: list[Cause]
    actions: list[Action]
    phases: dict[str, str]  # name by key, in the order of the methodologies
    nodes: dict[str, tuple[str, str]]  # (title, title of its group) by key, in the order of the taxonomy
