"""What rooms above show on the page of a stage; this room does not know what it is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from foundation.people.models import User
from lifecycle.projects.models import Project, Stage


@dataclass(frozen=True)
class Section:
    """A sheet: a template of the room above, and its context.

    `hint`: what is still open there, beside the way to the decision, with the place of the page that it leads to.
    """

    template: str
    context: dict[str, Any]
    hint: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Origin:
    """Where an exit question comes from: words, a link where the person may follow it, and one to what became of it."""

    words: str
    link: str = ""
    more: str = ""


Maker = Callable[[HttpRequest, User, Stage], Section | None]
Origins = Callable[[User, Project, Collection[int]], Mapping[int, Origin]]
_makers: list[Maker] = []
_origins: list[Origins] = []


def register(maker: Maker) -> None:
    """Make a section known, when the app starts; `maker` gives None where there is nothing to show."""
    if maker not in _makers:
        _makers.append(maker)


def register_origins(origins: Origins) -> None:
    """Make known who can tell where exit questions come from."""
    if origins not in _origins:
        _origins.append(origins)


def sections_for(request: HttpRequest, user: User, stage: Stage) -> list[Section]:
    """The sections of a stage, in the order in which they were made known."""
    return [section for maker in _makers if (section := maker(request, user, stage)) is not None]


def origins_of(user: User, project: Project, questions: Collection[int]) -> dict[int, Origin]:
    """Where questions come from, by id of the question; nothing for those that the methodology always asked."""
    found: dict[int, Origin] = {}
    for origins in _origins:
        found.update(origins(user, project, questions))
    return found
