"""The page of one KPI."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import fmean
from typing import Any

from django.db.models import Count, Q

from foundation.people.models import User
from foundation.web.refused import Verdict
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.selectors import Standing, standing_claims
from lifecycle.kpis.figures import Limits, limits
from lifecycle.kpis.models import (
    Baseline,
    Exclusion,
    GoLive,
    Kpi,
    KpiControl,
    Measurement,
    Retirement,
    Target,
    ValuePerUnit,
)
from lifecycle.kpis.months import MonthSums, joined
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.permits import APPROVE_BASELINE, APPROVE_EXCLUSION, RECORD, may, roles_of
from lifecycle.kpis.selectors.circumstances import Bridge, bridges, controls_by_kpi, retirement_of
from lifecycle.kpis.selectors.months import months_of
from lifecycle.kpis.selectors.pages.rows import KpiRow
from lifecycle.kpis.selectors.series import Point, go_live_of, series_of

SHOWN = 24  # rows of readings on the page
PAGED = 100  # rows when a person leafs through them
DRAWN = 750  # readings that are read for the chart; more would be a smear


@dataclass
class Corrected:
    """A reading of a frozen window that was corrected, or added, after the freeze."""

    period: date
    frozen: float | None
    now: float


@dataclass
class KpiPage:
    """Everything on the page of a KPI."""

    kpi: Kpi
    # The newest readings, and those of the frozen window; `months` knows of all that count.
    series: list[Point]
    months: dict[date, MonthSums]
    readings: list[Measurement]
    page_number: int
    page_count: int
    reading_count: int
    revised_count: int
    former_count: int
    baselines: list[Baseline]
    targets: list[Target]
    unit_values: list[ValuePerUnit]
    go_live: GoLive | None
    volume: MonthSums | None
    controls: list[KpiControl]
    exclusions: list[tuple[Exclusion, Verdict]]
    retirement: Retirement | None
    bridge: Bridge | None
    claims: list[Standing]
    may_record: Verdict
    may_approve: Verdict
    today: date

    @property
    def series_count(self) -> int:
        """Periods that were read under the present definition."""
        return sum(sums.count for sums in self.months.values())

    @property
    def period_pages(self) -> tuple[int | None, int | None]:
        """The page of newer readings and that of older ones; None where there is none."""
        number = self.page_number
        return (number - 1 if number > 1 else None, number + 1 if number < self.page_count else None)

    @property
    def row(self) -> KpiRow:
        """The same as in the list."""
        return KpiRow(self.kpi, self.series, self.frozen, self.proposed, self.target)

    @property
    def frozen(self) -> Baseline | None:
        return next((one for one in self.baselines if one.state == Baseline.State.FROZEN), None)

    @property
    def proposed(self) -> Baseline | None:
        return next((one for one in self.baselines if one.state == Baseline.State.PROPOSED), None)

    @property
    def past_baselines(self) -> list[Baseline]:
        return [one for one in self.baselines if one.state not in (Baseline.State.FROZEN, Baseline.State.PROPOSED)]

    @property
    def target(self) -> Target | None:
        return next((one for one in self.targets if self._is_present(one.set_at)), None)

    @property
    def unit_value(self) -> ValuePerUnit | None:
        """What a unit is worth today."""
        return next(
            (
                one
                for one in self.unit_values
                if self._is_present(one.set_at)
                and one.valid_from <= self.today
                and (one.valid_to is None or one.valid_to >= self.today)
            ),
            None,
        )

    @property
    def limits(self) -> Limits | None:
        frozen = self.frozen
        return limits(frozen.mean, frozen.moving_range) if frozen and frozen.mean is not None else None

    @property
    def corrected(self) -> list[Corrected]:
        """Where today's readings differ from the frozen values. The frozen ones hold."""
        frozen = self.frozen
        if frozen is None:
            return []
        then = {date.fromisoformat(period): value for period, value, _ in frozen.values}
        return [
            Corrected(point.period, then.get(point.period), point.value)
            for point in self.series
            if frozen.starts_on <= point.period <= frozen.ends_on and then.get(point.period) != point.value
        ]

    @property
    def mean_with_corrections(self) -> float | None:
        """What the mean of the baseline's window would be with today's readings."""
        frozen = self.frozen
        if frozen is None:
            return None
        values = [point.value for point in self.series if frozen.starts_on <= point.period <= frozen.ends_on]
        return fmean(values) if values else None

    @property
    def window_reaches_go_live(self) -> Baseline | None:
        """A baseline whose window does not end before go-live: effects cannot be measured against it."""
        if self.go_live is None:
            return None
        return next((one for one in (self.frozen, self.proposed) if one and one.ends_on >= self.go_live.on), None)

    def _is_present(self, set_at: Any) -> bool:
        return self.kpi.defined_at is None or set_at >= self.kpi.defined_at


