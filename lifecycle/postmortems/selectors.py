"""Reads of post-mortems, always of what the person may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import (
    Case,
    F,
    FilteredRelation,
    Prefetch,
    Q,
    QuerySet,
    Value,
    When,
    prefetch_related_objects,
)

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.postmortems import moves
from lifecycle.postmortems import taxonomy as causes
from lifecycle.postmortems.models import ActionItem, ContributingFactor, PostMortem, TimelineEvent
from lifecycle.postmortems.permits import REVIEWING
from lifecycle.postmortems.words import Remark, remarks_on
from lifecycle.projects.models import Member, Project

RUN = 3  # decisions from the trail in a row that stand together


def find(user: User, reference: str) -> PostMortem | None:
    """One visible post-mortem with what its page names; None when there is nothing to see."""
    found: PostMortem | None = (
        PostMortem.objects.visible_to(user)
        .select_related("project", "stage", "taxonomy", "owner", "facilitator", "published_by")
        .filter(reference=reference)
        .first()
    )
    return found


def with_parts(postmortem: PostMortem) -> PostMortem:
    """The same row with timeline, impacts, factors, lessons, actions and revisions read; nine queries, however many."""
    prefetch_related_objects(
        [postmortem],
        "timeline",
        "impacts",
        "factors",
        "lessons",
        Prefetch(
            "actions",
            ActionItem.objects.select_related("owner", "factor", "verified_by").prefetch_related("events__by"),
        ),
        "revisions__author",
    )
    return postmortem


def my_actions(user: User) -> QuerySet[ActionItem]:
    """Accepted actions of this person that are not done, those due first; only where they may read."""
    return (
        ActionItem.objects.filter(
            owner=user,
            disposition=ActionItem.Disposition.ACCEPTED,
            status__in=moves.UNFINISHED,
            postmortem__in=PostMortem.objects.visible_to(user).exclude(state=moves.CLOSED).values("pk"),
        )
        .select_related("postmortem__project")
        .order_by("due_on", "pk")
    )


def waiting_for(user: User) -> list[Waiting]:
    """Own open actions, done ones to verify, and reviews. One query: a row for each action, one for each review."""
    if not user.is_active or user.is_auditor:
        return []
    reviewed = Member.objects.filter(user=user, left_at__isnull=True, role__in=REVIEWING).values("project_id")
    review = Q(state=moves.IN_REVIEW) & (Q(project__in=reviewed) | Q(facilitator=user)) & ~Q(owner=user)
    own = Q(actions__owner=user, actions__status__in=moves.UNFINISHED)
    to_verify = Q(actions__status=moves.DONE) & ~Q(actions__owner=user)
    rows: Iterable[Any] = (
        PostMortem.objects.visible_to(user)
        .exclude(state=moves.CLOSED)
        .annotate(
            action=FilteredRelation(
                "actions", condition=Q(actions__disposition=ActionItem.Disposition.ACCEPTED) & (own | to_verify)
            ),
            is_review=Case(When(review, then=Value(True)), default=Value(False)),
        )
        .annotate(**{f"action_{name}": F(f"action__{name}") for name in _ACTION_SHOWN})
        .filter(Q(is_review=True) | Q(action__owner=user) | Q(action__status=moves.DONE, owner=user))
        .select_related("project")
        .order_by("action__due_on", "action__pk", "pk")
    )
    actions: dict[int, Waiting] = {}
    reviews: dict[int, Waiting] = {}
    for row in rows:
        if row.action_id is not None and (row.action_owner_id == user.pk or row.owner_id == user.pk):
            actions.setdefault(row.action_id, _action_line(row))
        if row.is_review:
            reviews.setdefault(row.pk, _review_line(row))
    return [*actions.values(), *reviews.values()]


_ACTION_SHOWN = ("id", "owner_id", "title", "test_for_done", "status", "done_at", "due_on")


def _action_line(row: Any) -> Waiting:
    is_done = row.action_status == moves.DONE
    return Waiting(
        title=f"{'Verify' if is_done else 'Do'}: {row.action_title}",
        why=f"An action of {row.reference}"
        + (f"; done when {row.action_test_for_done}" if row.action_test_for_done else ""),
        link=f"{row.get_absolute_url()}#action-{row.action_id}",
        group="tasks",
        state="cond" if is_done else "wait",
        word=str(ActionItem.Status(row.action_status).label),
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


def people_of(project: Project) -> QuerySet[User]:
    """Active people with a role in the project."""
    return User.objects.filter(
        memberships__project=project, memberships__left_at__isnull=True, is_active=True
    ).distinct()


def remarks_for(postmortem: PostMortem) -> list[Remark]:
    """What the word check finds in all texts; one query for names, and the rows."""
    names = list(people_of(postmortem.project).values_list("name", flat=True))
    texts: list[tuple[str, str]] = [
        ("title", postmortem.title),
        ("summary", postmortem.summary),
        ("background", postmortem.background),
        ("summary for readers outside", postmortem.outward_summary),
        *(("timeline", f"{event.text} {event.role}") for event in postmortem.timeline.all()),
        *(("impact", impact.text) for impact in postmortem.impacts.all()),
        *(("factors", f"{factor.text} {factor.why_unnoticed}") for factor in postmortem.factors.all()),
        *(("lessons", lesson.text) for lesson in postmortem.lessons.all()),
        *(("actions", action.title) for action in postmortem.actions.all()),
    ]
    found: dict[tuple[str, str], Remark] = {}
    for where, text in texts:
        for remark in remarks_on(text, names, where):
            found.setdefault((where, remark.word), remark)
    return list(found.values())


@dataclass(frozen=True)
class Stretch:
    """One moment of the timeline, or a run of decisions of the portal that followed each other."""

    events: list[TimelineEvent]

    @property
    def is_run(self) -> bool:
        return len(self.events) > 1

    @property
    def is_own(self) -> bool:
        """Whether the team wrote it; the others were taken from the trail."""
        return self.events[0].audit_seq is None

    @property
    def first(self) -> TimelineEvent:
        return self.events[0]

    @property
    def last(self) -> TimelineEvent:
        return self.events[-1]


def timeline(postmortem: PostMortem) -> list[Stretch]:
    """The timeline in order; runs of routine decisions from the trail stand together, so that own moments are seen."""
    runs = groupby(
        enumerate(postmortem.timeline.all()),
        key=lambda pair: -1 if pair[1].audit_seq and pair[1].marker == TimelineEvent.Marker.DECISION else pair[0],
    )
    stretches: list[Stretch] = []
    for _, pairs in runs:
        events = [event for _, event in pairs]
        stretches += [Stretch(events)] if len(events) >= RUN else [Stretch([event]) for event in events]
    return stretches


@dataclass(frozen=True)
class FactorGroup:
    """Factors of one group, with the labels of their causes."""

    name: str
    factors: list[tuple[ContributingFactor, str, str]]


def factor_groups(postmortem: PostMortem) -> list[FactorGroup]:
    """Factors by group, in the order of the taxonomy; main ones first."""
    nodes = causes.nodes(postmortem.taxonomy.content)
    order = {key: number for number, key in enumerate(nodes)}
    strengths = {"main": 0, "contributing": 1, "possible": 2}
    rows = sorted(postmortem.factors.all(), key=lambda row: (strengths.get(row.strength, 3), order.get(row.node, 999)))
    groups: dict[str, list[tuple[ContributingFactor, str, str]]] = {}
    for factor in rows:
        node = nodes.get(factor.node)
        groups.setdefault(factor.group, []).append((factor, causes.title(factor.node), node.label if node else ""))
    return [FactorGroup(causes.title(group), factors) for group, factors in groups.items()]
