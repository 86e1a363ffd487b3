"""The tree of whys: several chains, each from what was seen down to a factor. Plain structures, no database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lifecycle.postmortems.models import WhyNode

# Deeper than anybody asks, and still readable on a telephone.
DEEPEST = 8


@dataclass(frozen=True)
class Branch:
    """A why with what was asked of its answer. `depth` of the first is 1; `below`: how many hang under it."""

    why: WhyNode
    depth: int
    children: list[Branch] = field(default_factory=list)

    @property
    def below(self) -> int:
        return sum(1 + child.below for child in self.children)

    @property
    def may_go_on(self) -> bool:
        return self.depth < DEEPEST


def tree(whys: Iterable[WhyNode]) -> list[Branch]:
    """The chains of a post-mortem in the order in which they were begun."""
    rows = list(whys)
    under: dict[int | None, list[WhyNode]] = {}
    for row in rows:
        under.setdefault(row.parent_id, []).append(row)

    def grown(parent: int | None, depth: int) -> list[Branch]:
        return [Branch(row, depth, grown(row.pk, depth + 1)) for row in under.get(parent, [])]

    return grown(None, 1)


def in_order(branches: Iterable[Branch]) -> list[Branch]:
    """All of them, each before what hangs under it."""
    return [one for branch in branches for one in (branch, *in_order(branch.children))]


def fault_of_parent(parents: Mapping[int, int | None], why: int | None, parent: int | None) -> str:
    """Why `why` (None: a new one) cannot hang under `parent`; empty when it can. `parents`: of each its parent."""
    above: list[int] = []
    place = parent
    while place is not None and place not in above:
        above.append(place)
        place = parents.get(place)
    if why is not None and why in above:
        return "A question cannot hang under its own answer. Choose another one."
    if len(above) + _height(parents, why) > DEEPEST:
        return f"No more than {DEEPEST} questions stand under each other. Begin another chain."
    return ""


def _height(parents: Mapping[int, int | None], why: int | None) -> int:
    """How many levels a why and what hangs under it take."""
    if why is None:
        return 1
    return 1 + max((_height(parents, child) for child, parent in parents.items() if parent == why), default=0)
