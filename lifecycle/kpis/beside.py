"""What floors above show on the pages of a KPI; this room does not know what it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from lifecycle.kpis.models import Kpi

Page = Literal["kpi", "claims"]


@dataclass(frozen=True)
class Section:
    """A sheet in the narrow column: a template of the floor above, and its context."""

    template: str
    context: dict[str, Any]


Maker = Callable[[Kpi], Section | None]
_makers: dict[Page, list[Maker]] = {"kpi": [], "claims": []}


def register(maker: Maker, *, on: Page = "kpi") -> None:
    """Make a section of a page known, when the app starts; `maker` gives None where a KPI has nothing to show."""
    if maker not in _makers[on]:
        _makers[on].append(maker)


def sections_for(kpi: Kpi, *, on: Page = "kpi") -> list[Section]:
    """The sections of a KPI on a page, in the order in which they were made known."""
    return [section for maker in _makers[on] if (section := maker(kpi)) is not None]
