"""Reads of standing in: who answers for whom, in words, and what would keep them from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from foundation.people.models import User
from foundation.web.formats import day_text
from lifecycle.projects.models import Delegation, DeliverableVersion, ExitAnswer, Member, Project, Stage

_PEOPLE = ("from_person", "to_person", "made_by", "ended_by", "project")


@dataclass(frozen=True)
class Covers:
    """What the page on standing in lists. `around`: of other people, for administrators."""

    given: list[Delegation]
    received: list[Delegation]
    around: list[Delegation]


def delegations_in_force(project: Project, on: date) -> list[Delegation]:
    """Who stands in for whom in a project on a day, the oldest first. One query, with people."""
    return list(
        Delegation.objects.in_force(on).for_project(project).select_related("from_person", "to_person").order_by("pk")
    )


def standing_in_of(project: Project, on: date) -> list[Delegation]:
    """Those of `delegations_in_force` that bear on the project now: who is away is a member of it. One query."""
    members = Member.objects.filter(project=project, left_at__isnull=True).values("user_id")
    found: QuerySet[Delegation] = Delegation.objects.in_force(on).for_project(project).filter(from_person__in=members)
    return list(found.select_related("from_person", "to_person").order_by("pk"))


def delegations_for(user: User) -> QuerySet[Delegation]:
    """Delegations that a person may read: their own, or all for managers, auditors and administrators."""
    found: QuerySet[Delegation] = Delegation.objects.select_related(*_PEOPLE)
    return found if user.sees_all else found.filter(Q(from_person=user) | Q(to_person=user) | Q(made_by=user))


def covers_of(user: User) -> Covers:
    """What the page of a person shows: two queries at most."""
    own = list(
        Delegation.objects.filter(Q(from_person=user) | Q(to_person=user))
        .select_related(*_PEOPLE)
        .order_by("-pk")[:200]
    )
    around: list[Delegation] = []
    if user.is_administrator:
        present = Delegation.objects.filter(ended_at__isnull=True, ends_on__gte=timezone.localdate())
        present = present.exclude(from_person=user).exclude(to_person=user)
        around = list(present.select_related(*_PEOPLE).order_by("starts_on", "pk")[:200])
    return Covers(
        given=[row for row in own if row.from_person_id == user.pk],
        received=[row for row in own if row.to_person_id == user.pk],
        around=around,
    )


def standing_in_words(delegation: Delegation) -> str:
    """`B for A until 3 March`, with the year where it is another than the present one."""
    last = delegation.ends_on
    until = f"{last.day} {last:%B}" if last.year == timezone.localdate().year else day_text(last)
    return f"{delegation.to_person.name} for {delegation.from_person.name} until {until}"


def state_words(delegation: Delegation) -> tuple[str, str]:
    """Mark and word of a delegation today: in force, to come, over, ended."""
    today = timezone.localdate()
    if delegation.ended_at is not None:
        return "idle", "ended"
    if delegation.ends_on < today:
        return "idle", "over"
    return ("wait", "to come") if delegation.starts_on > today else ("yes", "in force")


def hindrances(*, from_person: User, to_person: User, project: Project | None, role: str = "") -> list[str]:
    """Where the stand-in could not answer, one sentence for each project: they asked, or wrote part of the evidence.

    Looks at the present iteration of stages in the projects that the cover speaks of. Five queries at most.
    """
    covered = Member.objects.filter(user=from_person, left_at__isnull=True)
    covered = covered.filter(project=project) if project is not None else covered
    covered = covered.filter(role=role) if role else covered
    names = dict(Project.objects.filter(pk__in=covered.values("project_id")).values_list("pk", "name"))
    current = Stage.objects.filter(project__in=names, is_current=True)
    asked = set(
        current.filter(rounds__closed_at__isnull=True, rounds__requester=to_person).values_list("project_id", flat=True)
    )
    wrote = set(
        DeliverableVersion.objects.filter(author=to_person, deliverable__stage__in=current).values_list(
            "deliverable__stage__project_id", flat=True
        )
    ) | set(
        ExitAnswer.objects.filter(author=to_person, question__stage__in=current).values_list(
            "question__stage__project_id", flat=True
        )
    )
    lines = []
    for pk, name in sorted(names.items(), key=lambda pair: pair[1]):
        if pk in asked:
            lines.append(f"In {name} {to_person.name} asked for the decision that is open, and so cannot take it.")
        elif pk in wrote:
            lines.append(f"In {name} {to_person.name} wrote part of the evidence, and so cannot decide on it.")
    return lines
