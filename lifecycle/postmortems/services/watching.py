"""KPIs that miss their target several times running: looked for once a day, whatever the policies of sign-off say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from lifecycle.kpis.models import Kpi, Target
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.selectors import series_by_kpi
from lifecycle.postmortems import occasions
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.services.rules import rule_of
from lifecycle.postmortems.services.triggering import WORKING, open_for_kpi
from lifecycle.signoff import kpi_watch

AT_ONCE = 200  # KPIs whose readings are read together


def missing_kpis(on: date) -> Iterator[int]:
    """KPIs that missed their newest target in the last periods and have no post-mortem for it yet. Three queries for
    every two hundred KPIs with a target that is due."""
    due = (
        Kpi.objects.filter(project__state__in=WORKING, targets__due_on__lte=on)
        .distinct()
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    there = set(PostMortem.objects.filter(cause=occasions.MISSED).values_list("cause_key", flat=True))
    ids = list(due)
    for start in range(0, len(ids), AT_ONCE):
        kpis = list(Kpi.objects.filter(pk__in=ids[start : start + AT_ONCE]).order_by("pk"))
        newest = {target.kpi_id: target for target in Target.objects.filter(kpi__in=kpis).order_by("pk")}
        watched = [kpi for kpi in kpis if newest[kpi.pk].due_on <= on and f"{kpi.pk}:{newest[kpi.pk].pk}" not in there]
        if not watched:
            continue
        series = series_by_kpi(watched, since=min(newest[kpi.pk].due_on for kpi in watched))
        for kpi in watched:
            target = newest[kpi.pk]
            if kpi_watch.missed(
                [(point.period, point.value) for point in series[kpi.pk]],
                target=target.value,
                sign=kpi.sign,
                since=target.due_on,
                periods=kpi_watch.PERIODS,
            ):
                yield kpi.pk


def watch(on: date | None = None) -> list[PostMortem]:
    """Open what is to be opened; each in a transaction of its own. What breaks does not stop the rest, and is raised
    at the end, so that the job is tried again and then shown as given up."""
    day = on or organisation_today()
    if not rule_of(occasions.MISSED).is_on:
        return []
    opened, broken = [], []
    for kpi_id in missing_kpis(day):
        try:
            found = open_for_kpi(kpi_id, day)
        except Exception as error:
            broken.append(error)
            continue
        if found is not None:
            opened.append(found)
    if broken:
        raise broken[0]
    return opened
