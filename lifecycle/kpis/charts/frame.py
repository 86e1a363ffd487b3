"""What the charts of the room share: their shape, and dates on an axis that have room on a phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

SHORT = timedelta(days=150)


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


def date_ticks(first: date, last: date) -> dict[str, Any]:
    """Five ticks of two lines, the year below: side by side they have room on a phone. Days only where they differ."""
    return {"tickangle": 0, "nticks": 5, "tickformat": "%-d %b<br>%Y" if last - first < SHORT else "%b<br>%Y"}
