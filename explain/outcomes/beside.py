"""What rooms above show on the pages of a project's value; this room does not know what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lifecycle.projects.models import Project


@dataclass(frozen=True)
class Section:
    """A sheet: a template of the room above, and its context."""

    template: str
    context: dict[str, Any]


_makers: list[Callable[[Project], Section | None]] = []


def register(maker: Callable[[Project], Section | None]) -> None:
    """Make a section known, when the app starts; `maker` gives None where a project has nothing to show."""
    if maker not in _makers:
        _makers.append(maker)


def sections_for(project: Project) -> list[Section]:
    """The sections of a project, in the order in which they were made known."""
    return [section for maker in _makers if (section := maker(project)) is not None]
