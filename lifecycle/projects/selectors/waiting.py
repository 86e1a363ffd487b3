"""What waits for a person: open stages that have a day."""

from __future__ import annotations

from django.db.models import Exists, OuterRef

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.projects import moves
from lifecycle.projects.models import Member, Role, Stage


def waiting_for(user: User) -> list[Waiting]:
    """Open stages of projects that the person leads and that have a day; one query.

    A stage without a day waits for nobody in particular, so it stays off the inbox.
    """
    stages = (
        Stage.objects.filter(
            is_current=True,
            state=moves.OPEN,
            due_on__isnull=False,
            project__state__in=[moves.ACTIVE, moves.IN_USE],
        )
        .filter(
            Exists(Member.objects.filter(project=OuterRef("project"), user=user, role=Role.LEAD, left_at__isnull=True))
        )
        .select_related("project")
        .order_by("due_on")
    )
    return [
        Waiting(
            title=f"{stage.project.name}: {stage.name}",
            why="You lead the project, and this stage has a day on which it should be ready for its decision.",
            link=stage.get_absolute_url(),
            group="tasks",
            state="wait",
            word="to be finished",
            since=stage.opened_at or stage.project.created_at,
            due_on=stage.due_on,
            project=stage.project.name,
        )
        for stage in stages
    ]
