"""What the data sets of a project are called. A floor above holds them; this room knows only their names."""

from __future__ import annotations

from collections.abc import Callable

from lifecycle.projects.models import Project

Namer = Callable[[Project], list[str]]
_namers: list[Namer] = []


def register(namer: Namer) -> None:
    """Make known who can tell the names, when the app starts."""
    if namer not in _namers:
        _namers.append(namer)


def data_names_of(project: Project) -> list[str]:
    """Names of the data sets that a project works with."""
    return [name for namer in _namers for name in namer(project)]
