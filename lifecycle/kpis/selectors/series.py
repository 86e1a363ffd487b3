"""What is known of a KPI, now or as it was known at an instant."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from lifecycle.kpis.models import Baseline, GoLive, Kpi, Measurement, Target, ValuePerUnit
from lifecycle.kpis.periods import end_of_day
from lifecycle.projects.models import Project


class Point(NamedTuple):
    """The reading of a period that counts."""

    period: date
    value: float
    revision: int


def as_instant(as_of: date | datetime | None) -> datetime | None:
    """A date means its last instant in the organisation's time zone; None means now."""
    if as_of is None or isinstance(as_of, datetime):
        return as_of
    return end_of_day(as_of)


def series_by_kpi(
    kpis: Collection[Kpi], as_of: date | datetime | None = None, *, since: date | None = None
) -> dict[int, list[Point]]:
    """KPI id -> the latest revision of each period, by period; one query for all KPIs.

    `as_of`: only what was recorded up to that instant (a date: up to its end). `since`: only periods from that day on.
    Readings of a former definition of a KPI do not count.
    """
    found: dict[int, list[Point]] = {kpi.pk: [] for kpi in kpis}
    # By the database: reading the instant of each of ten thousand rows takes longer than all else here.
    defined = Q(kpi_id__in=[kpi.pk for kpi in kpis if kpi.defined_at is None])
    for kpi in kpis:
        if kpi.defined_at is not None:
            defined |= Q(kpi_id=kpi.pk, recorded_at__gte=kpi.defined_at)
    readings = Measurement.objects.filter(defined).order_by("kpi_id", "period", "-revision")
    instant = as_instant(as_of)
    if instant is not None:
        readings = readings.filter(recorded_at__lte=instant)
    if since is not None:
        readings = readings.filter(period__gte=since)
    former: tuple[int, date] | None = None
    rows = readings.values_list("kpi_id", "period", "value", "revision")
    for kpi_id, period, value, revision in rows.iterator(chunk_size=5000):
        if former == (kpi_id, period):
            continue
        former = (kpi_id, period)
        found[kpi_id].append(Point(period, value, revision))
    return found


def series_of(kpi: Kpi, as_of: date | datetime | None = None, *, since: date | None = None) -> list[Point]:
    """The latest revision of each period of one KPI, by period; one query."""
    return series_by_kpi([kpi], as_of, since=since)[kpi.pk]


def _of_definition(kpi: Kpi, set_at: str) -> Q:
    """Rows of the KPI that were written under its present definition."""
    return Q(kpi=kpi) if kpi.defined_at is None else Q(kpi=kpi, **{f"{set_at}__gte": kpi.defined_at})


def current_target(kpi: Kpi, as_of: date | datetime | None = None) -> Target | None:
    """The newest target."""
    targets: QuerySet[Target] = Target.objects.filter(_of_definition(kpi, "set_at"))
    instant = as_instant(as_of)
    return (targets.filter(set_at__lte=instant) if instant else targets).order_by("-pk").first()


def frozen_baseline(kpi: Kpi, as_of: date | datetime | None = None) -> Baseline | None:
    """The baseline that holds; with `as_of` the one that held then."""
    instant = as_instant(as_of)
    if instant is None:
        return Baseline.objects.filter(kpi=kpi, state=Baseline.State.FROZEN).first()
    return (
        Baseline.objects.filter(
            kpi=kpi,
            kpi_version=kpi.version,
            state__in=[Baseline.State.FROZEN, Baseline.State.SUPERSEDED],
            frozen_at__lte=instant,
        )
        .order_by("-frozen_at", "-pk")
        .first()
    )


def is_retrospective(live_on: date | None, frozen_at: datetime | None) -> bool:
    """Whether a baseline was frozen on the day of go-live or later, when the result could be known."""
    if live_on is None or frozen_at is None:
        return False
    return live_on <= timezone.localdate(frozen_at, timezone=ZoneInfo(settings.ORGANISATION_TIME_ZONE))


def unit_value_on(kpi: Kpi, day: date) -> ValuePerUnit | None:
    """What a unit is worth on that day: the newest row whose dates hold it."""
    return (
        ValuePerUnit.objects.filter(_of_definition(kpi, "set_at"), valid_from__lte=day)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        .order_by("-valid_from", "-pk")
        .first()
    )


def go_live_of(project: Project, as_of: date | datetime | None = None) -> GoLive | None:
    """The newest word on when the solution began to work."""
    rows = GoLive.objects.filter(project=project)
    instant = as_instant(as_of)
    return (rows.filter(recorded_at__lte=instant) if instant else rows).order_by("-pk").first()
