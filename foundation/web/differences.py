"""What changed between two texts, line by line."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

LINE_LIMIT = 5_000  # lines of one text; beyond it the comparison would take too long for a page
_AROUND = 2  # unchanged lines that are shown beside a change


@dataclass(frozen=True)
class Line:
    """One line of a difference. `kind`: same, out, in, or gap (unchanged lines that are left out)."""

    kind: str
    text: str


def lines_between(before: str, after: str) -> list[Line] | None:
    """The difference of two texts, empty when they are the same; None when one is too long to compare here."""
    old, new = before.splitlines(), after.splitlines()
    if len(old) > LINE_LIMIT or len(new) > LINE_LIMIT:
        return None
    if old == new:
        return []
    found: list[Line] = []
    blocks = SequenceMatcher(a=old, b=new).get_opcodes()
    for number, (kind, old_from, old_to, new_from, new_to) in enumerate(blocks):
        if kind == "equal":
            found.extend(_unchanged(old[old_from:old_to], is_first=number == 0, is_last=number == len(blocks) - 1))
        else:
            found.extend(Line("out", text) for text in old[old_from:old_to])
            found.extend(Line("in", text) for text in new[new_from:new_to])
    return found


def _unchanged(lines: list[str], *, is_first: bool, is_last: bool) -> list[Line]:
    head = 0 if is_first else _AROUND
    tail = 0 if is_last else _AROUND
    left_out = len(lines) - head - tail
    if left_out <= 1:
        return [Line("same", text) for text in lines]
    word = f"{left_out} unchanged lines"
    return [
        *(Line("same", text) for text in lines[:head]),
        Line("gap", word),
        *(Line("same", text) for text in lines[len(lines) - tail :]),
    ]