def kpi_page(kpi: Kpi, user: User, *, page_number: int | None = None) -> KpiPage:
    """The page of a KPI; `kpi` comes with its project and volume KPI. Fourteen queries, one more with a volume KPI, two
    more where it was defined anew.

    `page_number`: leaf through the readings, from 1; None shows the newest few.
    """
    readings = Measurement.objects.filter(kpi=kpi).select_related("recorded_by").order_by("-period", "-revision")
    counts = Measurement.objects.filter(kpi=kpi).aggregate(
        every=Count("pk"),
        revised=Count("pk", filter=Q(revision__gt=1)),
        # The year 1 stands for "never": nothing was recorded before it.
        former=Count("pk", filter=Q(recorded_at__lt=kpi.defined_at or datetime(1, 1, 2, tzinfo=UTC))),
    )
    pages = max(1, -(-counts["every"] // PAGED))
    number = min(max(page_number or 1, 1), pages)
    start, size = ((number - 1) * PAGED, PAGED) if page_number else (0, SHOWN)
    roles = roles_of(user, kpi.project)
    baselines = list(Baseline.objects.filter(kpi=kpi).select_related("proposed_by", "approved_by").order_by("-pk")[:20])
    proposed = next((one for one in baselines if one.state == Baseline.State.PROPOSED), None)
    frozen = next((one for one in baselines if one.state == Baseline.State.FROZEN), None)
    months = months_of(kpi)
    volume = list(months_of(kpi.volume_kpi).values()) if kpi.volume_kpi is not None else []
    exclusions = Exclusion.objects.filter(kpi=kpi).select_related("proposed_by", "approved_by")
    return KpiPage(
        kpi=kpi,
        series=series_of(kpi, since=_drawn_since(months, frozen)),
        months=months,
        readings=list(readings[start : start + size]),
        page_number=number,
        page_count=pages if page_number else 1,
        reading_count=counts["every"],
        revised_count=counts["revised"],
        former_count=counts["former"],
        baselines=baselines,
        targets=list(Target.objects.filter(kpi=kpi).select_related("set_by").order_by("-pk")[:20]),
        unit_values=list(
            ValuePerUnit.objects.filter(kpi=kpi).select_related("set_by").order_by("-valid_from", "-pk")[:20]
        ),
        go_live=go_live_of(kpi.project),
        volume=joined(volume, kpi.frequency) if volume else None,
        controls=controls_by_kpi([kpi.pk])[kpi.pk],
        exclusions=[
            (one, may(user, APPROVE_EXCLUSION, kpi.project, proposed_by=one.proposed_by_id, roles=roles))
            for one in exclusions.order_by("-starts_on", "-pk")[:20]
        ],
        retirement=retirement_of(kpi.project),
        # A bridge compares all periods that were read under both definitions, not only those that are drawn.
        bridge=bridges([kpi], {kpi.pk: series_of(kpi)}).get(kpi.pk) if kpi.defined_at is not None else None,
        claims=[one for one in standing_claims([kpi.pk]).get(kpi.pk, []) if one.state != KpiClaim.State.WITHDRAWN],
        may_record=may(user, RECORD, kpi.project, roles=roles),
        may_approve=may(user, APPROVE_BASELINE, kpi.project, baseline=proposed, roles=roles),
        today=organisation_today(),
    )


def _drawn_since(months: dict[date, MonthSums], frozen: Baseline | None) -> date | None:
    """The day from which on readings are read: the newest ones, and all of the frozen window. None: all."""
    left = DRAWN
    for month in reversed(months):
        left -= months[month].count
        if left <= 0:
            return min(month, frozen.starts_on) if frozen else month
    return None
