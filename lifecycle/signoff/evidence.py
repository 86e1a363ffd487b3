"""The registry of evidence: rooms above register kinds; sign-off judges them and never knows how they were made."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from lifecycle.projects.models import Project, Stage


@dataclass(frozen=True)
class Item:
    """One piece of evidence in a manifest. `key` is stable (`deliverable:12`), `hash` binds its content.

    `facts`: small plain JSON that a page shows and a difference compares (texts, ints, strings of numbers).
    """

    kind: str
    key: str
    label: str
    hash: str
    facts: dict[str, Any] = field(default_factory=dict)
    link: str = ""


@dataclass(frozen=True)
class Figure:
    """One of the few numbers at the head of a decision page, as text.

    `grade`: how sure it is (measured, indicative, ...), empty where that does not apply. `rank`: the lowest come first,
    and where kinds offer more than the page shows, the highest are left out.
    """

    label: str
    value: str
    note: str = ""
    grade: str = ""
    rank: int = 50


@dataclass(frozen=True)
class Brief:
    """One line of a kind at the head of a decision page, as plain text: `label`, and what is said of it.

    `mark`: a word that asks the reader to look twice, empty for none.
    """

    label: str
    text: str
    mark: str = ""


@dataclass(frozen=True)
class Summary:
    """What a decision page shows of a kind: a named template of the room and its context, inside one sheet.

    `title` heads the sheet instead of the kind's label; beside it stands `note`, linked to `link` when there is one.
    `brief`: its lines in short, for the part of the page that is seen without scrolling.
    """

    template: str
    context: dict[str, Any]
    title: str = ""
    note: str = ""
    link: str = ""
    figures: tuple[Figure, ...] = ()
    brief: tuple[Brief, ...] = ()


@dataclass(frozen=True)
class EvidenceKind:
    """A kind of evidence.

    `collect(stage)`: what is put forward for the stage now. `recheck(project, keys)`: the present hash of each pinned
    key, None where it is gone. `watches`: kinds of audited things whose change can alter this evidence.
    `summarise(project, items)`: for the decision page, or None when there is nothing to show. `place`: where its sheet
    stands on that page; the lowest come first. `say(name, value)`: one fact in words, for a difference; without it a
    fact is said by its name.
    """

    name: str
    label: str
    collect: Callable[[Stage], list[Item]]
    recheck: Callable[[Project, list[str]], dict[str, str | None]]
    watches: Collection[str] = ()
    summarise: Callable[[Project, list[Item]], Summary | None] | None = None
    place: int = 50
    say: Callable[[str, Any], str] | None = None


_kinds: dict[str, EvidenceKind] = {}


def register(kind: EvidenceKind) -> None:
    """Make a kind known, when the app starts."""
    if _kinds.setdefault(kind.name, kind) != kind:
        raise ValueError(f"Evidence kind {kind.name!r} is registered twice with different meanings.")


def all_kinds() -> list[EvidenceKind]:
    """All kinds, in the order in which they were registered."""
    return list(_kinds.values())
