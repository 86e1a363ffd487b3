"""What waits for a person in this room: one query, however many kinds of things there are."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import CharField, Count, DateField, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.utils import timezone

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, AcceptanceCondition, CriterionChange, HandOff
from lifecycle.acceptance.permits import VERIFIERS
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import TEAM, Member, Role

_WORKING = (project_moves.ACTIVE, project_moves.IN_USE)


class _Row(NamedTuple):
    """A line of the one query; `criteria` and `unjudged` count for acceptances only."""

    what: str
    said: str
    project: str
    key: str
    since: datetime
    due: date | None
    criteria: int
    unjudged: int


class _Words(NamedTuple):
    title: str
    why: str
    page: str
    group: str
    word: str


def waiting_for(user: User) -> list[Waiting]:
    """Offers, preparations, changed criteria, conditions, proofs and hand-offs that wait for the person. One query."""
    if not user.is_active or user.is_auditor:
        return []
    mine = Member.objects.filter(user=user, left_at__isnull=True)

    def held(*roles: str) -> QuerySet[Member, int]:
        return mine.filter(role__in=roles).values_list("project_id", flat=True)

    offers = (
        Acceptance.objects.filter(state=moves.OFFERED, project__in=held(Role.CUSTOMER))
        .exclude(project__in=held(*TEAM))
        .exclude(offered_by=user)
    )
    preparations = Acceptance.objects.filter(state=moves.OPEN, project__in=held(Role.LEAD))
    changes = CriterionChange.objects.filter(state="waiting", project__in=held(Role.SPONSOR)).exclude(author=user)
    under = AcceptanceCondition.objects.filter(acceptance__state=moves.CONDITIONS)
    # One whose owner is nobody of the project, or left it, is the lead's to see to.
    owned = Member.objects.filter(
        project=OuterRef("acceptance__project"), user=OuterRef("owner"), left_at__isnull=True, user__is_active=True
    )
    unmet = under.filter(Q(owner=user) | (Q(acceptance__project__in=held(Role.LEAD)) & ~Exists(owned)), state="open")
    proofs = under.filter(state="closed", acceptance__project__in=held(*VERIFIERS)).exclude(closed_by=user)
    handed = (
        HandOff.objects.filter(state="handed", project__in=held(Role.CUSTOMER))
        .exclude(project__in=held(*TEAM))
        .exclude(author_signature__signer=user)
    )
    returned = HandOff.objects.filter(state="sent_back", project__state__in=_WORKING, project__in=held(Role.LEAD))
    rows = _facts(offers, "offer", "project__name", "project", "offered_at", counts=True).union(
        _facts(preparations, "prepare", "project__name", "project", "created_at", counts=True),
        _facts(changes, "change", "measure", "project", "created_at"),
        _facts(unmet, "condition", "text", *_OF_CONDITION, due="due_on"),
        _facts(
            proofs.filter(Q(owner__isnull=True) | ~Q(owner=user)),
            "proof",
            "text",
            "acceptance__project",
            "closed_at",
            due="due_on",
        ),
        _facts(handed, "handoff", "receiving_party", "project", "created_at"),
        _facts(returned, "returned", "sent_back", "project", "created_at"),
        all=True,
    )
    today = timezone.localdate()
    return [_line(_Row(*row), today) for row in rows]


_OF_CONDITION = ("acceptance__project", "acceptance__decided_at")


def _facts(
    rows: QuerySet[Any], what: str, text: str, project: str, since: str, *, due: str = "", counts: bool = False
) -> Any:
    """The columns of `_Row` from rows of one kind."""
    none = Value(0, output_field=IntegerField())
    return (
        rows.order_by()
        .annotate(
            what=Value(what, output_field=CharField()),
            said=Cast(text, CharField()),
            project_name=F(f"{project}__name"),
            project_key=F(f"{project}__key"),
            since=F(since),
            due=F(due) if due else Cast(Value(None), DateField()),  # typed: PostgreSQL joins no NULL of no type
            criteria=Count("results") if counts else none,
            unjudged=Count("results", filter=Q(results__verdict="")) if counts else none,
        )
        .values_list("what", "said", "project_name", "project_key", "since", "due", "criteria", "unjudged")
    )


def _line(row: _Row, today: date) -> Waiting:
    words = _words(row)
    late = row.due is not None and row.due < today
    return Waiting(
        title=words.title,
        why=words.why,
        link=f"/projects/{row.key}/acceptance/{words.page}",
        group=words.group,
        state="no" if late else "wait",
        word="overdue" if late else words.word,
        since=row.since,
        due_on=row.due,
        project=row.project,
    )


def _words(row: _Row) -> _Words:
    name = row.project
    match row.what:
        case "offer":
            why = f"{row.criteria} criteria are judged; you decide for the customer."
            return _Words(f"Accept {name}?", why, "", "decisions", Acceptance.State.OFFERED.label)
        case "prepare":
            why = (
                f"{row.unjudged} of {row.criteria} criteria are not judged yet."
                if row.unjudged
                else "All criteria are judged; offer it to the customer."
            )
            return _Words(f"Prepare the acceptance of {name}", why, "", "tasks", Acceptance.State.OPEN.label)
        case "change":
            title = f"Consent to a changed criterion of {name}?"
            return _Words(title, row.said, "criteria/#changes", "decisions", "waits for consent")
        case "condition":
            return _Words(f"Meet a condition of {name}", row.said, "#conditions", "tasks", "open")
        case "proof":
            return _Words(f"Verify a proof of {name}", row.said, "#conditions", "decisions", "proof given")
        case "returned":
            return _Words(f"Hand {name} over again", row.said[:300], "hand-off/", "tasks", "sent back")
    title = f"Receive the hand-off of {name}?"
    return _Words(title, f"For {row.said}.", "hand-off/", "decisions", "waits for the receiver")
