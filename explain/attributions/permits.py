"""Who may ask for an explanation and answer for it: the project's team. Everybody who sees the project reads it."""

from __future__ import annotations

from explain.register.permits import team_may
from foundation.people.models import User
from foundation.web.refused import Verdict
from lifecycle.projects.models import Project

_TEXTS = {
    "request_explanation": "ask for explanations",
    "explain_contradiction": "say why the model acts against expectation",
}


def may(actor: User, move: str, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may make `move` (request_explanation, explain_contradiction); `roles` saves a query."""
    return team_may(actor, project, _TEXTS[move], roles=roles)
