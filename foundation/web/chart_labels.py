"""Names and dates on the axis of a chart: whole, in lines that leave room for the plot on a phone."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import escape
from typing import Any

_FEW_DAYS = timedelta(days=150)
_BREAKS = re.compile(r"(?<=[_/.-])(?=\w)")


def wrapped(text: str, width: int = 18, lines: int = 6) -> str:
    """The text in lines of at most `width` signs, markup made harmless; long words break after _ / . or -, or anywhere.

    Only what would take more than `lines` lines is cut.
    """
    rows = [""]
    for word in text.split():
        for place, piece in enumerate(_pieces(word, width)):
            space = " " if rows[-1] and not place else ""
            if rows[-1] and len(rows[-1]) + len(space) + len(piece) > width:
                rows.append("")
                space = ""
            rows[-1] += space + piece
    if len(rows) > lines:
        rows = [*rows[: lines - 1], rows[lines - 1][: width - 1] + "…"]
    return "<br>".join(escape(row, quote=False) for row in rows)


def lines_of(labels: list[str]) -> int:
    """How many lines the tallest of the wrapped labels has."""
    return max((label.count("<br>") + 1 for label in labels), default=1)


def date_ticks(first: date, last: date) -> dict[str, Any]:
    """Five ticks of two lines, the year below: side by side they have room on a phone. Days only on a short axis."""
    return {"tickangle": 0, "nticks": 5, "tickformat": "%-d %b<br>%Y" if last - first < _FEW_DAYS else "%b<br>%Y"}


def _pieces(word: str, width: int) -> list[str]:
    if len(word) <= width:
        return [word]
    return [part[at : at + width] for part in _BREAKS.split(word) for at in range(0, len(part), width)]
