"""What a project knows of its business goals: read once, for the promise, the impact and the timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from foundation.web.formats import number_text
from lifecycle.kpis.claims.selectors import own_shares
from lifecycle.kpis.models import CashLine, Kpi
from lifecycle.kpis.selectors import current_target, frozen_baseline, series_by_kpi, unit_value_on
from lifecycle.projects.models import Project


@dataclass(frozen=True)
class Goal:
    """A KPI with what it was, was to become and became, in its unit.

    `readings`: (first day of the period, value), by period. `volumes`: the same of its volume, by period; None for a KPI
    that is a sum itself. `worth`: of one unit of improvement, in `currency`; None where nobody has said. `share`: what
    the project counts of it, 0 to 1.
    """

    name: str
    unit: str
    link: str
    frequency: str
    sign: int
    is_flow: bool
    baseline: float | None
    target: float | None
    due_on: date | None
    readings: list[tuple[date, float]]
    volumes: dict[date, float] | None = None
    worth: Decimal | None = None
    currency: str = ""
    share: Decimal = Decimal(1)

    def said(self, value: float | None) -> str:
        """`12.5 min`."""
        return f"{number_text(value)} {self.unit}".rstrip()

    @property
    def last(self) -> tuple[date, float] | None:
        return self.readings[-1] if self.readings else None

    def misses(self, value: float) -> bool:
        """Whether a reading lies on the wrong side of the target."""
        return self.target is not None and self.sign * (value - self.target) < 0

    def since_due(self) -> list[tuple[date, float]]:
        """Readings of the periods that began when the target was due, or later."""
        if self.target is None or self.due_on is None:
            return []
        return [reading for reading in self.readings if reading[0] >= self.due_on]


def goals_of(project: Project, on: date) -> list[Goal]:
    """The project's KPIs that have a target or a baseline, primary ones first; some queries for each."""
    kpis = list(Kpi.objects.filter(project=project).select_related("project", "volume_kpi"))
    series = series_by_kpi([*kpis, *(kpi.volume_kpi for kpi in kpis if kpi.volume_kpi is not None)])
    shares = own_shares(kpis) if kpis else {}
    found = []
    for kpi in kpis:
        target, baseline, worth = current_target(kpi), frozen_baseline(kpi), unit_value_on(kpi, on)
        if target is None and baseline is None:
            continue
        volumes = series.get(kpi.volume_kpi_id) if kpi.volume_kpi_id is not None else None
        found.append(
            Goal(
                name=kpi.name,
                unit="" if kpi.unit == "1" else kpi.unit,
                link=kpi.get_absolute_url(),
                frequency=kpi.frequency,
                sign=kpi.sign,
                is_flow=kpi.kind == Kpi.Kind.FLOW,
                baseline=baseline.mean if baseline else None,
                target=target.value if target else None,
                due_on=target.due_on if target else None,
                readings=[(point.period, point.value) for point in series[kpi.pk] if point.period <= on],
                volumes=None if volumes is None else {point.period: point.value for point in volumes},
                worth=worth.amount if worth else None,
                currency=worth.currency if worth else "",
                share=shares[kpi.pk],
            )
        )
    return found


def cash_of(project: Project) -> list[CashLine]:
    """Costs and benefits that were not voided."""
    return list(CashLine.objects.filter(project=project, voided_at__isnull=True).order_by("month", "pk"))
