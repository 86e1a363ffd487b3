"""Looks at the KPIs of projects whose approvals end by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from foundation.web.formats import day_text, number_text
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import period_text
from lifecycle.kpis.selectors import current_target, go_live_of, series_by_kpi
from lifecycle.kpis.selectors.series import Point
from lifecycle.projects.models import Project
from lifecycle.signoff import kpi_watch, moves
from lifecycle.signoff.manifest import Line
from lifecycle.signoff.models import Round
from lifecycle.signoff.services.expiry import expire_where, trigger_line
from lifecycle.signoff.triggers import KPI_BELOW, LATE, ends_on


@dataclass(frozen=True)
class _Watched:
    """A KPI with what was promised and what was read."""

    kpi: Kpi
    target: float
    due_on: date
    readings: list[Point]


def watched_projects(projects: Iterable[int] | None = None) -> list[int]:
    """Projects with an approval in force that a KPI can end. One query."""
    rounds = Round.objects.filter(state__in=moves.APPROVALS, stage__is_current=True).order_by("project")
    if projects is not None:
        rounds = rounds.filter(project__in=projects)
    found: dict[int, None] = {}
    for project_id, rules in rounds.values_list("project_id", "policy"):
        if ends_on(rules, KPI_BELOW) or ends_on(rules, LATE):
            found[project_id] = None
    return list(found)


def look_at_kpis(project: Project, on: date) -> list[Round]:
    """End the approvals whose KPIs missed their target or are no longer measured. Within a transaction."""
    watched = _watched(project)
    if not watched:
        return []
    go_live = go_live_of(project)
    live_on = go_live.on if go_live and go_live.on <= on else None

    def below(review: Round) -> list[Line]:
        periods = int(review.policy.get("kpi_periods", kpi_watch.PERIODS))
        return [line for each in watched if (line := _below(each, review, periods, on)) is not None]

    def late(review: Round) -> list[Line]:
        if live_on is None:
            return []
        since = max(live_on, _approved_on(review))
        return [line for each in watched if (line := _late(each, since, on)) is not None]

    ended = expire_where(trigger=KPI_BELOW, project=project, lines_for=below)
    return [*ended, *expire_where(trigger=LATE, project=project, lines_for=late)]


def _watched(project: Project) -> list[_Watched]:
    kpis = list(Kpi.objects.filter(project=project))
    readings = series_by_kpi(kpis)
    targets = ((kpi, current_target(kpi)) for kpi in kpis)
    return [_Watched(kpi, target.value, target.due_on, readings[kpi.pk]) for kpi, target in targets if target]


def _below(watched: _Watched, review: Round, periods: int, on: date) -> Line | None:
    if watched.due_on > on:
        return None
    kpi = watched.kpi
    readings = kpi_watch.missed(
        [(point.period, point.value) for point in watched.readings],
        target=watched.target,
        sign=kpi.sign,
        since=max(watched.due_on, _approved_on(review)),
        periods=periods,
    )
    if not readings:
        return None
    said = ", ".join(f"{number_text(value)} ({period_text(period, kpi.frequency)})" for period, value in readings)
    return trigger_line(KPI_BELOW, f"{kpi.name}: {said}; the target is {number_text(watched.target)}.")


def _late(watched: _Watched, since: date, on: date) -> Line | None:
    kpi = watched.kpi
    if not watched.readings:
        return None
    last = watched.readings[-1].period
    if not kpi_watch.is_silent(last, frequency=kpi.frequency, since=since, on=on):
        return None
    return trigger_line(LATE, f"{kpi.name}: the last reading is that of {day_text(last)}.")


def _approved_on(review: Round) -> date:
    return timezone.localdate(review.closed_at or review.submitted_at or timezone.now())
