"""Rules of actions: due dates, owners, who finishes and who verifies."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from foundation.people.models import User
from lifecycle.postmortems.models import ActionItem, PostMortem
from lifecycle.postmortems.services import (
    ActionValues,
    accept_action,
    add_row,
    cancel_action,
    change_action,
    decline_action,
    finish_action,
    remove_row,
    return_action,
    start_action,
    verify_action,
)
from tests.refusals import refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("severity", "days"), [("high", 15), ("medium", 30), ("low", 60)])
def test_a_due_date_follows_from_the_severity(draft: PostMortem, contributor: User, severity: str, days: int) -> None:
    PostMortem.objects.filter(pk=draft.pk).update(severity=severity)
    row = add_row(actor=contributor, postmortem=draft, values=ActionValues(title="Mend", kind="repair"))
    assert accept_action(actor=contributor, action_id=row.pk).due_on == timezone.localdate() + timedelta(days=days)


def test_moving_a_date_needs_a_reason_and_is_kept(filled: PostMortem, contributor: User) -> None:
    action = filled.actions.get()
    later = action.due_on + timedelta(days=10)
    with refused("reason_missing"):
        change_action(actor=contributor, action_id=action.pk, due_on=later)
    change_action(actor=contributor, action_id=action.pk, due_on=later, reason="The lab is closed in May.")
    event = action.events.last()
    assert (event.field, event.before, event.after) == ("due_on", str(action.due_on), str(later))
    assert event.reason == "The lab is closed in May."


def test_an_owner_who_cannot_see_it_gets_no_action(draft: PostMortem, contributor: User, outsider: User) -> None:
    with refused("owner_cannot_see"):
        add_row(actor=contributor, postmortem=draft, values=ActionValues(title="x", kind="repair", owner=outsider))


def test_the_owner_cannot_verify_and_others_cannot_finish(
    filled: PostMortem, contributor: User, lead: User, reviewer: User
) -> None:
    action = filled.actions.get()
    with refused("not_permitted"):
        finish_action(actor=lead, action_id=action.pk)
    start_action(actor=contributor, action_id=action.pk)
    finish_action(actor=contributor, action_id=action.pk)
    with refused("not_permitted"):
        verify_action(actor=contributor, action_id=action.pk)
    return_action(actor=reviewer, action_id=action.pk, reason="No alert was raised in the trial.")
    finish_action(actor=contributor, action_id=action.pk)
    done = verify_action(actor=reviewer, action_id=action.pk)
    assert (done.status, done.verified_by) == ("verified", reviewer)
    assert [event.after for event in done.events.filter(field="status")] == [
        "in_progress", "done", "open", "done", "verified",
    ]  # fmt: skip


def test_a_proposed_action_is_no_promise(draft: PostMortem, contributor: User, lead: User) -> None:
    row = add_row(
        actor=contributor, postmortem=draft, values=ActionValues(title="Maybe", kind="process", owner=contributor)
    )
    with refused("not_accepted"):
        finish_action(actor=contributor, action_id=row.pk)
    with refused("reason_missing"):
        decline_action(actor=lead, action_id=row.pk, reason=" ")
    declined = decline_action(actor=lead, action_id=row.pk, reason="Too dear.")
    assert (declined.disposition, declined.disposition_reason) == ("declined", "Too dear.")
    assert accept_action(actor=lead, action_id=row.pk).disposition == "accepted"


def test_an_accepted_action_is_cancelled_and_not_removed(filled: PostMortem, contributor: User) -> None:
    action = filled.actions.get()
    with refused("action_accepted"):
        remove_row(actor=contributor, postmortem=filled, part="actions", row_id=action.pk, lock=filled.lock)
    with refused("reason_missing"):
        cancel_action(actor=contributor, action_id=action.pk, reason="")
    assert cancel_action(actor=contributor, action_id=action.pk, reason="Replaced.").status == "cancelled"
    with refused("wrong_state"):
        change_action(actor=contributor, action_id=action.pk, due_on=date(2030, 1, 1), reason="Later.")
    assert ActionItem.objects.get(pk=action.pk).status == "cancelled"
