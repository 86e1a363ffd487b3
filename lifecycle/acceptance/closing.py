"""What acceptance waits for before a project is closed."""

from __future__ import annotations

from foundation.people.models import User
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance
from lifecycle.projects.closing import Unsettled
from lifecycle.projects.models import Project


def unanswered_offer(user: User, project: Project) -> Unsettled | None:
    """An acceptance that the customer was asked for; in a stopped project nobody waits for the answer any more."""
    offered = Acceptance.objects.filter(project=project, state=moves.OFFERED).first()
    if offered is None or project.state == Project.State.STOPPED:
        return None
    offered.project = project
    return Unsettled(
        "acceptance_open",
        "The customer was asked to accept the result and has not answered. Wait for the answer, or take the offer back.",
        "Open the acceptance",
        offered.get_absolute_url(),
    )
