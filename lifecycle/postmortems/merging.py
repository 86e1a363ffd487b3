"""Three texts into one, line by line: the one both began with, mine, and theirs. Pure functions, no database.

What only one side touched is taken from that side. Where both touched the same lines, or both wrote something new at
the same place, nobody's lines are dropped: the merged text holds both, and a `Clash` tells a person to look.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher

# Lines that are compared one by one; a longer stretch counts as one change, or a page would wait for seconds.
LINE_LIMIT = 2_000


@dataclass(frozen=True)
class Clash:
    """The same lines as each side left them."""

    base: str
    mine: str
    theirs: str


@dataclass(frozen=True)
class Merged:
    """The text with both sides in it, and where a person has to choose."""

    text: str
    clashes: list[Clash] = field(default_factory=list)


@dataclass(frozen=True)
class _Edit:
    """Lines [low, high) of the base are now `lines`; `low == high` is an insertion."""

    low: int
    high: int
    lines: list[str]

    def meets(self, other: _Edit) -> bool:
        """Whether both speak of the same lines, or of the same place between two lines."""
        if (self.low, self.high) == (other.low, other.high):
            return True
        return self.low < other.high and other.low < self.high


def same_line_ends(text: str) -> str:
    """Browsers send other line ends than programs do; a text that is compared has one kind."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def merge(base: str | None, mine: str, theirs: str) -> Merged:
    """Merge two texts that began as `base`; None: nobody knows any more, so all that differs is a clash."""
    mine, theirs = same_line_ends(mine), same_line_ends(theirs)
    if mine == theirs:
        return Merged(mine)
    if base is None:
        return Merged(both(mine, theirs), [Clash("", mine, theirs)])
    base = same_line_ends(base)
    old = base.split("\n")
    ours, others = _edits(old, mine.split("\n")), _edits(old, theirs.split("\n"))
    merged: list[str] = []
    clashes: list[Clash] = []
    done = 0
    for low, high, of_mine, of_theirs in _groups(ours, others):
        merged += old[done:low]
        done = high
        left, right = _applied(old, low, high, of_mine), _applied(old, low, high, of_theirs)
        if not of_theirs or left == right:
            merged += left
        elif not of_mine:
            merged += right
        else:
            merged += _both(left, right)
            clashes.append(Clash("\n".join(old[low:high]), "\n".join(left), "\n".join(right)))
    merged += old[done:]
    return Merged("\n".join(merged), clashes)


def merge_value(base: str | None, mine: str, theirs: str) -> tuple[str, bool]:
    """Which of two choices, dates or numbers stands, and whether a person has to choose; mine stands until then."""
    if mine == theirs or theirs == base:
        return mine, False
    if mine == base:
        return theirs, False
    return mine, True


def both(mine: str, theirs: str) -> str:
    """Every line of both texts, those that they share once."""
    return "\n".join(_both(same_line_ends(mine).split("\n"), same_line_ends(theirs).split("\n")))


def _both(mine: list[str], theirs: list[str]) -> list[str]:
    kept: list[str] = []
    for kind, low, high, other_low, other_high in _compared(theirs, mine):
        kept += theirs[low:high]
        if kind != "equal":
            kept += mine[other_low:other_high]
    return kept


def _edits(old: list[str], new: list[str]) -> list[_Edit]:
    return [
        _Edit(low, high, new[new_low:new_high])
        for kind, low, high, new_low, new_high in _compared(old, new)
        if kind != "equal"
    ]


def _compared(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """As `SequenceMatcher.get_opcodes`, quick where most is the same, and coarse where a text is very long."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    left, right = old[head : len(old) - tail], new[head : len(new) - tail]
    found: list[tuple[str, int, int, int, int]] = []
    if head:
        found.append(("equal", 0, head, 0, head))
    if max(len(left), len(right)) > LINE_LIMIT:
        found.append(("replace", head, len(old) - tail, head, len(new) - tail))
    else:
        codes = SequenceMatcher(a=left, b=right, autojunk=False).get_opcodes()
        found += [(kind, a + head, b + head, c + head, d + head) for kind, a, b, c, d in codes]
    if tail:
        found.append(("equal", len(old) - tail, len(old), len(new) - tail, len(new)))
    return found


def _groups(mine: list[_Edit], theirs: list[_Edit]) -> list[tuple[int, int, list[_Edit], list[_Edit]]]:
    """Edits in the order of the base, those that meet together: (low, high, mine, theirs)."""
    waiting = sorted(
        [(edit.low, edit.high, True, edit) for edit in mine] + [(edit.low, edit.high, False, edit) for edit in theirs],
        key=lambda one: one[:3],
    )
    groups: list[tuple[int, int, list[_Edit], list[_Edit]]] = []
    for low, high, is_mine, edit in waiting:
        if groups and _Edit(groups[-1][0], groups[-1][1], []).meets(edit):
            first, last, ours, others = groups[-1]
            groups[-1] = (first, max(last, high), ours, others)
        else:
            groups.append((low, high, [], []))
        (groups[-1][2] if is_mine else groups[-1][3]).append(edit)
    return groups


def _applied(old: list[str], low: int, high: int, edits: list[_Edit]) -> list[str]:
    """Lines [low, high) of the base with the edits of one side."""
    lines: list[str] = []
    for edit in edits:
        lines += old[low : edit.low] + edit.lines
        low = edit.high
    return lines + old[low:high]
