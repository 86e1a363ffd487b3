"""The stages of a project in order: how far each is, and which rest on an approval that has lapsed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from lifecycle.projects import moves
from lifecycle.projects.models import Project, Stage


@dataclass(frozen=True)
class Step:
    """One stage of the track: its present iteration, and how far it is."""

    key: str
    name: str
    order: int
    iteration: int
    state: str
    word: str
    opened_at: datetime | None
    approved_at: datetime | None
    lapsed_at: datetime | None
    due_on: date | None
    rests_on: str = ""

    @property
    def lapsed_word(self) -> str:
        """What stands before the day on which its approval ended."""
        return {"approval expired": "expired", "approval revoked": "revoked"}.get(self.word, "changed since")

    @property
    def mark(self) -> str:
        """Class of `ol.track > li`: done, stale, now, or nothing."""
        if self.lapsed_at:
            return "stale"
        return "done" if self.state == moves.APPROVED else "now" if self.state in (moves.OPEN, moves.IN_REVIEW) else ""


def track(project: Project) -> list[Step]:
    """The present iterations in order, for `ol.track`; one query."""
    return [step_of(stage) for stage in present_stages(project)]


def present_stages(project: Project) -> list[Stage]:
    """The present iterations in order, each with its approval and on what it rests; one query."""
    return mark_resting(Stage.objects.filter(project=project, is_current=True).with_approval().order_by("order"))


def mark_resting(stages: Iterable[Stage]) -> list[Stage]:
    """Note at each stage that has begun after one whose approval has lapsed, which one that is; the first of several.

    `stages`: the present iterations of one project in order, with their approvals. No query of its own.
    """
    marked = list(stages)
    lapsed: Stage | None = None
    for stage in marked:
        if lapsed is not None and stage.state in (moves.OPEN, moves.IN_REVIEW, moves.APPROVED):
            stage.rests_on, stage.rests_on_name = lapsed.key, lapsed.name
        if lapsed is None and stage.is_stale:
            lapsed = stage
    return marked


def ended_stages(project: Project) -> list[Stage]:
    """The newest iteration of each stage that the present version of the methodology does not have; one query."""
    present = Stage.objects.filter(project=project, is_current=True, key=OuterRef("key"))
    found: dict[str, Stage] = {}
    for stage in Stage.objects.filter(~Exists(present), project=project).order_by("order", "-iteration"):
        stage.project = project
        found.setdefault(stage.key, stage)
    return list(found.values())


def step_of(stage: Stage) -> Step:
    """A stage as a step of the track."""
    return Step(
        key=stage.key,
        name=stage.name,
        order=stage.order,
        iteration=stage.iteration,
        state=stage.state,
        word=stage.stale_word if stage.is_stale else stage.get_state_display(),
        opened_at=stage.opened_at,
        approved_at=stage.closed_at if stage.state == moves.APPROVED else None,
        lapsed_at=stage.lapsed_at if stage.is_stale else None,
        due_on=stage.due_on,
        rests_on=stage.rests_on,
    )
