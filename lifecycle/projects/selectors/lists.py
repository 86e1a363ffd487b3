"""Lists of projects, and who is in one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from foundation.people.models import User
from lifecycle.projects.models import Member, Project, Role, Stage


@dataclass(frozen=True)
class Filters:
    """What the list of projects is narrowed to; empty texts mean all."""

    text: str = ""
    state: str = ""
    methodology: str = ""
    mine: bool = False


def projects_for(user: User, filters: Filters) -> QuerySet[Project]:
    """Projects that the person may read, narrowed and in order; one query."""
    projects: QuerySet[Project] = Project.objects.visible_to(user).with_methodology()
    if filters.text:
        projects = projects.filter(
            Q(name__icontains=filters.text)
            | Q(key__icontains=filters.text)
            | Q(question__icontains=filters.text)
            | Q(unit__icontains=filters.text)
        )
    if filters.state:
        projects = projects.filter(state=filters.state)
    if filters.methodology:
        projects = projects.filter(methodology__key=filters.methodology)
    if filters.mine:
        projects = projects.filter(
            Exists(Member.objects.filter(project=OuterRef("pk"), user=user, left_at__isnull=True))
        )
    return projects.order_by("name", "pk")


def board(user: User, filters: Filters) -> QuerySet[Project]:
    """Projects of the list with their present stages (`.steps`) and leads (`.leads`); three queries for any number."""
    stages = Stage.objects.filter(is_current=True).with_approval().defer("purpose", "gate").order_by("order")
    return projects_for(user, filters).prefetch_related(
        Prefetch("stages", stages, to_attr="steps"),
        Prefetch(
            "members",
            Member.objects.filter(role=Role.LEAD, left_at__isnull=True).select_related("user"),
            to_attr="leads",
        ),
    )


def members_of(project: Project) -> list[Member]:
    """Everybody who is in the project now, leads and contributors beside the deciders; one query."""
    order = list(Role.values)
    members = Member.objects.filter(project=project, left_at__isnull=True).select_related("user")
    return sorted(members, key=lambda member: (order.index(member.role), member.user.name, member.pk))
