"""Reads of criteria and acceptances."""

from __future__ import annotations

from django.db.models import Count, Prefetch, Q, QuerySet

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, Criterion, CriterionResult
from lifecycle.projects.models import Member, Project, Role


def criteria_of(project: Project) -> QuerySet[Criterion]:
    """Criteria in force."""
    return Criterion.objects.filter(project=project, is_current=True, withdrawn=False).select_related(
        "kpi__project", "author"
    )


def former_criteria(project: Project) -> QuerySet[Criterion]:
    """Former versions and withdrawn criteria, newest first."""
    return (
        Criterion.objects.filter(project=project)
        .filter(Q(is_current=False) | Q(withdrawn=True))
        .select_related("author")
        .order_by("-created_at", "-pk")
    )


def acceptances_of(project: Project) -> QuerySet[Acceptance]:
    """All acceptances with results and signatures, newest first; three queries."""
    return (
        Acceptance.objects.filter(project=project)
        .select_related("stage", "signature__signer", "offered_by", "created_by")
        .prefetch_related(
            Prefetch(
                "results", CriterionResult.objects.select_related("criterion__kpi__project", "tester").order_by("pk")
            )
        )
    )


def acceptances_visible_to(user: User) -> QuerySet[Acceptance]:
    """Those of projects that the person may read."""
    return Acceptance.objects.filter(project__in=Project.objects.visible_to(user).values("pk")).select_related(
        "project", "stage", "signature", "offered_by"
    )


def waiting_for(user: User) -> list[Waiting]:
    """Offers that wait for this customer, and preparations that wait for this lead. One query."""
    mine = Member.objects.filter(user=user, left_at__isnull=True)
    leads = mine.filter(role=Role.LEAD).values("project_id")
    customers = mine.filter(role=Role.CUSTOMER).values("project_id")
    if not user.is_active or user.is_auditor:
        return []
    rows = (
        Acceptance.objects.filter(
            (Q(state=moves.OFFERED, project__in=customers) & ~Q(project__in=leads) & ~Q(offered_by=user))
            | Q(state=moves.OPEN, project__in=leads)
        )
        .select_related("project")
        .annotate(unjudged=Count("results", filter=Q(results__verdict="")), criteria=Count("results"))
        .order_by("pk")
    )
    found: list[Waiting] = []
    for acceptance in rows:
        is_offer = acceptance.state == moves.OFFERED
        found.append(
            Waiting(
                title=f"Accept {acceptance.project.name}?"
                if is_offer
                else f"Prepare the acceptance of {acceptance.project.name}",
                why=f"{acceptance.criteria} criteria are judged; you decide for the customer."
                if is_offer
                else f"{acceptance.unjudged} of {acceptance.criteria} criteria are not judged yet."
                if acceptance.unjudged
                else "All criteria are judged; offer it to the customer.",
                link=acceptance.get_absolute_url(),
                group="decisions" if is_offer else "tasks",
                state="wait",
                word=acceptance.get_state_display(),
                since=(acceptance.offered_at if is_offer else None) or acceptance.created_at,
                project=acceptance.project.name,
            )
        )
    return found
