"""What waits for a person in this room."""

from __future__ import annotations

from django.db.models import F

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.kpis.models import Baseline
from lifecycle.kpis.permits import APPROVERS
from lifecycle.projects.models import Project


def waiting_for(user: User) -> list[Waiting]:
    """Baselines that wait for this person's approval; one query."""
    if not user.is_active or user.is_auditor:
        return []
    proposals = (
        Baseline.objects.filter(
            state=Baseline.State.PROPOSED,
            kpi_version=F("kpi__version"),
            kpi__project__state__in=[Project.State.ACTIVE, Project.State.IN_USE],
            kpi__project__members__user=user,
            kpi__project__members__role__in=APPROVERS,
            kpi__project__members__left_at__isnull=True,
        )
        .exclude(proposed_by=user)
        .select_related("kpi__project", "proposed_by")
        .defer("values")
        .order_by("proposed_at")
        .distinct()
    )
    return [
        Waiting(
            title=f"Approve the baseline of {one.kpi.name}",
            why=f"{one.proposed_by.name} proposes {one.starts_on:%d.%m.%Y} to {one.ends_on:%d.%m.%Y}; effects are measured against it.",
            link=one.kpi.get_absolute_url() + "#baseline",
            group="decisions",
            state="wait",
            word="baseline",
            since=one.proposed_at,
            project=one.kpi.project.name,
        )
        for one in proposals
    ]
