"""What floors above show on the page of a KPI; this room does not know what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lifecycle.kpis.models import Kpi


@dataclass(frozen=True)
class Section:
    """A sheet in the narrow column: a template of the floor above, and its context."""

    template: str
    context: dict[str, Any]


_makers: list[Callable[[Kpi], Section | None]] = []


def register(maker: Callable[[Kpi], Section | None]) -> None:
    """Make a section known, when the app starts; `maker` gives None where a KPI has nothing to show."""
    if maker not in _makers:
        _makers.append(maker)


def sections_for(kpi: Kpi) -> list[Section]:
    """The sections of a KPI, in the order in which they were made known."""
    return [section for maker in _makers if (section := maker(kpi)) is not None]
