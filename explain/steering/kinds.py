"""What the room makes known when the app starts."""

from __future__ import annotations

from explain.outcomes import beside
from explain.steering.models import Proposal
from explain.steering.selectors import current_outlook, proposals_of
from explain.steering.services import KIND, on_entry
from foundation.audit.services import listen
from lifecycle.dossier.parts import Part, Seal, register
from lifecycle.projects.models import Project

SHOWN = 3


def course_beside(project: Project) -> beside.Section | None:
    """What the figures suggest and the newest proposals, for the pages of the value. Two queries."""
    outlook, rows = current_outlook(project), proposals_of(project)
    if outlook is None and not rows:
        return None
    return beside.Section(
        "explain/steering/beside.html", {"outlook": outlook, "rows": rows[:SHOWN], "count": len(rows)}
    )


def register_kinds() -> None:
    """Called once, from the floor's app."""
    beside.register(course_beside)
    listen(on_entry)
    seals = (Seal("content", "content_hash"),)
    register(Part("proposals", "proposal", Proposal, "project", seals=seals, signed_as=KIND))
