"""What all projects together bring, for whoever may see them. Grades are never mixed without saying so."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings

from explain.outcomes.models import OutcomeReport
from explain.outcomes.shown import chance_text, change_text
from foundation.people.models import User
from lifecycle.kpis.periods import months_later
from lifecycle.projects.models import Project, Stage

ZERO = Decimal(0)
GRADES = [
    OutcomeReport.Grade.VERIFIED,
    OutcomeReport.Grade.MEASURED,
    OutcomeReport.Grade.INDICATIVE,
    OutcomeReport.Grade.ASSUMED,
    OutcomeReport.Grade.NOT_ENOUGH,
    OutcomeReport.Grade.NONE,
]
ALL = "all"
EVEN = 0.5
MOST_LOSING = 8
_SERIES = ("planned_net", "realised_net", "planned_benefit", "realised_benefit")


@dataclass(frozen=True)
class Row:
    """One project with the head of its current report; without a report the figures are None."""

    project: Project
    stage: str
    report: dict[str, Any] | None
    costs: Decimal | None
    benefits: Decimal | None
    planned_net: Decimal | None

    @property
    def grade(self) -> str:
        return str(self.report["grade"]) if self.report else ""

    @property
    def currency(self) -> str:
        return str(self.report["currency"]) if self.report else ""

    @property
    def net(self) -> Decimal | None:
        """Benefits less costs to date; where no benefit is known, the costs alone."""
        return None if self.costs is None else (self.benefits or ZERO) - self.costs

    @property
    def head(self) -> dict[str, Any]:
        return self.report["result__portfolio"] if self.report else {}

    @property
    def interval(self) -> tuple[float, float] | None:
        found = self.head.get("net_interval")
        return (found[0], found[1]) if found else None

    @property
    def chance(self) -> float | None:
        return self.report["chance_positive"] if self.report else None

    @property
    def chance_shown(self) -> str:
        return chance_text(self.chance)

    @property
    def change_shown(self) -> str:
        """The effect on the primary KPI with its unit, empty when none is known."""
        changed = self.head.get("changed")
        return change_text(changed["effect"], changed["unit"]) if changed else ""

    @property
    def is_losing(self) -> bool:
        """Below zero to date, and stopped or not even likely to get above it."""
        stopped = self.project.state == Project.State.STOPPED
        unlikely = self.chance is not None and self.chance < EVEN
        return self.net is not None and self.net < 0 and (stopped or unlikely)


@dataclass
class GradeTotal:
    """All projects of one grade in the reporting currency. The interval takes the projects as independent."""

    grade: str
    projects: int = 0
    known: int = 0  # projects whose benefit is known
    costs: Decimal = ZERO
    benefits: Decimal = ZERO
    planned_benefits: Decimal = ZERO
    below: float = 0.0
    above: float = 0.0

    @property
    def net(self) -> Decimal:
        return self.benefits - self.costs

    @property
    def low(self) -> Decimal:
        return self.net - Decimal(round(math.sqrt(self.below), 2))

    @property
    def high(self) -> Decimal:
        return self.net + Decimal(round(math.sqrt(self.above), 2))

    @property
    def realisation_percent(self) -> Decimal | None:
        return 100 * self.benefits / self.planned_benefits if self.planned_benefits > 0 else None


@dataclass
class Portfolio:
    """All that the page shows. `shown`: rows whose grade was chosen for the curve and the bars."""

    currency: str
    rows: list[Row]
    elsewhere: list[Row]
    without: list[Row]
    totals: list[GradeTotal]
    chosen: str
    shown: list[Row] = field(default_factory=list)
    first_month: date | None = None
    planned: list[Decimal] = field(default_factory=list)
    realised: list[Decimal] = field(default_factory=list)
    planned_benefits: list[Decimal] = field(default_factory=list)
    realised_benefits: list[Decimal] = field(default_factory=list)
    as_of_first: date | None = None
    as_of_last: date | None = None

    def total_of(self, grade: str) -> GradeTotal:
        """The total of a grade, empty when no project has it."""
        return next((total for total in self.totals if total.grade == grade), GradeTotal(grade))

    @property
    def losing(self) -> list[Row]:
        """Projects that are not shown to pay, the worst first."""
        return [row for row in reversed(self.rows) if row.is_losing][:MOST_LOSING]

    @property
    def months(self) -> list[str]:
        count = max(len(self.planned), len(self.realised))
        return [] if self.first_month is None else [f"{months_later(self.first_month, k):%Y-%m}" for k in range(count)]


def portfolio_of(user: User, grade: str = "") -> Portfolio:
    """Projects that the person may see, with their current reports; three queries, however many projects there are.

    `grade`: which reports the curve and the bars add up; "all" mixes grades, the default is the best grade there is.
    """
    projects = list(Project.objects.visible_to(user).order_by("name", "pk"))
    ids = Project.objects.visible_to(user).values("pk")
    reports: dict[int, dict[str, Any]] = {
        report["project_id"]: dict(report)
        for report in OutcomeReport.objects.filter(is_current=True, project_id__in=ids).values(
            "project_id", "number", "as_of", "currency", "grade", "costs_to_date", "benefits_to_date",
            "planned_net_to_date", "npv", "roi_percent", "payback_months", "chance_positive", "result__portfolio",
        )
    }  # fmt: skip
    stages = dict(
        Stage.objects.filter(
            project_id__in=ids, is_current=True, state__in=[Stage.State.OPEN, Stage.State.IN_REVIEW]
        ).values_list("project_id", "name")
    )
    rows = [_row(project, stages.get(project.pk, ""), reports.get(project.pk)) for project in projects]
    currency = settings.ORGANISATION_CURRENCY
    reported = [row for row in rows if row.report is not None]
    here = [row for row in reported if row.currency == currency and row.costs is not None]
    here.sort(key=lambda row: (-(row.net or ZERO), row.project.name))
    totals = _totals(here)
    known = [total.grade for total in totals]
    chosen = grade if grade == ALL or grade in known else next((g for g in known if g), ALL)
    found = Portfolio(
        currency=currency,
        rows=here,
        elsewhere=[row for row in reported if row.currency != currency or row.costs is None],
        without=[row for row in rows if row.report is None],
        totals=totals,
        chosen=chosen,
        shown=[row for row in here if chosen in (ALL, row.grade)],
    )
    _add_up(found)
    return found


def _row(project: Project, stage: str, report: dict[str, Any] | None) -> Row:
    if report is None:
        return Row(project, stage, None, None, None, None)
    return Row(
        project, stage, report, report["costs_to_date"], report["benefits_to_date"], report["planned_net_to_date"]
    )


def _totals(rows: list[Row]) -> list[GradeTotal]:
    found: dict[str, GradeTotal] = {}
    for row in rows:
        total = found.setdefault(row.grade, GradeTotal(row.grade))
        total.projects += 1
        total.known += row.benefits is not None
        total.costs += row.costs or ZERO
        total.benefits += row.benefits or ZERO
        total.planned_benefits += Decimal(row.head.get("planned_benefits_to_date", "0"))
        if row.interval is not None and row.net is not None:
            total.below += (float(row.net) - row.interval[0]) ** 2
            total.above += (row.interval[1] - float(row.net)) ** 2
    return [found[grade] for grade in GRADES if grade in found]


def _add_up(found: Portfolio) -> None:
    """Planned and realised net and benefits of the shown projects by calendar month.

    After the day of its report a project adds nothing more, so the realised curve holds no forecast.
    """
    heads = [(row.head, row) for row in found.shown if row.head.get("planned_net")]
    if not heads:
        return
    first = min(date.fromisoformat(head["first_month"]) for head, _ in heads)
    sums: dict[str, dict[int, Decimal]] = {name: {} for name in _SERIES}
    for head, _ in heads:
        month = date.fromisoformat(head["first_month"])
        start = (month.year - first.year) * 12 + month.month - first.month
        for name, into in sums.items():
            for k, amount in enumerate(head[name]):
                into[start + k] = into.get(start + k, ZERO) + Decimal(amount or "0")
    found.first_month = first
    found.planned, found.realised, found.planned_benefits, found.realised_benefits = (
        [sums[name].get(k, ZERO) for k in range(max(sums[name], default=-1) + 1)] for name in _SERIES
    )
    days = [row.report["as_of"] for _, row in heads if row.report]
    found.as_of_first, found.as_of_last = min(days), max(days)
