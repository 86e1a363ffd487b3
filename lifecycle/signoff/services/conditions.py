"""Conditions of an approval: checked and written with the answer that sets them, and taken back with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Project
from lifecycle.signoff import days, moves, policy
from lifecycle.signoff.models import Condition, ConditionEvent, Decision
from lifecycle.signoff.permits.rounds import present_members

LIMIT, TEXT_LIMIT = 20, 5_000  # conditions of one answer; characters
FARTHEST = timedelta(days=5 * 366)
GRACE = 3  # working days, where a policy says nothing


@dataclass(frozen=True)
class CheckedCondition:
    """A condition that may be written as it is."""

    text: str
    severity: str
    owner: User
    verifier: User
    due_on: date


def checked_conditions(
    given: Sequence[Mapping[str, Any]], *, project: Project, decider: User
) -> list[CheckedCondition]:
    """Rows of text, severity, owner_id, verifier_id and due_on (a day, or its ISO text), checked. One query.

    The owner is somebody of the project; the verifier is another, and holds a role that judges, or is the decider.
    Raises Refused: condition_too_many, condition_text, condition_severity, condition_owner, condition_verifier,
    condition_due; `field` is conditions.PLACE.NAME, places counted from 0.
    """
    if len(given) > LIMIT:
        raise Refused(
            f"These are {len(given)} conditions; set at most {LIMIT}. So many are a reason to ask for changes instead.",
            code="condition_too_many",
            status=400,
            field="conditions",
        )
    members = present_members(project)
    return [_checked(place, row, members, decider) for place, row in enumerate(given)]


def _checked(place: int, row: Mapping[str, Any], members: Sequence[Member], decider: User) -> CheckedCondition:
    def refuse(name: str, why: str) -> Refused:
        code = {"owner_id": "owner", "verifier_id": "verifier", "due_on": "due"}.get(name, name)
        return Refused(
            f"Condition {place + 1}: {why}", code=f"condition_{code}", status=400, field=f"conditions.{place}.{name}"
        )

    text = str(row.get("text") or "").strip()
    if not text or len(text) > TEXT_LIMIT or "\x00" in text:
        raise refuse("text", f"say what must be done, in at most {TEXT_LIMIT} characters.")
    severity = str(row.get("severity") or Condition.Severity.MINOR)
    if severity not in Condition.Severity.values:
        raise refuse("severity", f"choose how severe it is: {' or '.join(Condition.Severity.values)}.")
    owner = owner_among(members, row.get("owner_id"))
    if owner is None:
        raise refuse("owner_id", "choose its owner among the people of the project.")
    verifier = verifier_among(members, row.get("verifier_id"), decider)
    if verifier is None:
        raise refuse(
            "verifier_id", "choose who verifies it: a sponsor, customer, reviewer or risk officer, or yourself."
        )
    if owner.pk == verifier.pk:
        raise refuse("verifier_id", f"{owner.name} owns it, so somebody else verifies it.")
    due_on = sound_due_day(row.get("due_on"))
    if due_on is None:
        raise refuse("due_on", "choose the day by which it is done: today or later, and within five years.")
    return CheckedCondition(text, severity, owner, verifier, due_on)


def owner_among(members: Sequence[Member], person_id: Any) -> User | None:
    """The person of that id, if they are in the project and have access."""
    wanted = str(person_id or "")
    return next((member.user for member in members if str(member.user_id) == wanted and member.user.is_active), None)


def verifier_among(members: Sequence[Member], person_id: Any, decider: User) -> User | None:
    """The person of that id, if they hold a role that judges, or are the decider."""
    judging = [member for member in members if member.role in policy.DECIDING_ROLES]
    return decider if str(person_id or "") == str(decider.pk) else owner_among(judging, person_id)


def sound_due_day(given: Any) -> date | None:
    """A day that a condition may fall due on, or None."""
    if isinstance(given, str):
        try:
            given = date.fromisoformat(given.strip())
        except ValueError:
            return None
    today = days.today()
    return given if isinstance(given, date) and today <= given <= today + FARTHEST else None


def write_conditions(decision: Decision, checked: Sequence[CheckedCondition]) -> list[Condition]:
    """Write the conditions of an answer within its transaction, tell owners and verifiers, record each."""
    review = decision.round
    number: int = review.conditions.aggregate(n=Max("number"))["n"] or 0
    written: list[Condition] = []
    for place, row in enumerate(checked, start=1):
        condition = Condition.objects.create(
            project=review.project,
            round=review,
            decision=decision,
            number=number + place,
            text=row.text,
            severity=row.severity,
            owner=row.owner,
            verifier=row.verifier,
            due_on=row.due_on,
            grace_days=int(review.policy.get("grace", GRACE)),
        )
        written.append(condition)
        tell_people(
            condition,
            actor=decision.decider,
            kind="condition_set",
            subject=f"A condition of an approval is yours: {short(condition)}",
            body=f"{decision.decider.name} approves {review.stage.name} in {review.project.name} on condition that "
            f"{row.owner.name} does this by {day_text(row.due_on)}, and that {row.verifier.name} has seen it:"
            f"\n\n{row.text}",
            key="set",
        )
        record(
            actor=decision.decider,
            verb="set_condition",
            thing=condition,
            kind="condition",
            project_id=review.project_id,
            after={**terms(condition), "text": row.text, "severity": row.severity, "grace_days": condition.grace_days},
        )
    return written


def drop_with_decision(decision: Decision, *, actor: User) -> list[Condition]:
    """Close the open conditions that an answer set, since its signature was taken back. Within its transaction."""
    dropped: list[Condition] = list(
        Condition.objects.select_for_update(of=("self",))
        .filter(decision=decision, state__in=moves.OPEN_CONDITIONS)
        .select_related("owner", "verifier", "project", "round__stage")
    )
    for condition in dropped:
        close(condition, "drop")
        ConditionEvent.objects.create(
            condition=condition, kind=ConditionEvent.Kind.DROPPED, by=actor, note="The signature was taken back."
        )
        tell_people(
            condition,
            actor=actor,
            kind="condition_dropped",
            subject=f"No longer asked: {short(condition)}",
            body=f"{actor.name} took back the signature that set this condition.",
            key="dropped",
        )
        record(
            actor=actor,
            verb="drop_condition",
            thing=condition,
            kind="condition",
            project_id=condition.project_id,
            after={"state": condition.state},
            reason="The signature was taken back.",
        )
    return dropped


def close(condition: Condition, move: str) -> None:
    """Make a closing move on a locked condition."""
    apply(condition, move)
    condition.closed_at = timezone.now()
    condition.save(update_fields=["state", "closed_at"])


def apply(condition: Condition, move: str) -> None:
    """Make a move in memory. Raises Refused (condition_state) when the state does not allow it."""
    step = moves.CONDITION_MOVES[move]
    if condition.state not in step.sources:
        raise Refused(
            f"This condition is {condition.get_state_display()}, so this cannot be done now. "
            "Load the page again to see where it stands.",
            code="condition_state",
        )
    condition.state = step.target


def terms(condition: Condition) -> dict[str, str]:
    """Who does it by when, and who has seen it, for the trail."""
    return {
        "owner": condition.owner.name,
        "verifier": condition.verifier.name,
        "due_on": condition.due_on.isoformat(),
    }


def short(condition: Condition) -> str:
    """The first line of what must be done, for a subject."""
    line = condition.text.split("\n", 1)[0].strip()
    return line if len(line) <= 100 else f"{line[:99].rstrip()}…"


def tell_people(
    condition: Condition,
    *,
    actor: User | None,
    kind: str,
    subject: str,
    body: str,
    key: str,
    people: Sequence[User] | None = None,
) -> None:
    """Tell owner and verifier, or the people named, once for each `key`."""
    tell(
        people=[condition.owner, condition.verifier] if people is None else people,
        kind=kind,
        subject=subject,
        body=body,
        link=condition.get_absolute_url(),
        actor=actor,
        project_id=condition.project_id,
        event_key=f"condition:{condition.pk}:{key}",
    )
