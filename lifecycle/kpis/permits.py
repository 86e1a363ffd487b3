"""Who may do what with KPIs and money of a project."""

from __future__ import annotations

from collections.abc import Collection

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.kpis.models import Baseline
from lifecycle.projects.models import TEAM, Member, Project, Role

RECORD = "record"  # definitions, readings, targets, values, go-live, money
APPROVE_BASELINE = "approve_baseline"
APPROVE_EXCLUSION = "approve_exclusion"
APPROVERS = (Role.SPONSOR, Role.CUSTOMER)


def roles_of(user: User, project: Project) -> frozenset[str]:
    """The roles a person holds in the project now. One query."""
    held = Member.objects.filter(project=project, user=user, left_at__isnull=True)
    return frozenset(held.values_list("role", flat=True))


def may(
    actor: User,
    move: str,
    project: Project,
    *,
    baseline: Baseline | None = None,
    proposed_by: int | None = None,
    roles: Collection[str] | None = None,
) -> Verdict:
    """Whether the person may; `roles` saves a query when they are known, `baseline` is the one to approve, and
    `proposed_by` who proposed the exclusion to approve."""
    if project.state in (Project.State.STOPPED, Project.State.CLOSED):
        return denied(
            f"{project.name} is {project.get_state_display()}, so its figures can be read but not changed.",
            code="project_read_only",
            status=409,
        )
    if not actor.is_active or actor.is_auditor:
        return denied("Auditors read everything and change nothing. Ask the project lead.")
    held = roles_of(actor, project) if roles is None else roles
    if move == RECORD:
        if set(held).isdisjoint(TEAM):
            return denied("Only the project lead and contributors may record figures here. Ask one of them.")
        return ALLOWED
    if move == APPROVE_BASELINE:
        if set(held).isdisjoint(APPROVERS):
            return denied("Only the sponsor or the customer may approve a baseline. Ask one of them.")
        if baseline is not None and baseline.proposed_by_id == actor.pk:
            return denied(
                "You proposed this baseline, so somebody else has to approve it. Ask the sponsor or the customer.",
                code="four_eyes",
            )
        return ALLOWED
    if move == APPROVE_EXCLUSION:
        if set(held).isdisjoint(APPROVERS):
            return denied("Only the sponsor or the customer may approve that periods are left out. Ask one of them.")
        if proposed_by == actor.pk:
            return denied(
                "You proposed this, so somebody else has to approve it. Ask the sponsor or the customer.",
                code="four_eyes",
            )
        return ALLOWED
    raise ValueError(f"Unknown move {move!r}.")
