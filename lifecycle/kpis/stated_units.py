"""Units that a table states: in a column of their own, in a heading (`value (min)`), or behind a figure (`12 min`).

A unit behind a figure counts only where the table says one at all: `12 m` alone may be metres, minutes or millions.
What is stated is turned into the KPI's unit by the rules of `units`, or the row is at fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from foundation.web.refused import Refused
from lifecycle.kpis.figures import is_reading
from lifecycle.kpis.units import converted, is_known, same_unit
from lifecycle.kpis.writings import Unclear

UNIT_NAMES = frozenset({"unit", "units", "einheit"})
_IN_BRACKETS = re.compile(r"(?P<name>.*?)\s*(?:\((?P<round>[^()]{1,40})\)|\[(?P<square>[^\[\]]{1,40})\])")
_IN_WORDS = re.compile(r"(?P<name>.+?) in (?P<unit>\S{1,40})", re.IGNORECASE)
_BEHIND = re.compile(
    r"(?P<figure>'?[-+\u2212]?(?:\d[\d.,' \u00a0\u202f\u2009\u2019]*|[.,]\d+)(?:[eE][-+]?\d{1,3})?)\s*"
    r"(?![eE][-+]?\d)(?P<unit>[^\W\d].{0,39}|%)"
)


def heading_parts(text: str) -> tuple[str, str]:
    """(name, unit) of a heading; the unit is empty unless it is one that is known: `Value (median)` names none."""
    for pattern in (_IN_BRACKETS, _IN_WORDS):
        if match := pattern.fullmatch(text.strip()):
            found = match.groupdict()
            unit = (found.get("round") or found.get("square") or found.get("unit") or "").strip()
            if is_known(unit):
                return found["name"].strip(), unit
    return text.strip(), ""


def are_units(cells: Iterable[str]) -> bool:
    """Whether the cells of a column without a heading are units: all that are filled, and at least one that is no number."""
    filled = [cell for cell in cells if cell]
    return bool(filled) and all(map(is_known, filled)) and any(not cell[0].isdigit() for cell in filled)


def figure_and_unit(text: str, stated: str, *, says_units: bool) -> tuple[str, str]:
    """(figure, unit) of a cell: a unit behind the figure, else `stated`, empty for the KPI's own.

    `says_units`: the table names units, by a column or in a heading. Raises Unclear where the two contradict each other.
    """
    match = _BEHIND.fullmatch(text) if says_units else None
    if match is None:
        return text, stated
    behind = match["unit"].strip()
    if stated and not same_unit(behind, stated):
        raise Unclear(
            f"The cell says {behind[:40]}, the table {stated[:40]}. Write which of the two counts.",
            code="unit_contradicted", field="value",
        )  # fmt: skip
    return match["figure"].strip(), behind


def figure_of(text: str) -> str:
    """The cell without a unit behind its figure."""
    match = _BEHIND.fullmatch(text)
    return match["figure"].strip() if match else text


def in_unit_of(value: float, stated: str, unit: str) -> float:
    """The value in the KPI's unit. Raises Unclear: unit_mismatch where no rule is known, value_too_large."""
    if not stated:
        return value
    try:
        found = converted(value, stated[:40], unit)
    except Refused as refused:
        raise Unclear(refused.message, code=refused.code, field="unit") from None
    if not is_reading(found):
        raise Unclear(f"In {unit} the value is too large to be a reading.", code="value_too_large", field="value")
    return found
