"""Who may ask for an explanation: the project's team. Everybody who sees the project reads it."""

from __future__ import annotations

from explain.register.permits import team_may
from foundation.people.models import User
from foundation.web.refused import Verdict
from lifecycle.projects.models import Project


def may(actor: User, move: str, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may make `move` (request_explanation) in the project; `roles` saves a query."""
    return team_may(actor, project, {"request_explanation": "ask for explanations"}[move], roles=roles)
