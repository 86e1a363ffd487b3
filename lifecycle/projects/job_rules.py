"""Whose job a project's job is: told to the ledger below, which knows no projects."""

from __future__ import annotations

from foundation.jobs.permits import join_projects
from foundation.people.models import User
from lifecycle.projects.models import TEAM, Member, Project


def sees(user: User, project_id: int) -> bool:
    """May read the project."""
    return Project.objects.visible_to(user).filter(pk=project_id).exists()


def works(user: User, project_id: int) -> bool:
    """Belongs to the project's team now."""
    return Member.objects.filter(project_id=project_id, user=user, role__in=TEAM, left_at__isnull=True).exists()


def join() -> None:
    """Called when the app starts."""
    join_projects(sees=sees, works=works)
