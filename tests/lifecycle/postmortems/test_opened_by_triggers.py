"""What happens opens a post-mortem by itself, once, and most of it is written already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.jobs.kinds import given_up
from foundation.jobs.models import Job
from foundation.jobs.periodic import run_due
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance.models import Acceptance
from lifecycle.kpis.models import CashLine, Kpi, Measurement, Target, ValuePerUnit
from lifecycle.postmortems import tasks
from lifecycle.postmortems.models import PostMortem, TriggerRule
from lifecycle.postmortems.needs import missing_for_review
from lifecycle.postmortems.services import change_rule, open_postmortem, rules
from lifecycle.postmortems.services.watching import watch
from lifecycle.projects.models import Member, Project
from lifecycle.projects.services import stop_project
from lifecycle.signoff.models import Round
from lifecycle.signoff.services.expiry import report_trigger

pytestmark = pytest.mark.django_db
REASON = "The labels of the second site never came."


def work() -> list[str]:
    """What a worker does with the jobs that wait."""
    jobs = Job.objects.filter(kind="postmortem_open", state=Job.State.QUEUED).order_by("pk")
    return [tasks.open_one(job.pk) for job in jobs]


def turned_down(project: Project, by: User, number: int, state: str = "rejected") -> Round:
    """A round of the first stage that ended."""
    review = Round.objects.create(
        stage=project.stages.get(order=1), project=project, number=number, state=state, title="May we?",
        requester=by, digest="d" * 64, closed_at=timezone.now(),
    )  # fmt: skip
    with transaction.atomic():
        record(
            actor=by, verb="decide_round", thing=review, kind="round", name=f"Business understanding, round {number}",
            project_id=project.pk, after={"state": state, "verdict": "reject"}, reason="No figures yet.",
        )  # fmt: skip
    return review


@pytest.fixture
def kpi(project: Project, lead: User) -> Kpi:
    """Lower is better; 5 days were promised a year ago, a day is worth 100 EUR of each period's sum."""
    made = Kpi.objects.create(
        project=project, key="days", name="Days to report", unit="d", direction="decrease", kind="flow",
        frequency="month", created_by=lead,
    )  # fmt: skip
    Target.objects.create(kpi=made, value=5, due_on=date(2026, 1, 1), set_by=lead)
    ValuePerUnit.objects.create(kpi=made, amount=Decimal(100), currency="EUR", valid_from=date(2025, 1, 1), set_by=lead)
    return made


def read(kpi: Kpi, *values: float) -> None:
    Measurement.objects.bulk_create(
        Measurement(kpi=kpi, period=date(2026, month, 1), value=value, source="api", recorded_by=kpi.created_by)
        for month, value in enumerate(values, 1)
    )


def test_a_stopped_project_has_a_draft_that_lacks_only_what_people_know(
    project: Project, kpi: Kpi, lead: User, sponsor: User
) -> None:
    read(kpi, 7, 8, 6)
    for basis, amount in (("planned", 9_000), ("actual", 12_500)):
        CashLine.objects.create(
            project=project, side="cost", basis=basis, category="people", month=date(2026, 2, 1),
            amount=Decimal(amount), currency="EUR", recorded_by=lead,
        )  # fmt: skip
    turned_down(project, sponsor, 1)
    stop_project(actor=sponsor, project=project, reason=REASON)
    assert "done" in work()
    made = PostMortem.objects.get(cause="project_stopped")
    assert (made.title, made.kind, made.state, made.owner) == (
        "Tumour triage was stopped", "project_stopped", "draft", lead,
    )  # fmt: skip
    assert (made.facilitator, made.trigger, made.detection) == (None, "project_event", "gate_review")
    assert made.origin_phase == project.stages.get(order=1).key
    assert made.detected_on == timezone.localdate()
    assert made.started_on == date(2026, 2, 1)  # when the first reading on the wrong side was known
    assert made.template is not None
    assert made.template.key == "full"
    assert REASON in made.summary
    assert project.question in made.summary
    assert missing_for_review(made) == ["a factor is missing", "a lesson is missing"]
    assert {"Project started", "Project stopped"} <= set(made.timeline.values_list("text", flat=True))
    assert "Days to report missed its target for the first time: 7 d in 2026-01, 5 d was promised" in set(
        made.timeline.values_list("text", flat=True)
    )
    assert [(i.dimension, i.amount, i.unit, i.is_estimate) for i in made.impacts.all()] == [
        ("revenue_or_cost", Decimal(600), "EUR", True),  # (2 + 3 + 1) days at 100
        ("revenue_or_cost", Decimal(12_500), "EUR", False),
        ("effort_lost", Decimal(12_500), "EUR", False),
    ]
    goals, money = made.promise["sheets"]
    assert goals["rows"][0]["promised"] == "5 d by 1 January 2026"
    assert (goals["rows"][0]["came"], goals["rows"][0]["kept"]) == ("6 d (2026-03)", False)
    assert money["rows"][0]["kept"] is False
    assert {row["is_money"] for row in money["rows"]} == {True}


