"""Whether a verified action worked: looked at some months later, by somebody other than its owner."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems.models import ActionItem
from lifecycle.postmortems.permits import may_look_at_effect
from lifecycle.postmortems.services.actions import hold_action, note_action, reason_of, tell_about, write_columns


@transaction.atomic
def record_effect(*, actor: User, action_id: int, effect: str, note: str) -> ActionItem:
    """What became of the cause, and by what that is known. Also after the post-mortem is closed.

    Raises Refused: not_permitted, wrong_state, effect_recorded, effect_unknown, reason_missing.
    """
    action, postmortem = hold_action(action_id)
    may_look_at_effect(actor, action, postmortem).demand()
    if effect not in ActionItem.Effect.values or not effect:
        known = ", ".join(value for value in ActionItem.Effect.values if value)
        raise Refused(
            f"{effect!r} is no answer here. Use one of: {known}.", code="effect_unknown", status=400, field="effect"
        )
    said = reason_of(note, "Say by what you know it: a figure, a reading, a case that did or did not come.")
    action.effect_note, action.effect_by, action.effect_at = said, actor, timezone.now()
    action.save(update_fields=["effect_note", "effect_by", "effect_at"])
    write_columns(actor, action, {"effect": effect}, said)
    if effect == ActionItem.Effect.CAME_BACK:
        people = [person for person in (action.owner, postmortem.owner, postmortem.facilitator) if person is not None]
        tell_about(
            actor, postmortem, people, f"{postmortem.reference}: a cause came back after its action", action, said
        )
    return note_action(actor, action, postmortem, "record_effect", said)


@transaction.atomic
def plan_effect(*, actor: User, action_id: int, on: date | None, reason: str) -> ActionItem:
    """Look at the effect on another day. Raises Refused: not_permitted, wrong_state, effect_recorded, date_missing,
    reason_missing."""
    action, postmortem = hold_action(action_id)
    may_look_at_effect(actor, action, postmortem).demand()
    if on is None:
        raise Refused("Say on which day.", code="date_missing", status=400, field="due_on")
    if on == action.effect_due_on:
        return action
    why = reason_of(reason, "Moving a date needs a reason: say what changed.")
    write_columns(actor, action, {"effect_due_on": on}, why)
    return note_action(actor, action, postmortem, "plan_effect", why)
