"""The feature dictionary: what the business calls a feature, and what it expects of it."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final, Literal, TypedDict


class Meaning(TypedDict, total=False):
    """One entry. `expected`: the direction in which a higher value should move the output; None when nobody
    said."""

    label: str
    unit: str
    meaning: str
    expected: Literal["up", "down"] | None
    sensitive: bool


Dictionary = Mapping[str, Meaning]
_MINUS: Final = "\u2212"


def label(feature: str, dictionary: Dictionary) -> str:
    """The business name, or the feature's own name."""
    return dictionary.get(feature, {}).get("label") or feature


def label_with_unit(feature: str, dictionary: Dictionary) -> str:
    """The label with its unit in brackets where there is one."""
    unit = dictionary.get(feature, {}).get("unit")
    return f"{label(feature, dictionary)} ({unit})" if unit else label(feature, dictionary)


def number(value: float | None, digits: int = 3) -> str:
    """A figure for people: `digits` significant digits, a true minus sign, thousands apart."""
    if value is None:
        return "missing"
    if value == 0:
        return "0"
    if abs(value) >= 10 ** (digits - 1):
        text = (
            f"{value:,.0f}" if abs(value) >= 10**digits or value == int(value) else f"{value:,.{max(0, digits - 3)}f}"
        )
    elif abs(value) < 1e-4:
        text = f"{value:.{digits - 1}e}"
    else:
        text = f"{value:.{digits}g}"
    return text.replace("-", _MINUS)


def measured(feature: str, value: float | None, dictionary: Dictionary) -> str:
    """A value of the feature with its unit."""
    unit = dictionary.get(feature, {}).get("unit")
    return f"{number(value)} {unit}" if unit and value is not None else number(value)


def wrapped(text: str, width: int = 18, lines: int = 2) -> str:
    """The text for a chart's axis: at most `lines` lines of `width` signs, markup made harmless."""
    words, rows = text.split(), [""]
    for word in words:
        if rows[-1] and len(rows[-1]) + 1 + len(word) > width:
            rows.append("")
        rows[-1] = f"{rows[-1]} {word}".strip()
    rows = [row if len(row) <= width else row[: width - 1] + "…" for row in rows]
    if len(rows) > lines:
        rows = [*rows[: lines - 1], rows[lines - 1][: width - 1] + "…"]
    return "<br>".join(escape(row, quote=False) for row in rows)
