"""What the pages of the room show, each in a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import fmean
from typing import Any

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from foundation.people.models import User
from foundation.web.refused import Verdict
from foundation.web.waiting import Waiting
from lifecycle.kpis.circumstances import Exclusion, KpiControl, Retirement
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.selectors import Standing, standing_claims
from lifecycle.kpis.figures import Limits, limits, progress
from lifecycle.kpis.models import Baseline, GoLive, Kpi, Measurement, Target, ValuePerUnit
from lifecycle.kpis.months import MonthSums, joined
from lifecycle.kpis.periods import organisation_today
from lifecycle.kpis.permits import APPROVE_BASELINE, APPROVE_EXCLUSION, APPROVERS, RECORD, may, roles_of
from lifecycle.kpis.selectors.circumstances import Bridge, bridges, controls_by_kpi, retirement_of
from lifecycle.kpis.selectors.months import months_of
from lifecycle.kpis.selectors.series import Point, go_live_of, series_of
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


SHOWN = 24  # rows of readings on the page
PAGED = 100  # rows when a person leafs through them
DRAWN = 750  # readings that are read for the chart; more would be a smear


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


def waiting_for(user: User) -> list[Waiting]:
    """Baselines that wait for this person's approval; one query."""
    if not user.is_active or user.is_auditor:
        return []
    proposals = (
        Baseline.objects.filter(
            state=Baseline.State.PROPOSED,
            kpi_version=F("kpi__version"),
            kpi__project__state__in=[Project.State.ACTIVE, Project.State.IN_USE],
            kpi__project__members__user=user,
            kpi__project__members__role__in=APPROVERS,
            kpi__project__members__left_at__isnull=True,
        )
        .exclude(proposed_by=user)
        .select_related("kpi__project", "proposed_by")
        .defer("values")
        .order_by("proposed_at")
        .distinct()
    )
    return [
        Waiting(
            title=f"Approve the baseline of {one.kpi.name}",
            why=f"{one.proposed_by.name} proposes {one.starts_on:%d.%m.%Y} to {one.ends_on:%d.%m.%Y}; effects are measured against it.",
            link=one.kpi.get_absolute_url() + "#baseline",
            group="decisions",
            state="wait",
            word="baseline",
            since=one.proposed_at,
            project=one.kpi.project.name,
        )
        for one in proposals
    ]
