"""What rooms above show on the pages of value, of a project and of many; this room does not know what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from foundation.people.models import User
from lifecycle.projects.models import Project


@dataclass(frozen=True)
class Section:
    """A sheet: a template of the room above, and its context. `told`: what a report on paper says of it, as pairs of a
    label and a sentence.
    """

    template: str
    context: dict[str, Any]
    told: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Looked:
    """What a person looks at on the portfolio: the projects that they may see and the filters leave, and the filters as
    they stand in an address."""

    person: User
    projects: QuerySet[Project]
    query: str


_makers: list[Callable[[Project], Section | None]] = []
_of_portfolio: list[Callable[[Looked], Section | None]] = []


def register(maker: Callable[[Project], Section | None]) -> None:
    """Make a section known, when the app starts; `maker` gives None where a project has nothing to show."""
    if maker not in _makers:
        _makers.append(maker)


def register_of_portfolio(maker: Callable[[Looked], Section | None]) -> None:
    """The same for the portfolio; a maker asks one query at most."""
    if maker not in _of_portfolio:
        _of_portfolio.append(maker)


def sections_of_portfolio(looked: Looked) -> list[Section]:
    """The sections of the portfolio, in the order in which they were made known."""
    return [section for maker in _of_portfolio if (section := maker(looked)) is not None]


def told_of(project: Project) -> list[tuple[str, str]]:
    """What the sections of a project say on paper, in their order."""
    return [pair for section in sections_for(project) for pair in section.told]


def sections_for(project: Project) -> list[Section]:
    """The sections of a project, in the order in which they were made known."""
    return [section for maker in _makers if (section := maker(project)) is not None]
