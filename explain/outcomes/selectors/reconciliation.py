"""The whole effect of a KPI in money, beside what projects claim of it: month by month, from their newest reports.

The whole is what the KPI's own project measured, before any share is taken: it is what the portfolio gained. The claims
are read in the claiming projects' reports, each against its own go-live, so that their sum may differ from the whole by
what nobody claims and by what is read differently. Amounts before the cashable share, in the KPI's own currency.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.models import OutcomeReport
from foundation.people.models import User
from lifecycle.kpis.claims.selectors import Standing, shares_in, standing_claims
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project

ZERO = Decimal(0)


@dataclass
class Claimant:
    """A project that claims, with its report; `why_none` says why its amounts are not shown."""

    name: str
    project: Project | None
    report: OutcomeReport | None
    why_none: str = ""
    amounts: dict[date, Decimal] = field(default_factory=dict)

    @property
    def total(self) -> Decimal | None:
        return sum(self.amounts.values(), ZERO) if self.amounts else None


@dataclass(frozen=True)
class Row:
    """One month: the whole, each claim (None: not known), their sum, and what is left."""

    month: date
    whole: Decimal
    claims: list[Decimal | None]
    is_disputed: bool

    @property
    def claimed(self) -> Decimal:
        return sum((amount for amount in self.claims if amount is not None), ZERO)

    @property
    def left(self) -> Decimal:
        return self.whole - self.claimed


@dataclass
class Reconciliation:
    """The whole effect and the claims on it."""

    kpi: Kpi
    currency: str
    report: OutcomeReport | None
    why_none: str
    claimants: list[Claimant]
    rows: list[Row]
    steps: dict[str, Any] | None = None

    @property
    def whole(self) -> Decimal:
        return sum((row.whole for row in self.rows), ZERO)

    @property
    def claimed(self) -> Decimal:
        return sum((row.claimed for row in self.rows), ZERO)

    @property
    def left(self) -> Decimal:
        return self.whole - self.claimed

    @property
    def totals(self) -> list[Decimal | None]:
        return [
            sum((row.claims[place] or ZERO for row in self.rows), ZERO) if claimant.amounts else None
            for place, claimant in enumerate(self.claimants)
        ]

    @property
    def disputed(self) -> int:
        return sum(row.is_disputed for row in self.rows)

    @property
    def has_gaps(self) -> bool:
        return any(claimant.why_none for claimant in self.claimants)


def reconciliation_of(kpi: Kpi, user: User) -> Reconciliation:
    """For a KPI that comes with its project; four queries. Amounts of projects that the person cannot see stay out."""
    claims = [claim for claim in standing_claims([kpi.pk]).get(kpi.pk, []) if claim.counts]
    names = {claim.project_id: claim.project_name for claim in claims} or {kpi.project_id: kpi.project.name}
    seen = Project.objects.visible_to(user).in_bulk([*names, kpi.project_id])
    reports = {
        report.project_id: report
        for report in OutcomeReport.objects.filter(project__in=seen, is_current=True).defer("inputs")
    }
    own = reports.get(kpi.project_id)
    found, why = _of_kpi(own, kpi.key)
    whole = _amounts(found, "gross")
    if found is not None and not whole:
        why = "The newest report of the project gives this KPI no worth in money."
    claimants = [
        _claimant(pk, name, seen.get(pk), reports.get(pk), kpi)
        for pk, name in sorted(names.items(), key=lambda item: (item[0] != kpi.project_id, item[1]))
    ]
    rows = [_row(month, amount, claimants, claims) for month, amount in sorted(whole.items())]
    return Reconciliation(
        kpi, own.currency if own else kpi.project.currency, own, why, claimants, rows, (found or {}).get("steps")
    )


def steps_of(kpi: Kpi) -> tuple[dict[str, Any], OutcomeReport] | None:
    """The steps of the claiming projects in the newest report of the KPI's own project; one query."""
    report = (
        OutcomeReport.objects.filter(project=kpi.project_id, is_current=True)
        .select_related("project")
        .defer("inputs")
        .first()
    )
    found, _ = _of_kpi(report, kpi.key)
    steps = (found or {}).get("steps")
    return (steps, report) if steps and report else None


def _claimant(pk: int, name: str, project: Project | None, report: OutcomeReport | None, kpi: Kpi) -> Claimant:
    if project is None:
        return Claimant(name, None, None, "you are not in this project")
    key = kpi.key if pk == kpi.project_id else f"{kpi.project.key}--{kpi.key}"
    found, _ = _of_kpi(report, key)
    if report is None or found is None:
        return Claimant(name, project, report, "no report holds this claim yet")
    if report.currency != kpi.project.currency:
        return Claimant(name, project, report, f"its report is in {report.currency}")
    return Claimant(name, project, report, "", _amounts(found, "soft"))


def _of_kpi(report: OutcomeReport | None, key: str) -> tuple[dict[str, Any] | None, str]:
    if report is None:
        return None, "The project has no report yet. Ask for one on its page Value."
    found = next((one for one in report.result["kpis"] if one["key"] == key), None)
    return found, "" if found else "The newest report does not hold this KPI. Ask for a new one on the page Value."


def _amounts(found: dict[str, Any] | None, name: str) -> dict[date, Decimal]:
    months = found["months"] if found else []
    return {date.fromisoformat(row["month"]): Decimal(row[name]) for row in months if row.get(name) is not None}


def _row(month: date, whole: Decimal, claimants: Sequence[Claimant], claims: Sequence[Standing]) -> Row:
    at = shares_in(claims, month)
    return Row(month, whole, [one.amounts.get(month) for one in claimants], at.disputed or at.asked_sum > 1)
