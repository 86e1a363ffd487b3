"""Those who have not answered yet: who they are, and asking them again by hand, once a day at most."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import ALLOWED, Refused, Verdict, denied
from lifecycle.projects.models import Role
from lifecycle.projects.permits import roles_of
from lifecycle.signoff import moves, policy
from lifecycle.signoff.models import Round
from lifecycle.signoff.permits.rounds import people_at, table_of
from lifecycle.signoff.seats import still_needed
from lifecycle.signoff.services.submitting import lock_round

PAUSE = timedelta(days=1)
VERB = "remind_deciders"


def still_asked(review: Round) -> list[User]:
    """People whose answer is still needed: they could take a free seat in a role that is not filled yet."""
    table = table_of(review)
    given = Counter(one.seat.role for one in table.taken if one.verdict in policy.YES)
    needed = still_needed(review.policy, given)
    return people_at(seat for seat in table.free if seat.role in needed)


def may_remind(actor: User, review: Round, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may ask again: who asked for the decision, while they are in the project, or its lead."""
    held = roles_of(actor, review.project) if roles is None else roles
    if not actor.is_active or not (Role.LEAD in held or (held and review.requester_id == actor.pk)):
        return denied("Only who asked for the decision, or the project lead, asks again.")
    if review.state not in moves.DECIDABLE:
        return denied(
            f"This round is {review.get_state_display()}; nobody's answer is awaited.", code="round_state", status=409
        )
    return ALLOWED


def next_reminder_at(review: Round) -> datetime | None:
    """When the deciders may be asked again; None where that is now. One query."""
    last = (
        Entry.objects.filter(verb=VERB, thing_kind="round", thing_id=str(review.pk))
        .order_by("-seq")
        .values_list("at", flat=True)
        .first()
    )
    return last + PAUSE if last is not None and last + PAUSE > timezone.now() else None


@transaction.atomic
def remind(*, actor: User, round_id: int) -> list[User]:
    """Ask everybody again whose answer is still needed; who was asked.

    Raises Refused: not_permitted, round_state, remind_too_soon, nobody_may_decide.
    """
    review = lock_round(round_id)
    may_remind(actor, review).demand()
    possible_at = next_reminder_at(review)
    if possible_at is not None:
        raise Refused(
            f"They were asked within the last day. Ask again from {day_text(possible_at.date())}, "
            f"{possible_at:%H:%M} UTC on, or talk to them.",
            code="remind_too_soon",
        )
    people = still_asked(review)
    if not people:
        raise Refused(
            "Nobody is left who may answer. Name somebody for the missing role, or withdraw the round.",
            code="nobody_may_decide",
        )
    entry = record(
        actor=actor,
        verb=VERB,
        thing=review,
        kind="round",
        project_id=review.project_id,
        after={"asked_again": sorted(person.name for person in people)},
    )
    tell(
        people=people,
        kind="round_reminder",
        subject=f"{actor.name} asks again for your decision: {review.title}",
        body=f"{review.project.name}, {review.stage.name}."
        + (f" The answer is asked by {day_text(review.due_on)}." if review.due_on else "")
        + (f"\n\n{review.comment}" if review.comment else ""),
        link=review.get_absolute_url(),
        actor=actor,
        project_id=review.project_id,
        event_key=f"round_asked_again:{review.pk}:{entry.seq}",
    )
    return people
