"""Actions: proposed is no promise; accepted ones have an owner, a date, and somebody else who verifies them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.postmortems import moves
from lifecycle.postmortems.models import ActionEvent, ActionItem, PostMortem
from lifecycle.postmortems.permits import may_act, may_steer
from lifecycle.postmortems.services.rows import owner_must_see
from lifecycle.postmortems.services.writing import hold


@transaction.atomic
def accept_action(*, actor: User, action_id: int, owner: User | None = None, due_on: date | None = None) -> ActionItem:
    """Promise the work. Without a date it is due in 15, 30 or 60 days, by severity (high, medium, low)."""
    action, postmortem = hold_action(action_id)
    may_steer(actor, postmortem).demand()
    if action.disposition == ActionItem.Disposition.ACCEPTED:
        raise Refused("This action is accepted already.", code="already_accepted")
    new_owner = owner or action.owner
    owner_must_see(postmortem, new_owner)
    new_due = due_on or action.due_on or timezone.localdate() + timedelta(days=moves.DUE_DAYS[postmortem.severity])
    if action.status == ActionItem.Status.CANCELLED:
        raise Refused("This action was cancelled. Propose a new one.", code="wrong_state")
    write_columns(
        actor,
        action,
        {"disposition": ActionItem.Disposition.ACCEPTED, "owner": new_owner, "due_on": new_due},
    )
    if new_owner is not None:
        _tell_owner(actor, action, postmortem, "An action is yours")
    return note_action(actor, action, postmortem, "accept_action")


@transaction.atomic
def decline_action(*, actor: User, action_id: int, reason: str) -> ActionItem:
    """Decide against a proposed action, and say why."""
    action, postmortem = hold_action(action_id)
    may_steer(actor, postmortem).demand()
    if action.disposition != ActionItem.Disposition.PROPOSED:
        raise Refused(
            f"The action is {action.get_disposition_display()}; only a proposed one is declined. "
            "An accepted one can be cancelled.",
            code="not_proposed",
        )
    why = reason_of(reason, "Say why it is declined.")
    action.disposition_reason = why
    action.save(update_fields=["disposition_reason"])
    write_columns(actor, action, {"disposition": ActionItem.Disposition.DECLINED}, why)
    return note_action(actor, action, postmortem, "decline_action", why)


@transaction.atomic
def change_action(
    *, actor: User, action_id: int, owner: User | None = None, due_on: date | None = None, reason: str = ""
) -> ActionItem:
    """Give the action to somebody else or move its date; what is None stays. Moving a date needs a reason."""
    action, postmortem = hold_action(action_id)
    may_steer(actor, postmortem).demand()
    if action.status not in moves.UNFINISHED or action.disposition == ActionItem.Disposition.DECLINED:
        raise Refused(
            f"The action is {action.get_status_display()} and no longer changes owner or date.", code="wrong_state"
        )
    wanted: dict[str, Any] = {}
    if owner is not None and owner.pk != action.owner_id:
        owner_must_see(postmortem, owner)
        wanted["owner"] = owner
    if due_on is not None and due_on != action.due_on:
        if action.due_on is not None:
            reason_of(reason, "Moving a due date needs a reason: say what changed.")
        wanted["due_on"] = due_on
    if not wanted:
        return action
    write_columns(actor, action, wanted, reason.strip())
    if "owner" in wanted and action.disposition == ActionItem.Disposition.ACCEPTED:
        _tell_owner(actor, action, postmortem, "An action is yours")
    return note_action(actor, action, postmortem, "change_action", reason.strip())


@transaction.atomic
def start_action(*, actor: User, action_id: int) -> ActionItem:
    """Its owner has begun."""
    return _move(actor, action_id, "start")


@transaction.atomic
def finish_action(*, actor: User, action_id: int, comment: str = "") -> ActionItem:
    """Its owner says that it is done; somebody else verifies it."""
    return _move(actor, action_id, "finish", comment)


@transaction.atomic
def verify_action(*, actor: User, action_id: int, comment: str = "") -> ActionItem:
    """Somebody other than its owner has seen that it is done."""
    return _move(actor, action_id, "verify", comment)


@transaction.atomic
def return_action(*, actor: User, action_id: int, reason: str) -> ActionItem:
    """It is not done yet; it goes back to its owner with the reason."""
    return _move(actor, action_id, "return", reason_of(reason, "Say what is still missing."))


@transaction.atomic
def cancel_action(*, actor: User, action_id: int, reason: str) -> ActionItem:
    """The promise is taken back, with a reason."""
    return _move(actor, action_id, "cancel", reason_of(reason, "Say why it is cancelled."))


def _move(actor: User, action_id: int, move: str, why: str = "") -> ActionItem:
    action, postmortem = hold_action(action_id)
    may_act(actor, move, action, postmortem).demand()
    now = timezone.now()
    if move == "finish":
        action.done_at = now
    elif move == "verify":
        action.verified_by, action.verified_at = actor, now
        action.effect_due_on = timezone.localdate() + timedelta(days=moves.EFFECT_DAYS)
    elif move == "return":
        action.done_at = None
    action.save(update_fields=["done_at", "verified_by", "verified_at", "effect_due_on"])
    write_columns(actor, action, {"status": moves.ACTION_MOVES[move].target}, why.strip())
    if move == "finish":
        tell_about(
            actor, postmortem, [postmortem.owner], f"{postmortem.reference}: an action waits to be verified", action
        )
    elif move in ("return", "cancel"):
        words = "is not done yet" if move == "return" else "was cancelled"
        _tell_owner(actor, action, postmortem, f"Your action {words}", why)
    return note_action(actor, action, postmortem, f"{move}_action", why.strip())


def hold_action(action_id: int) -> tuple[ActionItem, PostMortem]:
    """Action and post-mortem under their locks, always in the order of writing: the post-mortem first."""
    parent = ActionItem.objects.filter(pk=action_id).values_list("postmortem", flat=True).first()
    if parent is None:
        raise Refused("There is no such action. Load the page again.", code="row_gone")
    postmortem = hold(parent)
    return ActionItem.objects.select_for_update(of=("self",)).select_related("owner").get(pk=action_id), postmortem


def write_columns(actor: User, action: ActionItem, wanted: dict[str, Any], reason: str = "") -> None:
    """Set the columns and keep one event for each that changed."""
    changed = [(name, getattr(action, name), value) for name, value in wanted.items() if getattr(action, name) != value]
    for name, _, value in changed:
        setattr(action, name, value)
    action.save(update_fields=[name for name, _, _ in changed])
    ActionEvent.objects.bulk_create(
        ActionEvent(action=action, field=name, before=_plain(before), after=_plain(value), reason=reason, by=actor)
        for name, before, value in changed
    )


def _plain(value: Any) -> str:
    return "" if value is None else str(value)[:200]


def reason_of(text: str, ask: str) -> str:
    if not text.strip():
        raise Refused(ask, code="reason_missing", status=400, field="reason")
    return text.strip()


def _tell_owner(actor: User, action: ActionItem, postmortem: PostMortem, subject: str, why: str = "") -> None:
    if action.owner is not None:
        tell_about(actor, postmortem, [action.owner], subject, action, why)


def tell_about(
    actor: User, postmortem: PostMortem, people: list[User], subject: str, action: ActionItem, why: str = ""
) -> None:
    due = f" It is due on {day_text(action.due_on)}." if action.due_on else ""
    tell(
        people=people,
        kind="postmortem_action",
        subject=subject,
        body=" ".join(part for part in (f"{postmortem.reference}: {action.title}.{due}", why) if part),
        link=f"{postmortem.get_absolute_url()}#action-{action.pk}",
        actor=actor,
        project_id=postmortem.project_id,
    )


def note_action(
    actor: User | None, action: ActionItem, postmortem: PostMortem, verb: str, reason: str = ""
) -> ActionItem:
    """The trail gets state, owner and date; of a restricted post-mortem it gets neither title nor reason."""
    is_open = postmortem.visibility != PostMortem.Visibility.RESTRICTED
    record(
        actor=actor,
        verb=verb,
        thing=action,
        kind="action",
        name=f"{postmortem.name_in_trail}, action {action.pk}",
        project_id=postmortem.project_id,
        after={
            "postmortem": postmortem.name_in_trail,
            "disposition": action.disposition,
            "status": action.status,
            "owner": action.owner_id,
            "due_on": str(action.due_on or ""),
            "effect": action.effect,
        },
        reason=reason if is_open else "",
    )
    return action
