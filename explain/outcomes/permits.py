"""Who may ask for an outcome report."""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects.models import TEAM, Member, Project, Role

ASKERS = (*TEAM, Role.SPONSOR)


def may_request_report(actor: User, project: Project) -> Verdict:
    """The team, the sponsor and managers may. One query."""
    if not actor.is_active:
        return denied("This account is no longer active. Ask an administrator.")
    if actor.is_manager:
        return ALLOWED
    if Member.objects.filter(project=project, user=actor, role__in=ASKERS, left_at__isnull=True).exists():
        return ALLOWED
    return denied(
        "The project lead, contributors, the sponsor and managers may ask for an outcome report. Ask one of them."
    )
