"""The list of KPIs: each with its newest readings, baseline and target."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from lifecycle.kpis.figures import progress
from lifecycle.kpis.models import Baseline, Kpi, Measurement, Target
from lifecycle.kpis.selectors.series import Point
from lifecycle.projects.models import Project

SPARK = 60  # periods in a sparkline
_SPARK_ROWS = 120  # rows read for it: revisions take places too


@dataclass
class KpiRow:
    """A KPI in the list."""

    kpi: Kpi
    points: list[Point]
    baseline: Baseline | None
    proposed: Baseline | None
    target: Target | None

    @property
    def latest(self) -> Point | None:
        return self.points[-1] if self.points else None

    @property
    def change(self) -> float | None:
        """Latest reading minus baseline mean, in the KPI's unit. A difference, no proven effect."""
        if self.latest is None or self.baseline is None or self.baseline.mean is None:
            return None
        return self.latest.value - self.baseline.mean

    @property
    def is_better(self) -> bool | None:
        """Whether the change goes the wanted way; None when there is none."""
        return None if not self.change else self.change * self.kpi.sign > 0

    @property
    def progress_percent(self) -> float | None:
        """How much of the way from baseline to target the latest reading is; None when undefined."""
        if self.latest is None or self.baseline is None or self.baseline.mean is None or self.target is None:
            return None
        share = progress(self.latest.value, self.baseline.mean, self.target.value)
        return None if share is None else 100 * share


def kpi_list(project: Project) -> list[KpiRow]:
    """The KPIs of a project with their newest readings, baseline and target; four queries."""
    kpis = list(Kpi.objects.filter(project=project).select_related("project"))
    ids = [kpi.pk for kpi in kpis]
    defined = {kpi.pk: kpi.defined_at for kpi in kpis}
    points: dict[int, dict[date, Point]] = {kpi_id: {} for kpi_id in ids}
    newest = (
        Measurement.objects.filter(kpi_id__in=ids)
        .annotate(
            place=Window(RowNumber(), partition_by=[F("kpi_id")], order_by=[F("period").desc(), F("revision").desc()])
        )
        .filter(place__lte=_SPARK_ROWS)
        .order_by("kpi_id", "-period", "-revision")
    )
    for kpi_id, period, value, revision, recorded_at in newest.values_list(
        "kpi_id", "period", "value", "revision", "recorded_at"
    ):
        since = defined[kpi_id]
        if since is None or recorded_at >= since:
            points[kpi_id].setdefault(period, Point(period, value, revision))
    frozen: dict[int, Baseline] = {}
    proposed: dict[int, Baseline] = {}
    for baseline in Baseline.objects.filter(
        kpi_id__in=ids, state__in=[Baseline.State.FROZEN, Baseline.State.PROPOSED]
    ).defer("values"):
        (frozen if baseline.state == Baseline.State.FROZEN else proposed)[baseline.kpi_id] = baseline
    targets: dict[int, Target] = {}
    for target in Target.objects.filter(kpi_id__in=ids).order_by("pk"):
        since = defined[target.kpi_id]
        if since is None or target.set_at >= since:
            targets[target.kpi_id] = target
    return [
        KpiRow(
            kpi=kpi,
            points=sorted(points[kpi.pk].values())[-SPARK:],
            baseline=frozen.get(kpi.pk),
            proposed=proposed.get(kpi.pk),
            target=targets.get(kpi.pk),
        )
        for kpi in kpis
    ]
