"""A project with a report that somebody may steer by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import make_report
from explain.outcomes.services import request_report
from explain.steering.models import Proposal
from explain.steering.services import propose
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.explain.outcomes.conftest import live, reported

__all__ = ["live", "proposed", "renew", "reported"]


@pytest.fixture
def renew(project: Project, lead: User) -> Callable[[], OutcomeReport]:
    """renew(): another report of the same day, which becomes the current one."""

    def make() -> OutcomeReport:
        report = request_report(actor=lead, project=project, as_of=date(2025, 12, 31))
        assert report.job is not None
        assert make_report(report.job.pk) == "done"
        report.refresh_from_db()
        return report

    return make


@pytest.fixture
def proposed(project: Project, reported: OutcomeReport, manager: User) -> Proposal:
    """A manager's proposal to stop, waiting for the sponsor."""
    return propose(
        actor=manager,
        project=project,
        what="stop",
        reasons="The users left.",
        report_hash=reported.content_hash,
    )
