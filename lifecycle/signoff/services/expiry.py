"""Approvals that end by a trigger: found by the portal, fired by another room, or reported by a pipeline."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.refused import Refused, Verdict, denied
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import TEAM, Project
from lifecycle.projects.permits import roles_of
from lifecycle.projects.services import lock_project
from lifecycle.signoff import moves
from lifecycle.signoff.manifest import Line
from lifecycle.signoff.models import Round
from lifecycle.signoff.services.lapsing import end_approval, reason_line
from lifecycle.signoff.triggers import SEVERITIES, TRIGGERS, ends_on

REASON_LIMIT = 2_000  # characters
_WORKING = frozenset({project_moves.ACTIVE, project_moves.IN_USE})


@transaction.atomic
def fire(*, trigger: str, project: Project, lines: list[Line], actor: User | None = None) -> list[Round]:
    """End the approvals in force whose copied policy lists the trigger; those that ended. `lines` say what happened.

    Raises KeyError for a trigger that TRIGGERS does not hold.
    """
    return expire_where(
        trigger=trigger, project=project, lines_for=lambda review: lines or [trigger_line(trigger)], actor=actor
    )


@transaction.atomic
def expire_where(
    *, trigger: str, project: Project, lines_for: Callable[[Round], list[Line]], actor: User | None = None
) -> list[Round]:
    """End the approvals that list the trigger and for which `lines_for` has something to say."""
    known = TRIGGERS[trigger]
    locked = lock_project(project.pk)
    # In order, and after the project: whoever else ends approvals of this project waits, and nobody waits for another.
    in_force = (
        Round.objects.select_for_update(of=("self",))
        .filter(project=locked, stage__is_current=True, state__in=moves.APPROVALS)
        .select_related("stage", "requester")
        .order_by("pk")
    )
    ended = []
    for review in in_force:
        if not ends_on(review.policy, known.name):
            continue
        review.project = review.stage.project = locked
        lines = lines_for(review)
        if lines and end_approval(review, move="expire", lines=lines, actor=actor):
            ended.append(review)
    return ended


def trigger_line(trigger: str, more: str = "") -> Line:
    """The trigger as a line that says why an approval ended."""
    return reason_line(f"{TRIGGERS[trigger].sentence} {more}".strip(), "trigger")


def may_report(actor: User, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may report a trigger: the team may, by hand or by the token of its pipeline."""
    held = roles_of(actor, project) if roles is None else roles
    if not actor.is_active or not held.intersection(TEAM):
        return denied("Only the project's team (its lead and contributors) reports what happened to the model.")
    if project.state not in _WORKING:
        return denied(
            f"The project is {project.get_state_display()} and can only be read.", code="project_closed", status=409
        )
    return Verdict()


@transaction.atomic
def report_trigger(*, actor: User, project: Project, trigger: str, reason: str, severity: str = "") -> list[Round]:
    """Take a report of a drift or a rollback, and end the approvals that it ends. It is recorded even if it ends none.

    `severity`: low, medium or high where who reports it can tell. Raises Refused: not_permitted, project_closed,
    trigger_unknown, reason_missing, severity_unknown.
    """
    project = lock_project(project.pk)
    may_report(actor, project).demand()
    known = TRIGGERS.get(trigger)
    if known is None or not known.reported:
        offered = ", ".join(name for name, each in TRIGGERS.items() if each.reported)
        raise Refused(
            f"{trigger!r} cannot be reported. Use one of: {offered}.",
            code="trigger_unknown",
            status=400,
            field="trigger",
        )
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT or "\x00" in reason:
        raise Refused(
            f"Say what happened, in at most {REASON_LIMIT} characters: it stands with each approval that ends by it.",
            code="reason_missing",
            status=400,
            field="reason",
        )
    if severity and severity not in SEVERITIES:
        raise Refused(
            f"{severity!r} is no severity. Use one of: {', '.join(SEVERITIES)}, or leave it out.",
            code="severity_unknown",
            status=400,
            field="severity",
        )
    ended = fire(trigger=trigger, project=project, lines=[trigger_line(trigger, reason)], actor=actor)
    record(
        actor=actor,
        verb="report_trigger",
        thing=project,
        kind="trigger",
        name=f"{project.name}: {known.label}",
        project_id=project.pk,
        after={
            "trigger": trigger,
            "approvals_ended": [f"{review.stage.name}, round {review.number}" for review in ended],
            **({"severity": severity} if severity else {}),
        },
        reason=reason,
    )
    return ended
