"""The database itself keeps what was computed: on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from explain.attributions.models import Explanation
from explain.outcomes.models import OutcomeReport
from explain.register.models import DataSet, ModelVersion
from foundation.jobs.models import Job
from foundation.people.models import User
from lifecycle.projects.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True, params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> str:
    """Each test once per kind of database; the run chooses by the mark."""
    return str(request.param)


@pytest.fixture
def report(project: Project, lead: User) -> OutcomeReport:
    """A computed report that follows another one."""
    former = OutcomeReport.objects.create(
        project=project, number=1, state="done", as_of=date(2026, 5, 31), inputs_hash="a" * 64, content_hash="b" * 64,
        currency="EUR", result={"grade": "assumed"},
    )  # fmt: skip
    return OutcomeReport.objects.create(
        project=project, number=2, state="done", as_of=date(2026, 6, 30), inputs_hash="c" * 64, content_hash="d" * 64,
        currency="EUR", grade="measured", result={"grade": "measured"}, is_current=True, former=former,
        job=Job.objects.create(kind="outcome_report"),
    )  # fmt: skip


@pytest.fixture
def explanation(project: Project, lead: User) -> Explanation:
    """A computed explanation."""
    model = ModelVersion.objects.create(
        project=project, number=1, name="Triage", format="skops", file="x", filename="x", size=1, sha256="a" * 64,
        uploaded_by=lead,
    )  # fmt: skip
    data = DataSet.objects.create(
        project=project, number=1, name="Samples", format="csv", file="x", filename="x", size=1, sha256="b" * 64,
        uploaded_by=lead,
    )  # fmt: skip
    return Explanation.objects.create(
        project=project, model_version=model, data_set=data, state="done", rows=500, summary={"drivers": []},
        content_hash="c" * 64, created_by=lead,
    )  # fmt: skip


def _refused(sql: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(
    "change",
    [
        "state = 'waiting'",
        "grade = 'verified'",
        "benefits_to_date = 1000000",
        "benefits_to_date = NULL, costs_to_date = 1",
        "result = '{}'",
        "inputs_hash = 'x'",
        "content_hash = 'x'",
        "number = 7",
        "finished_at = '2026-01-01', is_current = FALSE",
        "former_id = id",
    ],
)
def test_a_computed_report_is_never_changed(report: OutcomeReport, change: str) -> None:
    _refused(f"UPDATE explain_outcomereport SET {change} WHERE number = 2")
    assert OutcomeReport.objects.filter(number=2, grade="measured", result={"grade": "measured"}).exists()


@pytest.mark.parametrize(
    "change", ["state = 'refused', refusal = 'x'", "summary = '{}'", "rows = 1", "content_hash = 'x'", "engine = 'x'"]
)
def test_a_computed_explanation_is_never_changed(explanation: Explanation, change: str) -> None:
    _refused(f"UPDATE explain_explanation SET {change}")
    assert Explanation.objects.filter(rows=500, engine="", content_hash="c" * 64).exists()


def test_neither_is_deleted(report: OutcomeReport, explanation: Explanation) -> None:
    _refused("DELETE FROM explain_outcomereport")
    _refused("DELETE FROM explain_explanation")
    with pytest.raises(IntegrityError), transaction.atomic():
        report.delete()
    assert (OutcomeReport.objects.count(), Explanation.objects.count()) == (2, 1)


def test_a_newer_report_takes_its_place_and_its_job_may_go(report: OutcomeReport) -> None:
    report.is_current = False
    report.save()
    assert report.job is not None
    report.job.delete()
    report.refresh_from_db()
    assert (report.is_current, report.job, report.grade) == (False, None, "measured")


@pytest.mark.parametrize("state", ["waiting", "refused"])
def test_until_it_is_computed_a_row_may_change(
    project: Project, explanation: Explanation, lead: User, state: str
) -> None:
    report = OutcomeReport.objects.create(project=project, number=3, as_of=date(2026, 6, 30), currency="EUR")
    for row in (report, Explanation.objects.create(
        project=project, model_version=explanation.model_version, data_set=explanation.data_set, created_by=lead
    )):  # fmt: skip
        changes: dict[str, Any] = {"state": state, "refusal": "No readings.", "content_hash": "", "finished_at": None}
        type(row).objects.filter(pk=row.pk).update(**changes)
        row.refresh_from_db()
        row.state, row.content_hash, row.refusal = "done", "e" * 64, ""
        if isinstance(row, OutcomeReport):
            row.inputs_hash = "f" * 64
        row.save()
        row.refresh_from_db()
        assert row.state == "done"


def test_a_demonstration_goes_with_what_was_computed(
    project: Project, report: OutcomeReport, explanation: Explanation
) -> None:
    Project.objects.update(is_demo=True)
    OutcomeReport.objects.filter(project=project).delete()
    Explanation.objects.filter(project=project).delete()
    assert not OutcomeReport.objects.exists()
    assert not Explanation.objects.exists()