def test_the_deed_and_the_job_stand_or_fall_together(project: Project, sponsor: User) -> None:
    with transaction.atomic():
        stop_project(actor=sponsor, project=project, reason=REASON)
        transaction.set_rollback(True)
    assert not Job.objects.filter(kind="postmortem_open").exists()
    stop_project(actor=sponsor, project=project, reason=REASON)
    assert Job.objects.filter(kind="postmortem_open", project_id=project.pk).count() == 1


def test_delivered_twice_it_opens_once(project: Project, sponsor: User) -> None:
    stop_project(actor=sponsor, project=project, reason=REASON)
    job = Job.objects.get(kind="postmortem_open")
    assert tasks.open_one(job.pk) == "done"
    Job.objects.filter(pk=job.pk).update(state=Job.State.QUEUED)
    assert tasks.open_one(job.pk) == "done"
    assert PostMortem.objects.filter(project=project).count() == 1


@pytest.mark.parametrize(("kind", "count"), [("project_stopped", 1), ("near_miss", 2)])
def test_where_somebody_was_quicker_no_second_one_opens(
    project: Project, lead: User, sponsor: User, kind: str, count: int
) -> None:
    stop_project(actor=sponsor, project=project, reason=REASON)
    open_postmortem(actor=lead, project=project, kind=kind, title="Why we stopped")
    work()
    assert PostMortem.objects.filter(project=project).count() == count


