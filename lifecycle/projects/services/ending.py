"""The two ways in which a project ends: it is stopped for a reason, or closed with what came of it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects import moves
from lifecycle.projects.closing import unsettled
from lifecycle.projects.models import Project
from lifecycle.projects.permits import may
from lifecycle.projects.services.locks import lock_project
from lifecycle.projects.services.texts import sound_text

CLOSING_LIMIT = 2000  # characters of a closing statement


@transaction.atomic
def stop_project(*, actor: User, project: Project, reason: str) -> Project:
    """Stop the project for a reason: from now on it can only be read. Stopping it again changes nothing."""
    project = lock_project(project.pk)
    verdict = may(actor, "stop_project", project)
    if project.state == moves.STOPPED and verdict.code == "project_closed":
        return project
    verdict.demand()
    if not reason.strip():
        raise Refused(
            "Stopping a project needs a reason: those who read it later want to know why.",
            code="reason_missing",
            status=400,
            field="reason",
        )
    step = moves.PROJECT_MOVES["stop"]
    before = project.state
    project.state = step.target
    project.stopped_reason = reason.strip()
    project.version += 1
    project.save(update_fields=["state", "stopped_reason", "version"])
    record(
        actor=actor,
        verb="stop_project",
        thing=project,
        kind="project",
        project_id=project.pk,
        before={"state": before},
        after={"state": project.state},
        reason=project.stopped_reason,
    )
    return project


@transaction.atomic
def close_project(*, actor: User, project: Project, statement: str) -> Project:
    """End the project for good, with what came of it. A stopped one keeps its reason beside the statement.

    `statement`: up to CLOSING_LIMIT characters. Closing it again changes nothing. Raises Refused: not_permitted, empty,
    text_too_long, text_unreadable, and the codes of `closing.unsettled` (with all that is unsettled in `details`).
    """
    project = lock_project(project.pk)
    verdict = may(actor, "close_project", project)
    if project.state == moves.CLOSED and verdict.code == "project_closed":
        return project
    verdict.demand()
    words = sound_text(statement, limit=CLOSING_LIMIT, field="statement", what="The closing statement").strip()
    waiting = unsettled(actor, project)
    if waiting:
        raise Refused(
            " ".join(each.text for each in waiting), code=waiting[0].code, details=[each.text for each in waiting]
        )
    before = project.state
    project.state = moves.PROJECT_MOVES["close"].target
    project.closing_statement, project.closed_at, project.closed_by = words, timezone.now(), actor
    project.version += 1
    project.save(update_fields=["state", "closing_statement", "closed_at", "closed_by", "version"])
    record(
        actor=actor,
        verb="close_project",
        thing=project,
        kind="project",
        project_id=project.pk,
        before={"state": before},
        after={"state": project.state},
        reason=project.closing_statement,
    )
    return project
