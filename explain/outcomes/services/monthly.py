"""A report of each month for those who asked to be told: requested once a month is over, by the scheduler."""

from __future__ import annotations

from datetime import datetime, timedelta

from explain.outcomes.models import OutcomeReport, ReportRecipient
from explain.outcomes.services.asking import new_report
from foundation.jobs.periodic import Deed
from lifecycle.kpis.periods import organisation_today
from lifecycle.projects.models import Project


def request_monthly_reports(begins_at: datetime) -> None:
    """A report as of the last day of the month before, for each project that somebody wants it of.

    Missed days are made up for: as long as the month's report was not requested, the next turn requests it. The
    database holds one report a project and month, so two schedulers do no harm. A project that is closed or stopped, or
    that began after the month, gets none.
    """
    last_day = organisation_today().replace(day=1) - timedelta(days=1)
    month = last_day.replace(day=1)
    wanted = (
        Project.objects.filter(pk__in=ReportRecipient.objects.values("project"), started_on__lte=last_day)
        .exclude(state__in=[Project.State.STOPPED, Project.State.CLOSED])
        .exclude(pk__in=OutcomeReport.objects.filter(for_month=month).values("project"))
    )
    for project in wanted.select_for_update().order_by("pk"):
        new_report(project=project, as_of=last_day, for_month=month)


MONTHLY = Deed("monthly_outcome_reports", timedelta(hours=1), request_monthly_reports)
