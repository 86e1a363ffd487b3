"""Rounds as lists."""

from __future__ import annotations

from django.db.models import QuerySet

from foundation.people.models import User
from lifecycle.projects.models import Project
from lifecycle.signoff import moves
from lifecycle.signoff.models import Round
from lifecycle.signoff.selectors.waiting import waiting_for


def open_rounds(project: Project) -> list[Round]:
    """Rounds of the project that wait for an answer, with stage and requester. One query."""
    return list(
        Round.objects.filter(project=project, state__in=moves.OPEN_STATES)
        .select_related("stage", "requester")
        .defer("manifest")
        .order_by("stage__order")
    )


def rounds_of(project: Project) -> list[Round]:
    """All rounds of the project, newest first, with stage and requester. One query."""
    return list(
        Round.objects.filter(project=project).select_related("stage", "requester").defer("manifest").order_by("-pk")
    )


def list_of(user: User, *, project: str = "", state: str = "", mine: bool = False) -> QuerySet[Round]:
    """Rounds that a person sees, newest first; `mine`: only those that wait for their answer."""
    rounds: QuerySet[Round] = (
        Round.objects.visible_to(user)
        .select_related("stage", "project", "requester", "returned_to")
        .defer("manifest")
        .order_by("-pk")
    )
    if project:
        rounds = rounds.filter(project__key=project)
    if state:
        rounds = rounds.filter(state=state)
    if mine:
        waiting = [int(line.link.strip("/").split("/")[-1]) for line in waiting_for(user) if line.group == "decisions"]
        rounds = rounds.filter(pk__in=waiting)
    return rounds
