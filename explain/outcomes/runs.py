"""The worker's part of an outcome report: read what was known, compute, store once behind the fence."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.report import build_report
from explain.outcomes.heads import keep_head
from explain.outcomes.links.selectors import links_for_report
from explain.outcomes.models import OutcomeReport, ReportRecipient
from explain.outcomes.services import KIND
from explain.register.models import ModelVersion
from foundation.audit.services import record
from foundation.jobs.claims import Claim, work_on
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.formats import day_text
from lifecycle.kpis.periods import end_of_day
from lifecycle.kpis.selectors import inputs_for_report
from lifecycle.projects.models import Project

STEPS = 3


def make_report(job_id: int) -> str:
    """Work on the job; a second delivery finds nothing to claim."""
    return work_on(job_id, compute_and_store, refused=(CalculationRefused,))


def compute_and_store(claim: Claim) -> None:
    """Compute the report that the job names and store it with the end of the job in one transaction."""
    report = OutcomeReport.objects.select_related("project").get(pk=claim.job.args["report"])
    if report.state == OutcomeReport.State.DONE:
        return
    claim.progress(0, STEPS, "Reading KPIs, costs and benefits")
    inputs = inputs_of(report)
    claim.progress(1, STEPS, "Computing effects and money")
    try:
        result = build_report(inputs, report.seed)
    except CalculationRefused as error:
        OutcomeReport.objects.filter(pk=report.pk, state=OutcomeReport.State.WAITING).update(
            state=OutcomeReport.State.REFUSED, refusal_code=error.code, refusal=error.message
        )
        tell_recipients(report, "could not be computed", error.message)
        raise
    claim.progress(2, STEPS, "Storing the report")
    with claim.storing():
        store(report.pk, inputs, result)


def inputs_of(report: OutcomeReport) -> dict[str, Any]:
    """All that the report is computed from, as it was known at the end of its day."""
    project = report.project
    instant = end_of_day(report.as_of)
    versions = list(
        ModelVersion.objects.filter(
            project=project, state=ModelVersion.State.ACCEPTED, uploaded_at__lte=instant
        ).order_by("number")
    )
    return {
        **inputs_for_report(project, report.as_of),
        "stopped": project.was_stopped,
        "outputs": [
            {"name": version.name, "number": version.number, "metrics": version.metrics}
            for version in versions
            if version.metrics
        ],
        "links": links_for_report(project, instant, versions),
    }


def store(report_id: int, inputs: dict[str, Any], result: dict[str, Any]) -> None:
    """Write the result once; the newest report by number is the current one. Must run inside a transaction."""
    report = (
        OutcomeReport.objects.select_for_update(of=("self",))
        .select_related("project", "requested_by")
        .get(pk=report_id)
    )
    if report.state == OutcomeReport.State.DONE:
        return
    Project.objects.select_for_update().get(pk=report.project_id)
    done = OutcomeReport.objects.filter(project_id=report.project_id, state=OutcomeReport.State.DONE)
    report.former = done.filter(number__lt=report.number).order_by("-number").first()
    # A job that was tried again late does not push a newer report aside.
    report.is_current = not done.filter(number__gt=report.number).exists()
    if report.is_current:
        done.filter(is_current=True).update(is_current=False)
    figures = result["figures"]
    report.state = OutcomeReport.State.DONE
    report.inputs = inputs
    report.inputs_hash = digest_of(inputs)
    report.result = result
    report.content_hash = digest_of(result)
    report.formula_version = result["formula_version"]
    report.currency = result["currency"]
    report.grade = result["grade"]
    report.refusal_code = report.refusal = ""
    report.costs_to_date = _money(figures["costs_to_date"])
    report.benefits_to_date = _money(figures["benefits_to_date"])
    report.planned_net_to_date = _money((figures["planned"] or {}).get("net_to_date"))
    report.npv = _money(figures["npv_horizon"])
    report.roi_percent = _within(figures["roi_percent"], Decimal("9999999999"))
    report.payback_months = _within(figures["payback"], Decimal("999999"))
    report.chance_positive = figures["chance_positive"]
    report.finished_at = timezone.now()
    report.save()
    if report.is_current:
        keep_head(report)
    record(
        actor=None,
        verb="complete_outcome_report",
        thing=report,
        kind=KIND,
        project_id=report.project_id,
        after={
            "number": report.number,
            "as_of": report.as_of.isoformat(),
            "grade": report.grade,
            "inputs_hash": report.inputs_hash,
            "content_hash": report.content_hash,
            "formula_version": report.formula_version,
        },
    )
    if report.requested_by is not None:
        tell(
            people=[report.requested_by],
            kind="outcome_report_done",
            subject=f"Outcome report {report.number} of {report.project} is ready",
            body=f"As of {day_text(report.as_of)}. {' '.join(result['statements'][:2])}",
            link=report.get_absolute_url(),
            project_id=report.project_id,
            event_key=f"outcome_report:{report.pk}",
        )
    tell_recipients(report, "is ready", f"As of {day_text(report.as_of)}. {' '.join(result['statements'][:2])}")


def tell_recipients(report: OutcomeReport, what: str, words: str) -> None:
    """Tell those who wish to have each month's report; nobody for a report that somebody asked for."""
    if report.for_month is None:
        return
    tell(
        people=User.objects.filter(pk__in=ReportRecipient.objects.filter(project=report.project_id).values("person")),
        kind="monthly_outcome_report",
        subject=f"{report.project.name}: the report for {report.for_month:%B %Y} {what}",
        body=words,
        link=report.get_absolute_url(),
        project_id=report.project_id,
        event_key=f"outcome_month:{report.pk}",
        why="You are a recipient of this project's monthly report. You can take yourself off the list on its page of value.",
    )


def _money(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _within(text: str | None, largest: Decimal) -> Decimal | None:
    """A head figure of a column; one that does not fit stays in the result only."""
    value = _money(text)
    return None if value is None or abs(value) > largest else value
