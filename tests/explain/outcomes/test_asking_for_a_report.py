"""Asking for a report, and the worker's part: once, behind the fence, never changed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from explain.outcomes.evidence import collect, recheck, summarise
from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import inputs_of, make_report
from explain.outcomes.services import request_report
from explain.outcomes.tasks import outcome_report
from foundation.audit.models import Entry
from foundation.jobs.kinds import kind_named
from foundation.jobs.models import Job
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.digest import digest_of
from foundation.web.refused import Refused
from lifecycle.kpis.models import CashLine
from lifecycle.projects.models import Project
from tests.ended import ended
from tests.explain.outcomes.conftest import MakeLive

END = date(2025, 12, 31)


@pytest.mark.parametrize("who", ["lead", "contributor", "sponsor", "manager"])
def test_team_sponsor_and_managers_may_ask(who: str, project: Project, request: pytest.FixtureRequest) -> None:
    report = request_report(actor=request.getfixturevalue(who), project=project)
    assert report.state == "waiting"
    assert report.job is not None
    assert report.job.kind == "outcome_report"


@pytest.mark.parametrize("who", ["viewer", "customer", "reviewer", "outsider", "administrator"])
def test_others_may_not_ask(who: str, project: Project, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Refused) as refused:
        request_report(actor=request.getfixturevalue(who), project=project)
    assert refused.value.status == 403
    assert not OutcomeReport.objects.exists()


def test_asking_twice_while_one_waits_gives_the_same_report(project: Project, lead: User, sponsor: User) -> None:
    first = request_report(actor=lead, project=project)
    assert request_report(actor=sponsor, project=project).pk == first.pk
    assert Job.objects.filter(kind="outcome_report").count() == 1
    assert Entry.objects.filter(verb="request_outcome_report").count() == 1


def test_the_request_is_published_after_commit(
    project: Project, lead: User, published: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        report = request_report(actor=lead, project=project)
    assert ("outcomes.make_report", [report.job_id]) in published


@pytest.mark.parametrize(("day", "code"), [(date(2999, 1, 1), "as_of_ahead"), (date(2025, 12, 31), "as_of_too_early")])
def test_a_day_ahead_or_before_the_project_is_refused(project: Project, lead: User, day: date, code: str) -> None:
    with pytest.raises(Refused) as refused:
        request_report(actor=lead, project=project, as_of=day)
    assert refused.value.code == code


def test_a_report_is_stored_with_its_hashes_head_audit_entry_and_notice(reported: OutcomeReport, lead: User) -> None:
    assert reported.state == "done"
    assert reported.is_current
    assert reported.inputs_hash == digest_of(reported.inputs) == digest_of(inputs_of(reported))
    assert reported.content_hash == digest_of(reported.result)
    assert reported.formula_version == "report-3"
    assert (reported.costs_to_date, reported.benefits_to_date, reported.net_to_date) == (600, 1200, 600)
    assert (reported.planned_net_to_date, reported.roi_percent, reported.npv) == (300, 100, 1800)
    assert reported.grade == "measured"
    entry = Entry.objects.get(verb="complete_outcome_report")
    assert entry.actor is None
    assert entry.after["content_hash"] == reported.content_hash
    assert Notice.objects.filter(user=lead, kind="outcome_report_done", link=reported.get_absolute_url()).count() == 1
    assert reported.job is not None
    found = kind_named(reported.job.kind).result
    assert found is not None
    assert found(reported.job) == (f"Outcome report 1 of {reported.project.name}", reported.get_absolute_url())
    reported.job.refresh_from_db()
    assert reported.job.state == "done"


def test_what_was_stopped_is_forecast_no_more_when_its_record_is_closed(reported: OutcomeReport, lead: User) -> None:
    for facts, is_over in (({"stopped_reason": ""}, False), ({"stopped_reason": "No users."}, True)):
        Project.objects.filter(pk=reported.project_id).update(**{**ended("closed", lead), **facts})
        assert inputs_of(OutcomeReport.objects.get(pk=reported.pk))["stopped"] is is_over


def test_a_second_delivery_changes_nothing(reported: OutcomeReport) -> None:
    before = OutcomeReport.objects.filter(pk=reported.pk).values().get()
    entries = Entry.objects.count()
    assert outcome_report(reported.job_id) == "not_ours"
    assert OutcomeReport.objects.filter(pk=reported.pk).values().get() == before
    assert Entry.objects.count() == entries
    assert Notice.objects.filter(kind="outcome_report_done").count() == 1


def test_a_second_worker_that_takes_over_finds_the_result_and_leaves_it(reported: OutcomeReport) -> None:
    Job.objects.filter(pk=reported.job_id).update(
        state="running", lease_token="old", lease_until=timezone.now() - timedelta(minutes=1), attempts=1
    )
    before = OutcomeReport.objects.filter(pk=reported.pk).values().get()
    assert make_report(reported.job_id or 0) == "done"
    assert OutcomeReport.objects.filter(pk=reported.pk).values().get() == before
    assert Entry.objects.filter(verb="complete_outcome_report").count() == 1


def test_a_worker_whose_lease_is_gone_stores_nothing(
    live: MakeLive, project: Project, lead: User, sponsor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(project, lead, sponsor)
    report = request_report(actor=lead, project=project, as_of=END)

    def steal_then_read(asked: OutcomeReport) -> dict[str, Any]:
        Job.objects.filter(pk=report.job_id).update(lease_token="another")
        return inputs_of(asked)

    monkeypatch.setattr("explain.outcomes.runs.inputs_of", steal_then_read)
    assert make_report(report.job_id or 0) == "lost"
    report.refresh_from_db()
    assert report.state == "waiting"
    assert report.result == {}


def test_later_facts_leave_a_report_as_it_was_and_the_next_one_shows_the_difference(
    reported: OutcomeReport, project: Project, lead: User
) -> None:
    content, result = reported.content_hash, reported.result
    CashLine.objects.create(
        project=project, side="cost", basis="actual", category="run", month=date(2025, 3, 1), amount=100, currency="EUR",
        recorded_by=lead,
    )  # fmt: skip
    # Recorded today: a report as of the end of 2025 does not know it, one as of today does.
    again = request_report(actor=lead, project=project, as_of=END)
    make_report(again.job_id or 0)
    again.refresh_from_db()
    assert again.content_hash == content
    newer = request_report(actor=lead, project=project)
    make_report(newer.job_id or 0)
    newer.refresh_from_db()
    reported.refresh_from_db()
    assert newer.costs_to_date == 700
    assert newer.former == again
    assert newer.content_hash != content
    again.refresh_from_db()
    assert (reported.is_current, again.is_current, newer.is_current) == (False, False, True)
    assert (reported.content_hash, reported.result) == (content, result)


def test_the_same_seed_gives_the_same_report(reported: OutcomeReport, project: Project, lead: User) -> None:
    twin = request_report(actor=lead, project=project, as_of=END, seed=0)
    make_report(twin.job_id or 0)
    twin.refresh_from_db()
    assert (twin.inputs_hash, twin.content_hash) == (reported.inputs_hash, reported.content_hash)


def test_the_database_refuses_two_current_reports_and_a_result_without_hash(reported: OutcomeReport) -> None:
    for changes in ({"is_current": True, "number": 9}, {"state": "done", "number": 9}):
        with pytest.raises(IntegrityError), transaction.atomic():
            OutcomeReport.objects.create(
                **{"project": reported.project, "as_of": END, "currency": "EUR", **changes}  # type: ignore[arg-type]
            )


def test_a_report_that_was_given_up_is_closed_and_another_may_be_asked_for(project: Project, lead: User) -> None:
    from foundation.jobs.kinds import given_up

    report = request_report(actor=lead, project=project)
    Job.objects.filter(pk=report.job_id).update(state="dead", finished_at=timezone.now())
    assert report.job is not None
    report.job.refresh_from_db()
    given_up(report.job)
    report.refresh_from_db()
    assert report.state == "refused"
    assert request_report(actor=lead, project=project).number == 2


def test_a_cancelled_computation_does_not_block_the_next(project: Project, lead: User) -> None:
    report = request_report(actor=lead, project=project)
    Job.objects.filter(pk=report.job_id).update(state="cancelled")
    assert request_report(actor=lead, project=project).number == 2
    report.refresh_from_db()
    assert report.refusal_code == "not_finished"


def test_what_cannot_be_computed_is_refused_with_its_reason(
    live: MakeLive, project: Project, lead: User, sponsor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    live(project, lead, sponsor)
    report = request_report(actor=lead, project=project, as_of=END)

    def too_large(asked: OutcomeReport) -> dict[str, Any]:
        inputs = inputs_of(asked)
        inputs["cash_lines"][0]["amount"] = "1" + "0" * 30
        return inputs

    monkeypatch.setattr("explain.outcomes.runs.inputs_of", too_large)
    assert make_report(report.job_id or 0) == "failed"
    report.refresh_from_db()
    assert (report.state, report.refusal_code) == ("refused", "number_out_of_range")


def test_the_current_report_is_evidence_bound_by_its_hash(reported: OutcomeReport, project: Project) -> None:
    stage = project.stages.first()
    assert stage is not None
    (item,) = collect(stage)
    assert item.hash == reported.content_hash
    assert item.facts["grade"] == "measured"
    assert recheck(project, [item.key, "outcome_report:999999", "outcome_report:x"]) == {
        item.key: reported.content_hash,
        "outcome_report:999999": None,
        "outcome_report:x": None,
    }
    summary = summarise(project, [item])
    assert summary is not None
    assert summary.context["report"] == reported


def test_a_project_without_report_puts_no_evidence_forward(project: Project) -> None:
    stage = project.stages.first()
    assert stage is not None
    assert collect(stage) == []
    assert summarise(project, []) is None
