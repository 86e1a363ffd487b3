"""Who answers an offer: the project's team, while the project is in work."""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects.models import TEAM, Project
from lifecycle.projects.permits import roles_of


def may_answer(actor: User, project: Project) -> Verdict:
    """Lead and contributors."""
    if not roles_of(actor, project).intersection(TEAM):
        return denied("The project's team (its lead and contributors) says what it makes of a case. Ask the lead.")
    if project.state not in (Project.State.ACTIVE, Project.State.IN_USE):
        return denied(
            f"The project is {project.get_state_display()} and can only be read.", code="project_closed", status=409
        )
    return ALLOWED
