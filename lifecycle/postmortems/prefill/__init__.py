"""What is known already when a post-mortem is opened, so that people write only what nobody but they can know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count
from django.utils import timezone

from lifecycle.postmortems.models import TimelineEvent
from lifecycle.postmortems.prefill.impacts import Found, Planned, impacts_of
from lifecycle.postmortems.prefill.known import cash_of, goals_of
from lifecycle.postmortems.prefill.promise import promise_of
from lifecycle.postmortems.prefill.timeline import first_turn, moments_of
from lifecycle.projects import moves
from lifecycle.projects.models import Member, Project, Role, Stage

__all__ = ["Prefill", "first_turn", "prefill_of", "stage_in_work"]


@dataclass(frozen=True)
class Prefill:
    """What a project tells of itself: unsaved moments, impacts, the promise beside the result, people by role."""

    moments: list[TimelineEvent]
    impacts: list[Found]
    promise: dict[str, Any]
    people: str


def prefill_of(project: Project, on: date) -> Prefill:
    """Everything as it is known on a day."""
    goals, lines = goals_of(project, on), cash_of(project)
    stages = Stage.objects.filter(project=project, is_current=True, due_on__isnull=False).order_by("order")
    planned = [
        Planned(stage.name, stage.due_on, timezone.localdate(stage.closed_at) if stage.closed_at else None)
        for stage in stages
        if stage.due_on is not None
    ]
    is_over = project.state in (moves.STOPPED, moves.CLOSED)
    return Prefill(
        moments=moments_of(project, goals, on),
        impacts=impacts_of(goals, lines, planned, on=on, is_over=is_over),
        promise=promise_of(project, goals, lines, on),
        people=_people_by_role(project),
    )


def stage_in_work(project: Project) -> Stage | None:
    """The stage that is open or awaits its decision; the last one where all are done."""
    current = Stage.objects.filter(project=project, is_current=True)
    return (
        current.filter(state__in=[Stage.State.OPEN, Stage.State.IN_REVIEW]).first()
        or current.order_by("-order").first()
    )


def _people_by_role(project: Project) -> str:
    counts = (
        Member.objects.filter(project=project, left_at__isnull=True)
        .values("role")
        .annotate(people=Count("user", distinct=True))
        .order_by("role")
    )
    parts = [f"{Role(row['role']).label} ({row['people']})" for row in counts]
    return f"People by role: {', '.join(parts)}." if parts else ""
