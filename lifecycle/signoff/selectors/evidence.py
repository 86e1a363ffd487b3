"""Evidence as pages show it: by kind, with the few figures that tell most."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lifecycle.projects.models import Project
from lifecycle.signoff.evidence import Brief, Figure, Item, Summary, all_kinds

_FIGURES_SHOWN, _LINES_IN_BRIEF = 4, 6


@dataclass(frozen=True)
class Shown:
    """A kind of evidence on a page: its own summary, or its items as a plain list."""

    label: str
    summary: Summary | None
    items: list[Item]

    @property
    def brief(self) -> tuple[Brief, ...]:
        """The first of its lines in short."""
        return self.summary.brief[:_LINES_IN_BRIEF] if self.summary else ()

    @property
    def not_in_brief(self) -> int:
        """How many lines are left for its sheet."""
        return max(len(self.summary.brief) - _LINES_IN_BRIEF, 0) if self.summary else 0

    @property
    def title(self) -> str:
        """What heads its sheet."""
        return (self.summary.title if self.summary else "") or self.label


def shown(project: Project, items: list[Item]) -> list[Shown]:
    """Evidence by kind, each kind summarised by its own room, in the order of their places."""
    found = []
    known = sorted(all_kinds(), key=lambda kind: kind.place)
    for kind in known:
        own = [item for item in items if item.kind == kind.name]
        if own:
            found.append(Shown(kind.label, kind.summarise(project, own) if kind.summarise else None, own))
    names = {kind.name for kind in known}
    rest = [item for item in items if item.kind not in names]
    if rest:
        found.append(Shown("Other evidence", None, rest))
    return found


def questions_in(items: Iterable[Item]) -> list[int]:
    """Ids of the exit questions whose answers are among the items."""
    return [int(item.key.split(":")[1]) for item in items if item.kind == "answer"]


def figures_of(evidence: Iterable[Shown]) -> list[Figure]:
    """The figures that the kinds offer, the most telling first, four at most."""
    offered = [figure for kind in evidence if kind.summary for figure in kind.summary.figures]
    return sorted(offered, key=lambda figure: figure.rank)[:_FIGURES_SHOWN]
