"""The feature dictionary: what the business calls a feature, and what it expects of it."""

from __future__ import annotations

from collections.abc import Mapping
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


def in_sentence(words: str) -> str:
    """Words for the middle of a sentence: "Largest area" becomes "largest area"; LPI, HbA1c, X-ray and A-level stay."""
    first = words.split(maxsplit=1)[0] if words.strip() else ""
    return words[:1].lower() + words[1:] if first[1:].isalpha() and first[1:].islower() else words


def label_in_sentence(feature: str, dictionary: Dictionary) -> str:
    """The business name within a sentence; a column's own name is never changed."""
    named = dictionary.get(feature, {}).get("label")
    return in_sentence(named) if named else feature


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
