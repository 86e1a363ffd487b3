"""What waits for a person: own actions, those to verify, effects to look at, and reviews."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Case, F, FilteredRelation, Q, Value, When
from django.utils import timezone

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.postmortems import moves
from lifecycle.postmortems.models import ActionItem, PostMortem
from lifecycle.postmortems.permits import REVIEWING
from lifecycle.projects.models import Member


def waiting_for(user: User) -> list[Waiting]:
    """Own open actions, done ones to verify, effects to look at, and reviews. One query: a row for each action, one for
    each review."""
    if not user.is_active or user.is_auditor:
        return []
    reviewed = Member.objects.filter(user=user, left_at__isnull=True, role__in=REVIEWING).values("project_id")
    review = Q(state=moves.IN_REVIEW) & (Q(project__in=reviewed) | Q(facilitator=user)) & ~Q(owner=user)
    own = Q(actions__owner=user, actions__status__in=moves.UNFINISHED)
    to_verify = Q(actions__status=moves.DONE) & ~Q(actions__owner=user)
    to_look_at = Q(
        actions__status=moves.VERIFIED, actions__effect="", actions__effect_due_on__lte=timezone.localdate()
    ) & ~Q(actions__owner=user)
    # Whether an action worked is asked when its post-mortem has long been closed.
    wanted = ~Q(state=moves.CLOSED) & (Q(action__owner=user) | Q(action__status=moves.DONE, owner=user))
    looked = Q(action__status=moves.VERIFIED) & (Q(action__verified_by=user) | Q(owner=user))
    rows: Iterable[Any] = (
        PostMortem.objects.visible_to(user)
        .annotate(
            action=FilteredRelation(
                "actions",
                condition=Q(actions__disposition=ActionItem.Disposition.ACCEPTED) & (own | to_verify | to_look_at),
            ),
            is_review=Case(When(review, then=Value(True)), default=Value(False)),
        )
        .annotate(**{f"action_{name}": F(f"action__{name}") for name in _ACTION_SHOWN})
        .filter(Q(is_review=True) | wanted | looked)
        .select_related("project")
        .order_by("action__due_on", "action__pk", "pk")
    )
    actions: dict[int, Waiting] = {}
    reviews: dict[int, Waiting] = {}
    for row in rows:
        if row.action_id is not None:
            if row.action_status == moves.VERIFIED:
                if user.pk in (row.action_verified_by_id, row.owner_id):
                    actions.setdefault(row.action_id, _effect_line(row))
            elif user.pk in (row.action_owner_id, row.owner_id):
                actions.setdefault(row.action_id, _action_line(row))
        if row.is_review:
            reviews.setdefault(row.pk, _review_line(row))
    return [*actions.values(), *reviews.values()]


_ACTION_SHOWN = (
    "id", "owner_id", "title", "test_for_done", "status", "done_at", "due_on", "verified_by_id", "verified_at",
    "effect_due_on",
)  # fmt: skip


def _effect_line(row: Any) -> Waiting:
    return Waiting(
        title=f"Did it work? {row.action_title}",
        why=f"An action of {row.reference} was verified some time ago. Look whether the cause is gone.",
        link=f"{row.get_absolute_url()}#action-{row.action_id}",
        group="tasks",
        state="cond",
        word="effect to be looked at",
        since=row.action_verified_at or row.created_at,
        due_on=row.action_effect_due_on,
        project=row.project.name,
    )


def _action_line(row: Any) -> Waiting:
    is_done = row.action_status == moves.DONE
    is_late = not is_done and row.action_due_on is not None and row.action_due_on < timezone.localdate()
    return Waiting(
        title=f"{'Verify' if is_done else 'Do'}: {row.action_title}",
        why=f"An action of {row.reference}"
        + (f"; done when {row.action_test_for_done}" if row.action_test_for_done else ""),
        link=f"{row.get_absolute_url()}#action-{row.action_id}",
        group="tasks",
        state="cond" if is_done else "no" if is_late else "wait",
        word="overdue" if is_late else str(ActionItem.Status(row.action_status).label),
        since=row.action_done_at or row.created_at,
        due_on=row.action_due_on,
        project=row.project.name,
    )


def _review_line(row: PostMortem) -> Waiting:
    return Waiting(
        title=f"Review {row.reference}: {row.title}",
        why="Publish it, or return it with what is missing.",
        link=row.get_absolute_url(),
        group="decisions",
        state="wait",
        word=row.get_state_display(),
        since=row.created_at,
        project=row.project.name,
    )