def test_a_failure_leaves_the_deed_and_tells_the_lead_when_it_is_given_up(
    project: Project, lead: User, sponsor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(*_: Any) -> None:
        raise ValueError("The disk is full.")

    monkeypatch.setattr("lifecycle.postmortems.services.triggering.prefill_of", breaks)
    stop_project(actor=sponsor, project=project, reason=REASON)
    assert work() == ["put_back"]
    assert Project.objects.get(pk=project.pk).state == "stopped"
    assert not PostMortem.objects.exists()
    given_up(Job.objects.get(kind="postmortem_open"))
    told = Notice.objects.get(kind="postmortem_not_opened")
    assert (told.user, told.link) == (lead, "/projects/triage/post-mortems/new/?kind=project_stopped")


def test_only_the_second_rejection_of_a_stage_opens_one(project: Project, lead: User, sponsor: User) -> None:
    turned_down(project, sponsor, 1)
    turned_down(project, sponsor, 2, state="changes_requested")
    work()
    assert not PostMortem.objects.exists()
    turned_down(project, sponsor, 3)
    turned_down(project, sponsor, 4)
    work()
    made = PostMortem.objects.get()
    assert (made.cause, made.cause_key, made.stage) == (
        "stage_rejected_twice", project.stages.get(order=1).key, project.stages.get(order=1),
    )  # fmt: skip
    assert made.owner == lead


def test_a_refused_acceptance_opens_one_with_the_words_of_the_customer(project: Project, customer: User) -> None:
    offer = Acceptance.objects.create(project=project, stage=project.stages.get(order=1), number=1, created_by=customer)
    with transaction.atomic():
        record(
            actor=customer, verb="decide_acceptance", thing=offer, kind="acceptance", project_id=project.pk,
            after={"state": "rejected"}, reason="It is slower than before.",
        )  # fmt: skip
    work()
    made = PostMortem.objects.get()
    assert (made.kind, made.severity, made.detection) == ("acceptance_refused", "high", "customer_report")
    assert "> It is slower than before." in made.summary


@pytest.mark.parametrize(("trigger", "cause"), [("drift_above_limit", "drift"), ("rollback", "rollback")])
def test_a_report_opens_one_and_another_only_once_that_is_published(
    project: Project, contributor: User, sponsor: User, trigger: str, cause: str
) -> None:
    for _ in range(2):
        report_trigger(actor=contributor, project=project, trigger=trigger, reason="Codes changed.")
    work()
    made = PostMortem.objects.get()
    assert (made.cause, made.kind) == (cause, "production_incident")
    assert any("Codes changed." in event.text for event in made.timeline.all())
    PostMortem.objects.filter(pk=made.pk).update(state="published", published_by=sponsor)
    report_trigger(actor=contributor, project=project, trigger=trigger, reason="Again.")
    work()
    assert PostMortem.objects.count() == 2


def test_an_alert_opens_one_from_the_severity_of_the_rule_on_and_gives_it_its_own(
    project: Project, contributor: User, administrator: User, sign_in: Any
) -> None:
    rule = change_rule(actor=administrator, cause="drift", is_on=True, severity="low", template="light", least="medium")
    assert rule.least == "medium"
    assert (
        "From an alert of severity medium on." in sign_in(administrator).get("/post-mortems/triggers/").content.decode()
    )
    report_trigger(actor=contributor, project=project, trigger="drift_above_limit", reason="A little.", severity="low")
    work()
    assert not PostMortem.objects.exists()
    report_trigger(actor=contributor, project=project, trigger="drift_above_limit", reason="A lot.", severity="high")
    work()
    made = PostMortem.objects.get()
    assert (made.cause, made.severity) == ("drift", "high")
    PostMortem.objects.filter(pk=made.pk).update(state="published", published_by=administrator)
    report_trigger(actor=contributor, project=project, trigger="drift_above_limit", reason="Nobody says how much.")
    work()
    assert sorted(PostMortem.objects.values_list("severity", flat=True)) == ["high", "low"]
    with pytest.raises(Refused) as refused:
        report_trigger(actor=contributor, project=project, trigger="rollback", reason="Undone.", severity="dire")
    assert refused.value.code == "severity_unknown"


def test_a_kpi_that_misses_three_times_running_opens_one_whatever_the_policies_list(project: Project, kpi: Kpi) -> None:
    read(kpi, 7, 8)
    assert watch(date(2026, 6, 1)) == []
    read_more = Measurement(kpi=kpi, period=date(2026, 3, 1), value=9, source="api", recorded_by=kpi.created_by)
    read_more.save()
    assert watch(date(2025, 12, 31)) == []  # not due yet
    (made,) = watch(date(2026, 6, 1))
    assert (made.cause, made.title) == ("kpi_missed", "Days to report misses its target")
    assert (made.started_on, made.detected_on) == (date(2026, 1, 1), date(2026, 6, 1))
    assert watch(date(2026, 6, 2)) == []


def test_a_kpi_that_recovered_opens_none(kpi: Kpi) -> None:
    read(kpi, 7, 8, 5)
    assert watch(date(2026, 6, 1)) == []


def test_the_look_at_kpis_comes_round_once_a_day_as_one_job() -> None:
    now = timezone.now().replace(hour=10)
    assert "postmortem_kpis" in run_due(now)
    assert "postmortem_kpis" not in run_due(now + timedelta(hours=1))
    assert Job.objects.filter(kind="postmortem_kpis").count() == 1


@pytest.mark.parametrize("who", ["lead", "sponsor", "created_by"])
def test_its_owner_is_the_lead_else_the_sponsor_else_who_opened_the_project(
    project: Project, lead: User, sponsor: User, contributor: User, who: str
) -> None:
    gone = {"lead": [], "sponsor": ["lead"], "created_by": ["lead", "sponsor"]}[who]
    report_trigger(actor=contributor, project=project, trigger="rollback", reason="Codes changed.")
    Member.objects.filter(project=project, role__in=gone).update(left_at=timezone.now())
    work()
    assert PostMortem.objects.get().owner == (sponsor if who == "sponsor" else lead)


def test_owner_and_lead_are_told_why_and_what_is_filled_in(project: Project, lead: User, sponsor: User) -> None:
    stop_project(actor=sponsor, project=project, reason=REASON)
    work()
    told = Notice.objects.get(kind="postmortem_opened")
    assert told.user == lead
    assert "It opened by itself because a project is stopped." in told.body
    assert "moments of the timeline" in told.body
    assert "a lesson is missing" in told.body
    entry = Entry.objects.get(verb="open_postmortem")
    assert (entry.actor, entry.after["cause"]) == (None, "project_stopped")
    assert REASON not in str(entry.after)


def test_a_cause_that_is_turned_off_opens_nothing(project: Project, sponsor: User, administrator: User) -> None:
    change_rule(actor=administrator, cause="project_stopped", is_on=False, severity="low", template="light")
    stop_project(actor=sponsor, project=project, reason=REASON)
    assert work() == ["done"]
    assert not PostMortem.objects.exists()


def test_only_administrators_change_what_opens_one(lead: User, administrator: User) -> None:
    assert {rule.cause for rule in rules()} == {
        "project_stopped", "stage_rejected_twice", "acceptance_refused", "kpi_missed", "rollback", "drift",
    }  # fmt: skip
    change: Callable[..., TriggerRule] = change_rule
    asked = {"cause": "drift", "is_on": True, "severity": "high", "template": "light"}
    for actor, wrong, code in (
        (lead, {}, "not_permitted"),
        (administrator, {"severity": "dire"}, "severity_unknown"),
        (administrator, {"least": "dire"}, "severity_unknown"),
        (administrator, {"template": "none"}, "template_unknown"),
    ):
        with pytest.raises(Refused) as refused:
            change(actor=actor, **{**asked, **wrong})
        assert refused.value.code == code
    assert change(actor=administrator, **asked).severity == "high"
    assert Entry.objects.filter(verb="change_postmortem_trigger").count() == 1
    change(actor=administrator, **asked)
    assert Entry.objects.filter(verb="change_postmortem_trigger").count() == 1
