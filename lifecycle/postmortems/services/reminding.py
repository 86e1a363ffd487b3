"""What time does to actions: their owners are reminded, more people are told of what is late, and somebody is asked
whether a verified action worked. Each word is one event with a key: however often it is looked at, it is told once."""

from __future__ import annotations

from datetime import date

from foundation.notices.models import Notice
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from lifecycle.postmortems import moves
from lifecycle.postmortems.clock import Phase, Word, effect_key, horizon, key_of, words_due
from lifecycle.postmortems.models import ActionItem, PostMortem
from lifecycle.postmortems.naming import noun_of
from lifecycle.postmortems.services.actions import hold_action, note_action
from lifecycle.projects.models import Role, people_in


def actions_to_tell(on: date) -> list[int]:
    """Accepted actions of which something is to be said now. Two queries."""
    rows = list(
        ActionItem.objects.filter(
            disposition=ActionItem.Disposition.ACCEPTED,
            status__in=moves.UNFINISHED,
            owner__isnull=False,
            due_on__lte=horizon(on),
        )
        .exclude(postmortem__state=moves.CLOSED)
        .order_by("due_on", "pk")
        .values_list("pk", "due_on")
    )
    keys = {pk: {key_of(pk, due_on, word) for word in words_due(due_on, on)} for pk, due_on in rows if due_on}
    told = _told({key for wanted in keys.values() for key in wanted})
    return [pk for pk, wanted in keys.items() if wanted - told]


def tell_action(action_id: int, on: date) -> str | None:
    """Say what is due; looked at again under the lock of the post-mortem."""
    action, postmortem = hold_action(action_id)
    is_over = action.disposition != ActionItem.Disposition.ACCEPTED or action.status not in moves.UNFINISHED
    if is_over or action.due_on is None or postmortem.state == moves.CLOSED:
        return None
    lines = [line for word in words_due(action.due_on, on) if (line := _say(action, postmortem, word))]
    return "; ".join(lines) or None


def effects_to_ask(on: date) -> list[int]:
    """Verified actions whose effect is to be looked at by now, and nobody was asked. Two queries."""
    rows = list(
        ActionItem.objects.filter(
            status=ActionItem.Status.VERIFIED, effect=ActionItem.Effect.UNKNOWN, effect_due_on__lte=on
        )
        .order_by("effect_due_on", "pk")
        .values_list("pk", "effect_due_on")
    )
    keys = {pk: effect_key(pk, due_on) for pk, due_on in rows if due_on}
    told = _told(set(keys.values()))
    return [pk for pk, key in keys.items() if key not in told]


def ask_effect(action_id: int, on: date) -> str | None:
    """Ask who verified it, and who owns the post-mortem; never the action's owner alone."""
    action, postmortem = hold_action(action_id)
    due_on = action.effect_due_on
    if action.status != ActionItem.Status.VERIFIED or action.effect or due_on is None or due_on > on:
        return None
    people = [person for person in (action.verified_by, postmortem.owner) if person and person.pk != action.owner_id]
    people = people or [person for person in people_in(postmortem.project, Role.LEAD) if person.pk != action.owner_id]
    notices = tell(
        people=_who_may_see(postmortem, people),
        kind="postmortem_effect",
        subject=f"Did it work? {action.title}",
        body=f"{postmortem.reference}: this action was verified"
        + (f" on {day_text(action.verified_at.date())}" if action.verified_at else "")
        + ". Look whether the cause is gone, and say by what you know it.",
        link=_link(action, postmortem),
        project_id=postmortem.project_id,
        event_key=effect_key(action.pk, due_on),
        why=f"You verified it, or you own the {noun_of(postmortem)}.",
    )
    if not notices:
        return None
    note_action(None, action, postmortem, "ask_for_effect")
    return f"{postmortem.reference}, action {action.pk}: asked whether it worked"


def _say(action: ActionItem, postmortem: PostMortem, word: Word) -> str:
    """One word to those whom it concerns; empty where all were told before, or where nobody is there."""
    if action.due_on is None:
        return ""
    day = day_text(action.due_on)
    subject = {
        Phase.SOON: f"Due on {day}",
        Phase.DUE: f"Due since {day}",
        Phase.OVERDUE: f"Overdue since {day}",
        Phase.ESCALATED: f"Overdue since {day}, told to the project's lead",
    }[word.phase]
    people = _above(action, postmortem) if word.phase == Phase.ESCALATED else [action.owner] if action.owner else []
    done = f" It is done when: {action.test_for_done}." if action.test_for_done else ""
    then = (
        f" {action.owner} owns it. It can be given to somebody else, moved with a reason, or cancelled."
        if word.phase == Phase.ESCALATED
        else ""
    )
    notices = tell(
        people=_who_may_see(postmortem, people),
        kind="postmortem_action_due",
        subject=f"{subject}: {action.title}",
        body=f"An action of {postmortem.reference}.{done}{then}",
        link=_link(action, postmortem),
        project_id=postmortem.project_id,
        event_key=key_of(action.pk, action.due_on, word),
        why=f"You lead the project, or you own the {noun_of(postmortem)}."
        if word.phase == Phase.ESCALATED
        else "You own it.",
    )
    if not notices:
        return ""
    note_action(None, action, postmortem, "escalate_action" if word.phase == Phase.ESCALATED else "remind_action")
    return f"{postmortem.reference}, action {action.pk}: {subject[:1].lower()}{subject[1:]}"


def _above(action: ActionItem, postmortem: PostMortem) -> list[User]:
    """The project's leads and who owns the post-mortem; its facilitator, else the sponsors, where none of these is
    somebody else than the action's owner who may read it."""
    facilitator = [postmortem.facilitator] if postmortem.facilitator else []
    for people in (
        [*people_in(postmortem.project, Role.LEAD), postmortem.owner],
        facilitator,
        people_in(postmortem.project, Role.SPONSOR),
    ):
        others = _who_may_see(postmortem, [person for person in people if person.pk != action.owner_id])
        if others:
            return others
    return []


def _who_may_see(postmortem: PostMortem, people: list[User]) -> list[User]:
    """A restricted case is not told of to those who may not read it."""
    return [person for person in people if PostMortem.objects.visible_to(person).filter(pk=postmortem.pk).exists()]


def _told(keys: set[str]) -> set[str]:
    if not keys:
        return set()
    found = Notice.objects.filter(event_key__in=keys).values_list("event_key", flat=True)
    return {key for key in found if key}


def _link(action: ActionItem, postmortem: PostMortem) -> str:
    return f"{postmortem.get_absolute_url()}#action-{action.pk}"
