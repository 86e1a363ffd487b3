"""Where a project stands, and what a move does to it: frozen data, no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lifecycle.methodologies.difference import Change
from lifecycle.projects import moves

KEEP, ADD, REMOVE, RETIRE = "keep", "add", "remove", "retire"
KINDS = ("tasks", "deliverables", "questions")


@dataclass(frozen=True)
class Row:
    """A task, deliverable or question of a stage. `written`: somebody ticked, wrote, excused or answered it.

    `excused`: a deliverable that is marked as not applicable.
    """

    key: str
    name: str
    written: bool = False
    excused: bool = False
    dropped: bool = False


@dataclass(frozen=True)
class StageNow:
    """A present stage. `touched`: it has been opened, or a round or an acceptance speaks of it."""

    key: str
    name: str
    state: str
    touched: bool
    iteration: int = 1
    tasks: tuple[Row, ...] = ()
    deliverables: tuple[Row, ...] = ()
    questions: tuple[Row, ...] = ()

    def rows(self, kind: str) -> tuple[Row, ...]:
        """Its rows of one of KINDS."""
        found: tuple[Row, ...] = getattr(self, kind)
        return found

    @property
    def has_written(self) -> bool:
        """Whether somebody has written anything into it."""
        return any(row.written for kind in KINDS for row in self.rows(kind))


@dataclass(frozen=True)
class Standing:
    """Where a project stands: its present stages, those it once had, and the highest iteration of each key."""

    stages: tuple[StageNow, ...]
    former: tuple[StageNow, ...] = ()
    iterations: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class RowsPlan:
    """What happens to the rows of one kind, by key."""

    add: tuple[str, ...] = ()
    restore: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    unexcuse: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.add or self.restore or self.drop or self.remove or self.unexcuse)


@dataclass(frozen=True)
class StagePlan:
    """What happens to one stage. `state` is the one that it has afterwards."""

    key: str
    name: str
    action: str
    was: str
    state: str
    iteration: int
    order: int
    rows: Mapping[str, RowsPlan]
    changes: tuple[Change, ...] = ()
    effects: tuple[str, ...] = ()

    @property
    def ends_approval(self) -> bool:
        """Whether the stage was approved and the decision no longer fits what its gate judges."""
        return self.was == moves.APPROVED and (self.action == RETIRE or any(change.binds for change in self.changes))

    @property
    def is_untouched(self) -> bool:
        return (
            self.action == KEEP
            and self.was == self.state
            and not self.changes
            and all(rows.is_empty for rows in self.rows.values())
        )


@dataclass(frozen=True)
class Plan:
    """The whole move. `blockers`: (stable code, sentence) of what stands against it now."""

    stages: tuple[StagePlan, ...]
    blockers: tuple[tuple[str, str], ...] = ()

    @property
    def lapsing(self) -> tuple[StagePlan, ...]:
        """Stages whose approval ends."""
        return tuple(stage for stage in self.stages if stage.ends_approval)

    @property
    def opened(self) -> StagePlan | None:
        """The stage that comes into work by the move."""
        return next((stage for stage in self.stages if stage.state == moves.OPEN and stage.was != moves.OPEN), None)

    @property
    def paused(self) -> StagePlan | None:
        """The stage that was in work and waits again, since one comes before it now."""
        return next((stage for stage in self.stages if stage.was == moves.OPEN and stage.state == moves.WAITING), None)

    @property
    def is_empty(self) -> bool:
        return all(stage.is_untouched for stage in self.stages)
