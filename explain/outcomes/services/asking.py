"""Asking for an outcome report. The worker's part is in runs.py."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Max

from explain.outcomes.models import OutcomeReport
from explain.outcomes.permits import may_request_report
from foundation.audit.services import record
from foundation.jobs.models import Job
from foundation.jobs.services import request_job
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.periods import organisation_today
from lifecycle.projects.models import Project

KIND = "outcome_report"
LARGEST_SEED = 2_147_483_647


@transaction.atomic
def request_report(*, actor: User, project: Project, as_of: date | None = None, seed: int = 0) -> OutcomeReport:
    """A report that waits for a worker. While one waits for the project, that one is returned.

    `as_of`: only what was known at the end of that day counts; today if absent. Raises Refused for a person without
    the right, a day that lies ahead or before the project began, or a seed out of range.
    """
    row = Project.objects.select_for_update().get(pk=project.pk)
    may_request_report(actor, row).demand()
    today = organisation_today()
    day = as_of or today
    if day > today:
        raise Refused(
            f"{day} lies ahead. A report holds what is known: choose today or a day before.",
            code="as_of_ahead",
            status=400,
            field="as_of",
        )
    if day < row.started_on:
        raise Refused(
            f"The project began on {row.started_on}. Choose that day or a later one.",
            code="as_of_too_early",
            status=400,
            field="as_of",
        )
    if not 0 <= seed <= LARGEST_SEED:
        raise Refused(
            f"The seed is a whole number from 0 to {LARGEST_SEED}.", code="seed_out_of_range", status=400, field="seed"
        )
    waiting = OutcomeReport.objects.filter(project=row, state=OutcomeReport.State.WAITING).select_related("job").first()
    if waiting is not None:
        if waiting.job is not None and waiting.job.state in Job.OPEN:
            return waiting
        close_unfinished(waiting)
    return new_report(project=row, as_of=day, seed=seed, actor=actor)


def new_report(
    *, project: Project, as_of: date, seed: int = 0, actor: User | None = None, for_month: date | None = None
) -> OutcomeReport:
    """The row and its job. The project's row must be locked. `for_month`: of a scheduled report; nobody asked for it."""
    last = OutcomeReport.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    report = OutcomeReport.objects.create(
        project=project,
        number=last + 1,
        as_of=as_of,
        seed=seed,
        currency=project.currency,
        requested_by=actor,
        for_month=for_month,
    )
    report.job = request_job(
        kind=KIND,
        args={"report": report.pk},
        actor=actor,
        dedup_key=f"report:{report.pk}",
        project_id=project.pk,
    )
    report.save(update_fields=["job"])
    record(
        actor=actor,
        verb="request_outcome_report",
        thing=report,
        kind=KIND,
        project_id=project.pk,
        after={"number": report.number, "as_of": as_of.isoformat(), "seed": seed},
    )
    return report


def close_unfinished(report: OutcomeReport) -> None:
    """Close a report whose work ended without a result. Does nothing to one that has a result."""
    OutcomeReport.objects.filter(pk=report.pk, state=OutcomeReport.State.WAITING).update(
        state=OutcomeReport.State.REFUSED,
        refusal_code="not_finished",
        refusal="The computation ended without a result. Ask for a new report.",
    )


def report_given_up(job: Job) -> None:
    """Close the report of a job that was given up; its requester is told by the ledger."""
    report = OutcomeReport.objects.filter(pk=job.args.get("report")).first()
    if report is not None:
        close_unfinished(report)
