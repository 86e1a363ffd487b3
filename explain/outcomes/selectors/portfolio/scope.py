"""Which projects count, and the narrow rows that are read of them."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from explain.outcomes.models import PortfolioHead
from explain.outcomes.selectors.portfolio.filters import IN_WORK, Filters
from foundation.people.models import User
from lifecycle.projects.models import Member, Project, Role, Stage


class Light(NamedTuple):
    """What is read of each project of one currency: amounts in minor units, None is unknown."""

    project: int
    unit: str
    grade: str
    currency: str
    as_of: str  # ISO text: parsing ten thousand days takes longer than all sums
    costs: int | None
    benefits: int | None
    net: int | None
    planned_net: int | None
    planned_benefits: int | None
    shortfall: int | None
    npv: int | None
    below: float
    above: float
    chance: float | None
    first_month: int | None  # year x 12 + month - 1
    months: int
    to_date: int
    series: bytes


_COLUMNS = (
    "project_id", "project__unit", "grade", "currency", "day", "costs_minor", "benefits_minor", "net_minor",
    "planned_net_minor", "planned_benefits_minor", "shortfall_minor", "npv_minor", "below", "above",
    "chance_positive", "first_month", "months", "months_to_date", "series",
)  # fmt: skip


def projects_in(user: User, filters: Filters) -> QuerySet[Project]:
    """Projects that the person may see and the filters leave; period, currency and grade narrow figures, not projects."""
    projects: QuerySet[Project] = Project.objects.visible_to(user)
    exact = {
        "unit": filters.unit,
        "methodology__key": filters.methodology,
        "state": filters.state,
        "risk": filters.risk,
    }
    projects = projects.filter(**{name: value for name, value in exact.items() if value})
    if filters.stage:
        there = Stage.objects.filter(key=filters.stage, is_current=True, state__in=IN_WORK)
        projects = projects.filter(pk__in=there.values("project_id"))
    for role, person in ((Role.SPONSOR, filters.sponsor), (Role.CUSTOMER, filters.customer)):
        if person:
            held = Member.objects.filter(role=role, user_id=int(person), left_at__isnull=True)
            projects = projects.filter(pk__in=held.values("project_id"))
    return projects


def lights(user: User, filters: Filters) -> list[Light]:
    """The rows of all currencies. One query, however many projects there are."""
    heads = PortfolioHead.objects.order_by().annotate(day=Cast("as_of", TextField()))
    if not (user.sees_all and user.is_active and not filters.narrows):
        heads = heads.filter(project__in=projects_in(user, filters))
    return [Light._make(row) for row in heads.values_list(*_COLUMNS).iterator(chunk_size=4000)]
