"""Who stands in for whom now."""

from __future__ import annotations

from datetime import date

from lifecycle.projects.delegations import Delegation
from lifecycle.projects.models import Project


def delegations_in_force(project: Project, on: date) -> list[Delegation]:
    """Delegations that cover the project on a day, with both people. One query."""
    return list(Delegation.objects.in_force(on).for_project(project).select_related("from_person", "to_person"))
