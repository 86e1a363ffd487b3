"""What the room makes known when the app starts: its job, its kind of evidence, its section on claims."""

from __future__ import annotations

from explain.outcomes.evidence import OUTCOME_REPORT
from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors.reconciliation import steps_of
from explain.outcomes.services import KIND, MONTHLY, report_given_up
from foundation.jobs import periodic
from foundation.jobs.kinds import Kind, Result, register
from foundation.jobs.models import Job
from lifecycle.kpis import beside
from lifecycle.kpis.models import Kpi
from lifecycle.signoff import evidence


def result_of(job: Job) -> Result | None:
    """The report that the job computes."""
    found = OutcomeReport.objects.select_related("project").filter(pk=job.args.get("report")).first()
    return Result(f"Outcome report {found.number} of {found.project.name}", found.get_absolute_url()) if found else None


def steps_beside(kpi: Kpi) -> beside.Section | None:
    """The measured step of each project that claims the KPI. One query."""
    found = steps_of(kpi)
    return (
        beside.Section("explain/outcomes/steps_of_claims.html", dict(zip(("steps", "report"), found, strict=True)))
        if found
        else None
    )


def register_kinds() -> None:
    """Called once, from the floor's app."""
    register(
        Kind(
            KIND,
            "Compute an outcome report",
            task="outcomes.make_report",
            queue="reports",
            on_given_up=report_given_up,
            result=result_of,
        )
    )
    evidence.register(OUTCOME_REPORT)
    periodic.register(MONTHLY)
    beside.register(steps_beside, on="claims")
