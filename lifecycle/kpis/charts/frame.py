"""What the charts of the room share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Chart:
    """A figure, what it shows in words, and the same numbers as a table."""

    figure: dict[str, Any]
    label: str
    headers: list[str]
    rows: list[list[Any]]
    notes: list[str] = field(default_factory=list)


def unit_words(unit: str) -> str:
    """The unit as people say it: `1` is a count."""
    return "count" if unit == "1" else unit
