"""Who may do what in the register: everybody who sees the project reads, only its team writes."""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects import moves
from lifecycle.projects.models import TEAM, Project
from lifecycle.projects.permits import roles_of

_TEXTS = {
    "upload_model": "upload models",
    "upload_data": "upload data",
    "set_features": "change the feature dictionary",
}


def may(actor: User, move: str, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may make `move` (upload_model, upload_data, set_features); `roles` saves a query."""
    return team_may(actor, project, _TEXTS[move], roles=roles)


def team_may(actor: User, project: Project, text: str, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` is of the project's team and the project still takes work; `text` completes "may ..."."""
    if not actor.is_active:
        return denied("Your access has ended. Ask an administrator.", code="person_inactive")
    held = roles_of(actor, project) if roles is None else roles
    if not held.intersection(TEAM):
        return denied(
            f"Only the project's team (its lead and contributors) may {text}. Ask the lead to name you a contributor."
        )
    if project.state not in (moves.ACTIVE, moves.IN_USE):
        return denied(
            f"The project is {project.get_state_display()} and can only be read.", code="project_closed", status=409
        )
    return ALLOWED
