"""Who may ask what a model would say: whoever works in the project or decides on it. Everybody who sees the project reads.

A customer and a viewer read in the portal; a question takes a worker's time and is kept under a name.
"""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects import moves
from lifecycle.projects.models import Project, Role
from lifecycle.projects.permits import roles_of

_READING_ONLY = frozenset({str(Role.CUSTOMER), str(Role.VIEWER)})


def may_ask(actor: User, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may ask a what-if question; `roles` saves a query."""
    if not actor.is_active:
        return denied("Your access has ended. Ask an administrator.", code="person_inactive")
    held = roles_of(actor, project) if roles is None else roles
    if not held - _READING_ONLY:
        return denied(
            "Only those who work in the project or decide on it may ask what the model would say. "
            "Ask the project lead to put your question."
        )
    if project.state not in (moves.ACTIVE, moves.IN_USE):
        return denied(
            f"The project is {project.get_state_display()} and can only be read.", code="project_closed", status=409
        )
    return ALLOWED
