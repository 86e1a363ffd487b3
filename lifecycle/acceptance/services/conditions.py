"""Conditions of an acceptance: written with the verdict, closed with a proof, verified by somebody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NotRequired, TypedDict

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.acceptance import moves
from lifecycle.acceptance.links import checked_link
from lifecycle.acceptance.models import Acceptance, AcceptanceCondition
from lifecycle.acceptance.permits import VERIFIERS, may_close_condition, may_verify_condition
from lifecycle.acceptance.services.holding import hold_condition
from lifecycle.projects.models import Member, Role, people_in
from lifecycle.projects.services.texts import sound_text

MAX_CONDITIONS = 20
PROOF_LIMIT = 20_000  # characters


class Condition(TypedDict):
    """What must still happen, by when. `owner`: a member by name or e-mail address, or the name of somebody outside;
    empty: who offered the acceptance."""

    text: str
    due_on: date
    owner: NotRequired[str]


def checked_conditions(verdict: str, conditions: Sequence[Condition]) -> list[Condition]:
    """The conditions without blanks around their words. Raises Refused: condition_invalid."""
    if verdict != moves.CONDITIONS:
        if conditions:
            raise _invalid("Conditions belong to 'accepted with conditions'. Choose that verdict, or leave them out.")
        return []
    if not conditions:
        raise _invalid("Write at least one condition, with the day by which it is met.")
    if len(conditions) > MAX_CONDITIONS:
        raise _invalid(f"Write at most {MAX_CONDITIONS} conditions.")
    kept: list[Condition] = []
    for number, condition in enumerate(conditions, start=1):
        text, due, owner = condition["text"].strip(), condition["due_on"], condition.get("owner", "").strip()
        if not text or len(text) > 500 or len(owner) > 120:
            raise _invalid(f"Condition {number} needs a text of up to 500 characters, and an owner of up to 120.")
        if due < timezone.localdate():
            raise _invalid(f"Condition {number} is due on {day_text(due)}, which has passed. Give a later day.")
        kept.append(Condition(text=text, due_on=due, owner=owner))
    return kept


def rows_of(acceptance: Acceptance, conditions: Sequence[Condition]) -> list[AcceptanceCondition]:
    """Rows that are not saved yet, with their owners found among the members. One query where there are any."""
    if not conditions:
        return []
    known: dict[str, User | None] = {}
    for member in Member.objects.filter(project=acceptance.project, left_at__isnull=True).select_related("user"):
        known[member.user.email.lower()] = member.user
        name = member.user.name.casefold()
        # Two people of one name: the name alone says neither.
        known[name] = member.user if known.get(name, member.user) == member.user else None
    rows = []
    for number, condition in enumerate(conditions, start=1):
        said = condition.get("owner", "")
        owner = known.get(said.casefold()) if said else acceptance.offered_by
        rows.append(
            AcceptanceCondition(
                acceptance=acceptance,
                number=number,
                text=condition["text"],
                owner=owner,
                owner_name=owner.name if owner else said,
                due_on=condition["due_on"],
            )
        )
    return rows


def line_of(row: AcceptanceCondition) -> str:
    """The condition as it stands in the signature."""
    return f"Condition: {row.text} (by {row.due_on.isoformat()}, {row.owner_name})"


@transaction.atomic
def close_condition(*, actor: User, condition_id: int, proof: str, link: str = "") -> AcceptanceCondition:
    """Give the proof that the condition is met; somebody else looks at it.

    Raises Refused: not_permitted, wrong_state, empty, text_too_long, link_invalid.
    """
    condition = hold_condition(condition_id)
    may_close_condition(actor, condition).demand()
    condition.proof = sound_text(proof, limit=PROOF_LIMIT, field="proof", what="The proof").strip()
    condition.proof_link = checked_link(link, field="link")
    condition.closed_by, condition.closed_at = actor, timezone.now()
    _move(condition, "close")
    tell(
        people=[
            person
            for person in people_in(condition.acceptance.project, *VERIFIERS)
            if person.pk not in (condition.owner_id, actor.pk)
        ],
        kind="acceptance_condition",
        subject=f"{condition.acceptance.project.name}: a proof waits to be verified",
        body=f"{condition.text}\n\n{condition.proof}",
        link=f"{condition.acceptance.get_absolute_url()}#conditions",
        actor=actor,
        project_id=condition.acceptance.project_id,
    )
    _note(actor, "close_condition", condition, {"proof": condition.proof, "link": condition.proof_link})
    return condition


@transaction.atomic
def verify_condition(*, actor: User, condition_id: int) -> AcceptanceCondition:
    """Say that the proof is enough. Never the owner, never who gave the proof.

    Raises Refused: not_permitted, owner_cannot_verify, wrong_state.
    """
    condition = hold_condition(condition_id)
    may_verify_condition(actor, condition).demand()
    condition.verified_by, condition.verified_at = actor, timezone.now()
    _move(condition, "verify")
    _tell_owner(actor, condition, "is verified", "")
    _note(actor, "verify_condition", condition, {})
    return condition


@transaction.atomic
def send_condition_back(*, actor: User, condition_id: int, reason: str) -> AcceptanceCondition:
    """Say that the proof is not enough, and why; the condition is open again."""
    condition = hold_condition(condition_id)
    may_verify_condition(actor, condition).demand()
    condition.sent_back = sound_text(reason, limit=PROOF_LIMIT, field="reason", what="The reason").strip()
    _move(condition, "send_back")
    _tell_owner(actor, condition, "needs another proof", condition.sent_back)
    _note(actor, "send_back_condition", condition, {}, condition.sent_back)
    return condition


def _move(condition: AcceptanceCondition, move: str) -> None:
    condition.state = moves.CONDITION_MOVES[move].target
    condition.save()


def _tell_owner(actor: User, condition: AcceptanceCondition, what: str, body: str) -> None:
    people = [person for person in (condition.owner, condition.closed_by) if person]
    tell(
        people=[*people, *people_in(condition.acceptance.project, Role.LEAD)],
        kind="acceptance_condition",
        subject=f"{condition.acceptance.project.name}: a condition {what}",
        body=f"{condition.text}\n\n{body}".strip(),
        link=f"{condition.acceptance.get_absolute_url()}#conditions",
        actor=actor,
        project_id=condition.acceptance.project_id,
    )


def _note(actor: User, verb: str, condition: AcceptanceCondition, after: dict[str, str], reason: str = "") -> None:
    record(
        actor=actor,
        verb=verb,
        thing=condition,
        kind="acceptance_condition",
        project_id=condition.acceptance.project_id,
        after={"state": condition.state, "number": condition.number, **after},
        reason=reason,
    )


def _invalid(message: str) -> Refused:
    return Refused(message, code="condition_invalid", status=400, field="conditions")
