"""Who may tie a metric to a KPI and end such a link: the project's team, while the project takes work."""

from __future__ import annotations

from explain.outcomes.links.models import MetricLink
from explain.register.permits import team_may
from foundation.people.models import User
from foundation.web.refused import Verdict, denied
from lifecycle.projects.models import Project

_WORDS = {"tie": "tie a metric of the model to a KPI", "end": "end such a link"}


def may(
    actor: User, move: str, project: Project, *, link: MetricLink | None = None, roles: frozenset[str] | None = None
) -> Verdict:
    """Whether `actor` may make `move` (tie, end); `link` is the one to end, `roles` saves a query."""
    allowed = team_may(actor, project, _WORDS[move], roles=roles)
    if allowed and link is not None and link.ended_at is not None:
        return denied("This link is ended already and stays as it is. Make a new one.", code="link_ended", status=409)
    return allowed
