"""A project's reports."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from explain.outcomes.models import OutcomeReport
from lifecycle.projects.models import Project


@dataclass(frozen=True)
class ReportRow:
    """A report in a list, with what changed in its headline since the former one (None: nothing to compare)."""

    report: OutcomeReport
    net: Decimal | None
    change: Decimal | None


def current_report(project: Project) -> OutcomeReport | None:
    """The newest done report, with its result. One query."""
    return OutcomeReport.objects.filter(project=project, is_current=True).defer("inputs").first()


def waiting_report(project: Project) -> OutcomeReport | None:
    """The report that waits for a worker, with its job. One query."""
    return (
        OutcomeReport.objects.filter(project=project, state=OutcomeReport.State.WAITING)
        .select_related("job")
        .defer("inputs", "result")
        .first()
    )


def report_rows(project: Project) -> list[ReportRow]:
    """All reports of the project, newest first. One query; neither inputs nor results are read."""
    reports = (
        OutcomeReport.objects.filter(project=project)
        .select_related("former", "requested_by")
        .defer("inputs", "result", "former__inputs", "former__result")
        .order_by("-number")
    )
    return [ReportRow(report, report.net_to_date, _change(report)) for report in reports]


def report_numbered(project: Project, number: int) -> OutcomeReport | None:
    """One report with its result. One query."""
    return (
        OutcomeReport.objects.filter(project=project, number=number)
        .select_related("project", "former", "requested_by", "job", "verified_by__signer")
        .defer("inputs", "former__inputs", "former__result")
        .first()
    )


def _change(report: OutcomeReport) -> Decimal | None:
    former = report.former
    if former is None or former.currency != report.currency:
        return None
    now, then = report.net_to_date, former.net_to_date
    return None if now is None or then is None else now - then
