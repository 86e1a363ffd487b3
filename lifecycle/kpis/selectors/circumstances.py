"""What KPIs are compared with, what is left out of them, when the solution ended, and how two definitions meet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from statistics import fmean

from django.db.models import Q

from lifecycle.kpis.models import Exclusion, Kpi, KpiControl, Measurement, Retirement
from lifecycle.kpis.selectors.series import Point, as_instant
from lifecycle.projects.models import Project


@dataclass(frozen=True)
class Bridge:
    """Periods that were measured by the former and by the present definition of a KPI; no mean is taken over both."""

    periods: int
    first: date | None = None
    last: date | None = None
    former_mean: float | None = None
    present_mean: float | None = None


def controls_by_kpi(kpi_ids: Iterable[int], as_of: date | datetime | None = None) -> dict[int, list[KpiControl]]:
    """KPI id -> the series it is compared with, by key; one query. With `as_of` as it was then."""
    found: dict[int, list[KpiControl]] = {kpi_id: [] for kpi_id in kpi_ids}
    instant = as_instant(as_of)
    rows = KpiControl.objects.filter(kpi_id__in=found).select_related("control__project", "added_by")
    if instant is None:
        rows = rows.filter(ended_at__isnull=True)
    else:
        rows = rows.filter(added_at__lte=instant).filter(Q(ended_at__isnull=True) | Q(ended_at__gt=instant))
    for row in rows.order_by("control__key", "pk"):
        found[row.kpi_id].append(row)
    return found


def exclusions_by_kpi(kpi_ids: Iterable[int], as_of: date | datetime) -> dict[int, list[Exclusion]]:
    """KPI id -> what was left out with approval at the end of `as_of`, by day; one query."""
    found: dict[int, list[Exclusion]] = {kpi_id: [] for kpi_id in kpi_ids}
    instant = as_instant(as_of)
    rows = Exclusion.objects.filter(kpi_id__in=found, approved_at__lte=instant)
    rows = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=instant)).select_related("proposed_by", "approved_by")
    for row in rows.order_by("starts_on", "pk"):
        found[row.kpi_id].append(row)
    return found


def retirement_of(project: Project, as_of: date | datetime | None = None) -> Retirement | None:
    """The newest word on when the solution ended; None while it goes on."""
    rows = Retirement.objects.filter(project=project)
    instant = as_instant(as_of)
    newest = (rows.filter(recorded_at__lte=instant) if instant else rows).order_by("-pk").first()
    return None if newest is None or newest.retired_on is None else newest


def bridges(
    kpis: Iterable[Kpi], series: dict[int, list[Point]], as_of: date | datetime | None = None
) -> dict[int, Bridge]:
    """KPI id -> its bridge, for KPIs that were defined anew; one query if there are any.

    `series`: the present readings by KPI id. The former reading of a period is the last one before the new definition.
    """
    defined = {kpi.pk: kpi.defined_at for kpi in kpis if kpi.defined_at is not None}
    instant = as_instant(as_of)
    defined = {kpi_id: at for kpi_id, at in defined.items() if instant is None or at <= instant}
    if not defined:
        return {}
    former: dict[int, dict[date, float]] = {kpi_id: {} for kpi_id in defined}
    rows = Measurement.objects.filter(kpi_id__in=defined).order_by("kpi_id", "period", "revision")
    for kpi_id, period, value, at in rows.values_list("kpi_id", "period", "value", "recorded_at"):
        if at < defined[kpi_id]:
            former[kpi_id][period] = value
    found = {}
    for kpi_id, then in former.items():
        if not then:
            continue
        both = [(point.period, then[point.period], point.value) for point in series[kpi_id] if point.period in then]
        found[kpi_id] = (
            Bridge(
                periods=len(both),
                first=both[0][0],
                last=both[-1][0],
                former_mean=fmean(value for _, value, _ in both),
                present_mean=fmean(value for _, _, value in both),
            )
            if both
            else Bridge(0)
        )
    return found
