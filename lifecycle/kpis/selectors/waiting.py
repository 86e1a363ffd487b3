"""What waits for a person in this room."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import CharField, DateField, F, QuerySet, Value
from django.db.models.functions import Cast

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.kpis.claims.waiting import unanswered, waiting_claims
from lifecycle.kpis.models import Baseline, Kpi
from lifecycle.kpis.permits import APPROVERS
from lifecycle.projects.models import Member, Project

_BASELINE, _CLAIM = "baseline", "claim"


class _Row(NamedTuple):
    """A line of the one query. Of a claim only its kind is looked at: its words need more than a baseline has."""

    what: str
    kpi: str
    kpi_key: str
    project: str
    project_key: str
    by: str
    since: datetime
    starts_on: date | None
    ends_on: date | None


def waiting_for(user: User) -> list[Waiting]:
    """Baselines and claims that wait for this person's word; one query, and one more where a claim waits."""
    if not user.is_active or user.is_auditor:
        return []
    none = Cast(Value(None), DateField())  # typed: PostgreSQL joins no NULL of no type
    rows = [
        _Row(*row)
        for row in _facts(_proposals(user), _BASELINE, starts=F("starts_on"), ends=F("ends_on")).union(
            _facts(unanswered(user), _CLAIM, starts=none, ends=none), all=True
        )
    ]
    baselines = [_line(row) for row in sorted(rows, key=lambda row: row.since) if row.what == _BASELINE]
    return baselines + (waiting_claims(user) if len(rows) > len(baselines) else [])


def _proposals(user: User) -> QuerySet[Baseline]:
    approves = Member.objects.filter(user=user, role__in=APPROVERS, left_at__isnull=True)
    return Baseline.objects.filter(
        state=Baseline.State.PROPOSED,
        kpi_version=F("kpi__version"),
        kpi__project__state__in=[Project.State.ACTIVE, Project.State.IN_USE],
        kpi__project__in=approves.values("project"),
    ).exclude(proposed_by=user)


def _facts(rows: QuerySet[Any], what: str, *, starts: Any, ends: Any) -> Any:
    """The columns of `_Row` from rows of one kind."""
    return (
        rows.order_by()
        .annotate(what=Value(what, output_field=CharField()), first_day=starts, last_day=ends)
        .values_list(
            "what",
            "kpi__name",
            "kpi__key",
            "kpi__project__name",
            "kpi__project__key",
            "proposed_by__name",
            "proposed_at",
            "first_day",
            "last_day",
        )
    )


def _line(row: _Row) -> Waiting:
    page = Kpi(key=row.kpi_key, project=Project(key=row.project_key)).get_absolute_url()
    return Waiting(
        title=f"Approve the baseline of {row.kpi}",
        why=f"{row.by} proposes {row.starts_on:%d.%m.%Y} to {row.ends_on:%d.%m.%Y}; effects are measured against it.",
        link=f"{page}#baseline",
        group="decisions",
        state="wait",
        word="baseline",
        since=row.since,
        project=row.project,
    )
