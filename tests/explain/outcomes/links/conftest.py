"""A metric tied to a KPI, and a report that knows it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection

from explain.outcomes.links.models import MetricLink
from explain.outcomes.links.services import tie_metric
from explain.outcomes.links.triggers import hold_links, let_links_go
from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import make_report
from explain.outcomes.services import request_report
from explain.register.models import ModelVersion
from foundation.people.models import User
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project
from tests.explain.outcomes.conftest import MakeLive


@pytest.fixture
def defects(live: MakeLive, project: Project, lead: User, sponsor: User) -> Kpi:
    """Defects by month, lower is better, live since January 2025."""
    live(project, lead, sponsor)
    return Kpi.objects.get(project=project)


@pytest.fixture
def versions(project: Project, lead: User) -> list[ModelVersion]:
    """Two accepted versions: from December 2024, and from May 2025."""
    return [
        ModelVersion.objects.create(
            project=project, number=number, name="Triage", format="skops", file="x", filename="x", size=1,
            sha256=str(number) * 64, state="accepted", metrics={"AUC": auc}, uploaded_by=lead,
            uploaded_at=datetime(*day, 12, tzinfo=UTC),
        )
        for number, auc, day in ((1, 0.90, (2024, 12, 10)), (2, 0.94, (2025, 5, 1)))
    ]  # fmt: skip


@pytest.fixture
def terms(defects: Kpi, versions: list[ModelVersion], project: Project) -> dict[str, Any]:
    return {
        "project": project, "kpi": defects, "model_name": "Triage", "metric": "AUC", "expected": -0.5,
        "hypothesis": "Fewer false alarms, fewer defects.",
    }  # fmt: skip


@pytest.fixture
def link(terms: dict[str, Any], contributor: User) -> MetricLink:
    return tie_metric(actor=contributor, **terms)


@pytest.fixture
def report(link: MetricLink, lead: User, project: Project) -> OutcomeReport:
    """A done report that knows the link, which is as old as the story."""
    _as_if_tied_long_ago(link)
    made = request_report(actor=lead, project=project, as_of=date(2025, 12, 31))
    assert make_report(made.job_id or 0) == "done"
    made.refresh_from_db()
    return made


def _as_if_tied_long_ago(link: MetricLink) -> None:
    editor = type("Editor", (), {"connection": connection})
    let_links_go(None, editor)
    MetricLink.objects.filter(pk=link.pk).update(created_at=datetime(2024, 12, 1, tzinfo=UTC))
    hold_links(None, editor)
