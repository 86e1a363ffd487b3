"""New terms for an open condition: another day, another owner, another verifier, with a reason."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.signoff.models import Condition, ConditionEvent
from lifecycle.signoff.permits.conditions import may
from lifecycle.signoff.permits.rounds import present_members
from lifecycle.signoff.services.condition_rows import lock_condition, note_event, recorded, sound_text
from lifecycle.signoff.services.conditions import (
    owner_among,
    short,
    sound_due_day,
    tell_people,
    terms,
    verifier_among,
)


@transaction.atomic
def move_condition(
    *,
    actor: User,
    condition_id: int,
    reason: str,
    due_on: date | None = None,
    owner_id: int | None = None,
    verifier_id: int | None = None,
) -> Condition:
    """Give an open condition a new day or new people, with a reason; what is None stays.

    Raises Refused: not_permitted, owner_cannot_verify, project_closed, condition_closed, note_missing, condition_owner,
    condition_verifier, condition_due, nothing_changed.
    """
    condition = lock_condition(condition_id)
    may(actor, "move", condition).demand()
    reason = sound_text(reason, "reason", "Say why it is moved: the approval was given on these terms.")
    before = terms(condition)
    _take_terms(actor, condition, due_on=due_on, owner_id=owner_id, verifier_id=verifier_id)
    after = terms(condition)
    if after == before:
        raise Refused("Nothing would change. Choose another day or other people.", code="nothing_changed", status=400)
    condition.save(update_fields=["owner", "verifier", "due_on"])
    event = note_event(condition, ConditionEvent.Kind.MOVED, actor, reason, facts={"before": before, "after": after})
    tell_people(
        condition,
        actor=actor,
        kind="condition_moved",
        subject=f"New terms: {short(condition)}",
        body=f"{actor.name} moved a condition. Now {after['owner']} does it by {day_text(condition.due_on)}, and "
        f"{after['verifier']} verifies it.\n\n{reason}",
        key=f"event:{event.pk}",
        people=[condition.owner, condition.verifier, condition.decision.decider],
    )
    return recorded(actor, "move_condition", condition, reason, after, before)


def _take_terms(
    actor: User, condition: Condition, *, due_on: date | None, owner_id: int | None, verifier_id: int | None
) -> None:
    members = present_members(condition.project)
    if owner_id is not None and owner_id != condition.owner_id:
        owner = owner_among(members, owner_id)
        if owner is None:
            raise _bad("Choose its owner among the people of the project.", "owner")
        condition.owner = owner
    if verifier_id is not None and verifier_id != condition.verifier_id:
        verifier = verifier_among(members, verifier_id, actor)
        if verifier is None:
            raise _bad("Choose as verifier a sponsor, customer, reviewer or risk officer, or yourself.", "verifier")
        condition.verifier = verifier
    if condition.owner_id == condition.verifier_id:
        raise _bad(f"{condition.owner.name} owns it, so somebody else verifies it.", "verifier")
    if due_on is not None and due_on != condition.due_on:
        if sound_due_day(due_on) is None:
            raise _bad("Choose a day from today on, within five years.", "due")
        condition.due_on = due_on


def _bad(message: str, name: str) -> Refused:
    field = {"due": "due_on"}.get(name, f"{name}_id")
    return Refused(message, code=f"condition_{name}", status=400, field=field)
