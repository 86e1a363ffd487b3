"""What time does in sign-off: once, on working days, also after an outage, and it never approves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from foundation.audit.models import Entry
from foundation.jobs.models import Job
from foundation.jobs.periodic import run_due
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project, Stage
from lifecycle.projects.selectors import present_stages
from lifecycle.signoff.models import Condition, Round
from lifecycle.signoff.services import submit_round, sweeping
from lifecycle.signoff.services.asking_again import remind
from lifecycle.signoff.services.sweeping import sweep
from lifecycle.signoff.tasks import sweep as sweep_task

MONDAY = date(2026, 7, 27)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """It is Monday, 27 July 2026, nine o'clock, until a test says otherwise."""
    with time_machine.travel(datetime(2026, 7, 27, 9), tick=False) as traveller:
        yield traveller


def told(kind: str) -> list[tuple[str, str]]:
    rows = Notice.objects.filter(kind=kind).order_by("pk")
    return [(notice.user.name, notice.subject) for notice in rows]


@pytest.fixture
def conditional(review: Round, sponsor: User, contributor: User, reviewer: User, answer: Any) -> Condition:
    """Approved on Monday, 27 July, on a condition that is due on Friday, 31 July."""
    return conditional_of(review, sponsor, contributor, reviewer)


def conditional_of(
    review: Round, sponsor: User, owner: User, verifier: User, due_on: date = date(2026, 7, 31)
) -> Condition:
    from lifecycle.signoff.services import decide

    decision = decide(
        actor=sponsor,
        round_id=review.pk,
        verdict="approve_with_conditions",
        reason="",
        password="correct horse battery staple",
        digest=review.digest,
        conditions=[
            {"text": "Test the night shift.", "owner_id": owner.pk, "verifier_id": verifier.pk, "due_on": due_on}
        ],
    )
    return decision.conditions.get()


# Reminders and escalation


def test_deciders_are_reminded_after_three_and_five_working_days_once_each(
    review: Round, sponsor: User, second_sponsor: User
) -> None:
    assert sweep(date(2026, 7, 29)) == []
    sweep(date(2026, 7, 30))
    sweep(date(2026, 7, 30))
    assert sorted(name for name, _ in told("round_reminder")) == [sponsor.name, second_sponsor.name]
    assert sweep(date(2026, 8, 2)) == []  # the fourth and the weekend
    sweep(date(2026, 8, 3))
    assert len(told("round_reminder")) == 4
    review.refresh_from_db()
    assert review.state == Round.State.AWAITING


def test_after_an_outage_only_the_newest_reminder_comes(review: Round, sponsor: User) -> None:
    sweep(date(2026, 8, 3))
    sweep(date(2026, 7, 30))
    sweep(date(2026, 8, 4))
    assert [name for name, _ in told("round_reminder")] == [sponsor.name]


def test_who_has_answered_or_is_not_needed_is_not_reminded(
    project: Project, first: Stage, lead: User, sponsor: User, second_sponsor: User, reviewer: User, answer: Any
) -> None:
    Project.objects.filter(pk=project.pk).update(risk="medium")
    first.project.refresh_from_db()
    review = submit_round(actor=lead, stage=first, title="May we begin?")
    answer(sponsor, review)
    sweep(date(2026, 7, 30))
    assert [name for name, _ in told("round_reminder")] == [reviewer.name]


def test_an_overdue_decision_goes_to_the_named_person_once_and_is_recorded(
    review: Round, project: Project, viewer: User, sponsor: User
) -> None:
    Project.objects.filter(pk=project.pk).update(escalates_to=viewer)
    due = review.due_on
    assert due == date(2026, 8, 3)
    sweep(date(2026, 8, 4))
    assert told("round_escalated") == []
    sweep(date(2026, 8, 5))
    sweep(date(2026, 8, 6))
    assert [name for name, _ in told("round_escalated")] == [viewer.name]
    assert Entry.objects.get(verb="escalate_round").after["missing"] == sponsor.name


def test_without_a_named_person_leads_and_administrators_are_told(
    review: Round, lead: User, administrator: User
) -> None:
    sweep(date(2026, 8, 5))
    assert sorted(name for name, _ in told("round_escalated")) == sorted([lead.name, administrator.name])


def test_silence_never_approves(review: Round, first: Stage) -> None:
    for week in range(60):
        sweep(MONDAY + timedelta(weeks=week))
    review.refresh_from_db()
    first.refresh_from_db()
    assert (review.state, first.state) == (Round.State.AWAITING, Stage.State.IN_REVIEW)
    assert len(told("round_reminder")) == 1  # of both that were due after the first week, the newest


def test_nothing_moves_in_a_stopped_project(review: Round, project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(state="stopped", stopped_reason="No budget.")
    assert sweep(date(2027, 1, 4)) == []


def test_the_time_for_advice_ends_and_the_decision_is_awaited(review: Round, sponsor: User) -> None:
    Round.objects.filter(pk=review.pk).update(state="in_feedback", feedback_until=date(2026, 7, 29))
    assert sweep(date(2026, 7, 29)) == []
    assert len(sweep(date(2026, 7, 30))) == 2  # awaited, and the reminder of that day
    review.refresh_from_db()
    assert review.state == Round.State.AWAITING


# Conditions


def test_a_condition_is_told_before_its_day_on_it_after_it_and_at_the_end_of_its_grace(
    conditional: Condition, contributor: User, reviewer: User, sponsor: User, lead: User
) -> None:
    for number in range(10):
        sweep(MONDAY + timedelta(days=number))
        sweep(MONDAY + timedelta(days=number))
    mine = [subject.split(":")[0] for name, subject in told("condition_due") if name == contributor.name]
    assert mine == [
        "Due on 31 July 2026", "Due today", "Overdue since 31 July 2026", "The last day before the approval is revoked",
    ]  # fmt: skip
    late = {name for name, subject in told("condition_due") if subject.startswith("Overdue")}
    assert late == {contributor.name, reviewer.name, sponsor.name, lead.name}


def test_after_its_grace_it_revokes_the_approval_once_and_names_the_later_stages(
    conditional: Condition, review: Round, project: Project, sponsor: User, lead: User, contributor: User
) -> None:
    sweep(date(2026, 8, 5))
    review.refresh_from_db()
    assert review.state == Round.State.CONDITIONS
    lines = [*sweep(date(2026, 8, 6)), *sweep(date(2026, 8, 6)), *sweep(date(2026, 8, 7))]
    second = project.stages.get(order=2)
    assert len(lines) == 1
    assert f"{second.name} (in progress)" in lines[0]
    review.refresh_from_db()
    conditional.refresh_from_db()
    assert (review.state, conditional.state) == (Round.State.REVOKED, Condition.State.LAPSED)
    assert [line["kind"] for line in review.difference] == ["condition", "effect"]
    assert second.name in review.difference[1]["label"]
    entry = Entry.objects.get(verb="approval_revoked")
    assert entry.after["later_stages"] == [second.name]
    assert Entry.objects.filter(verb="lapse_condition").count() == 1
    assert {name for name, _ in told("approval_revoked")} == {sponsor.name, lead.name}
    assert contributor.name in {name for name, _ in told("condition_lapsed")}
    second.refresh_from_db()
    assert second.state == Stage.State.OPEN


def test_it_lapses_after_a_long_outage_too(conditional: Condition, review: Round) -> None:
    sweep(date(2026, 12, 1))
    review.refresh_from_db()
    assert review.state == Round.State.REVOKED
    assert told("condition_due") == []


def test_a_claim_stops_no_clock_but_a_signature_does(
    conditional: Condition, review: Round, contributor: User, reviewer: User
) -> None:
    from lifecycle.signoff.condition_content import digest_of_condition
    from lifecycle.signoff.services.condition_deeds import claim_condition, verify_condition

    claim_condition(actor=contributor, condition_id=conditional.pk, note="Done.")
    sweep(date(2026, 7, 31))
    assert [name for name, _ in told("condition_due")] == [reviewer.name]
    verify_condition(
        actor=reviewer,
        condition_id=conditional.pk,
        password="correct horse battery staple",
        digest=digest_of_condition(conditional),
    )
    sweep(date(2026, 9, 1))
    review.refresh_from_db()
    assert review.state == Round.State.CONDITIONS


def test_moved_to_another_day_it_is_told_anew_and_holds_longer(
    conditional: Condition, review: Round, reviewer: User
) -> None:
    from lifecycle.signoff.services.condition_terms import move_condition

    sweep(date(2026, 7, 31))
    move_condition(
        actor=reviewer, condition_id=conditional.pk, reason="The night shift begins.", due_on=date(2026, 8, 14)
    )
    assert sweep(date(2026, 8, 6)) == []
    sweep(date(2026, 8, 14))
    assert len(told("condition_due")) == 2
    sweep(date(2026, 8, 20))
    review.refresh_from_db()
    assert review.state == Round.State.REVOKED


def test_a_condition_outlives_a_stale_approval_and_binds_the_next_one(
    conditional: Condition,
    review: Round,
    first: Stage,
    lead: User,
    sponsor: User,
    rewrite: Any,
    answer: Any,
    clock: Any,
) -> None:
    rewrite(first)
    review.refresh_from_db()
    assert review.state == Round.State.STALE
    # No approval is in force that it could revoke, so it waits.
    sweep(date(2026, 8, 6))
    conditional.refresh_from_db()
    assert conditional.state == Condition.State.OPEN
    clock.move_to(datetime(2026, 8, 10, 9))
    again = submit_round(actor=lead, stage=first, title="May we go on?")
    answer(sponsor, again)
    # The newer approval gives the grace once more, and then is the one that is revoked.
    sweep(date(2026, 8, 13))
    again.refresh_from_db()
    assert again.state == Round.State.APPROVED
    sweep(date(2026, 8, 14))
    again.refresh_from_db()
    review.refresh_from_db()
    assert (again.state, review.state) == (Round.State.REVOKED, Round.State.STALE)


def test_of_two_overdue_conditions_one_revokes_and_the_other_waits_for_the_next_approval(
    review: Round, sponsor: User, contributor: User, reviewer: User
) -> None:
    first = conditional_of(review, sponsor, contributor, reviewer)
    other = Condition.objects.create(
        project=first.project,
        round=first.round,
        decision=first.decision,
        number=2,
        text="Name who is on call.",
        owner=contributor,
        verifier=reviewer,
        due_on=first.due_on,
    )
    sweep(date(2026, 8, 20))
    first.refresh_from_db()
    other.refresh_from_db()
    assert (first.state, other.state) == (Condition.State.LAPSED, Condition.State.OPEN)
    assert Entry.objects.filter(verb="approval_revoked").count() == 1


# The last day


def test_an_approval_ends_after_its_last_day_and_is_announced_before(
    review: Round, sponsor: User, lead: User, answer: Any
) -> None:
    answer(sponsor, review)
    Round.objects.filter(pk=review.pk).update(expires_on=date(2026, 10, 30))
    assert sweep(date(2026, 10, 22)) == []
    sweep(date(2026, 10, 23))
    sweep(date(2026, 10, 30))
    assert [name for name, _ in told("approval_ends_soon")] == [lead.name]
    sweep(date(2026, 10, 31))
    sweep(date(2026, 10, 31))
    review.refresh_from_db()
    assert review.state == Round.State.EXPIRED
    assert review.difference[0]["label"] == "It was given until 30 October 2026."
    assert Entry.objects.filter(verb="approval_expired").count() == 1


def test_stages_after_a_revoked_approval_are_marked(
    conditional: Condition, project: Project, sign_in: Any, lead: User
) -> None:
    sweep(date(2026, 8, 6))
    stages = present_stages(project)
    assert [bool(stage.rests_on) for stage in stages] == [False, True, *[False] * (len(stages) - 2)]
    browser = sign_in(lead)
    for path in (f"/projects/{project.key}/stages/", f"/projects/{project.key}/stages/{stages[1].key}/"):
        assert "rests on a lapsed approval" in browser.get(path).content.decode()
    assert "approval revoked" in browser.get(f"/projects/{project.key}/").content.decode()
    lines = browser.get(f"/api/v1/projects/{project.key}/stages/").json()["results"]
    assert [line["stage"]["rests_on"] for line in lines[:3]] == ["", stages[0].key, ""]
    one = browser.get(f"/api/v1/projects/{project.key}/stages/{stages[1].key}/").json()
    assert one["stage"]["rests_on"] == stages[0].key


# The sweep itself


def test_one_that_breaks_does_not_stop_the_others(
    conditional: Condition, review: Round, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(pk: int, on: date) -> str | None:
        raise RuntimeError("no such thing")

    def lost(on: date) -> list[int]:
        raise RuntimeError("no list either")

    steps = (sweeping.Step("broken", lambda on: [1], broken), sweeping.Step("lost", lost, broken), *sweeping.STEPS)
    monkeypatch.setattr(sweeping, "STEPS", steps)
    assert len(sweep(date(2026, 8, 6))) == 1
    review.refresh_from_db()
    assert review.state == Round.State.REVOKED


def test_it_comes_round_as_one_job_whatever_was_missed(clock: Any) -> None:
    run_due()
    run_due()
    assert Job.objects.filter(kind="signoff_sweep").count() == 1
    clock.move_to(datetime(2026, 7, 29, 9))
    run_due()
    job = Job.objects.get(kind="signoff_sweep")
    assert sweep_task(job.pk) == "done"
    assert sweep_task(job.pk) == "not_ours"
    clock.move_to(datetime(2026, 7, 29, 9, 10))
    run_due()
    assert Job.objects.filter(kind="signoff_sweep").count() == 2


def test_the_command_says_each_thing_it_did(conditional: Condition) -> None:
    out = StringIO()
    call_command("sweep_signoff", on="2026-08-06", stdout=out)
    call_command("sweep_signoff", on="2026-08-06", stdout=out)
    first, second = out.getvalue().strip().split("\n")
    assert "is revoked" in first
    assert second == "Nothing is due."
    with pytest.raises(CommandError, match="no day"):
        call_command("sweep_signoff", on="tomorrow")


def test_looking_at_many_rounds_takes_few_queries(review: Round, django_assert_max_num_queries: Any) -> None:
    sweep(date(2026, 7, 30))
    with django_assert_max_num_queries(40):
        assert sweep(date(2026, 7, 30)) == []


# Asking again by hand


def test_the_requester_asks_again_once_a_day(review: Round, lead: User, sponsor: User, clock: Any) -> None:
    assert remind(actor=lead, round_id=review.pk) == [sponsor]
    with pytest.raises(Refused, match="28 July 2026, 09:00 UTC") as caught:
        remind(actor=lead, round_id=review.pk)
    assert caught.value.code == "remind_too_soon"
    clock.move_to(datetime(2026, 7, 28, 9))
    remind(actor=lead, round_id=review.pk)
    assert len(told("round_reminder")) == 2


@pytest.mark.parametrize("person", ["sponsor", "contributor", "viewer", "manager", "outsider"])
def test_nobody_else_asks_again(person: str, review: Round, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Refused) as caught:
        remind(actor=request.getfixturevalue(person), round_id=review.pk)
    assert caught.value.code == "not_permitted"


def test_a_closed_round_asks_nobody(review: Round, lead: User, sponsor: User, answer: Any) -> None:
    answer(sponsor, review)
    with pytest.raises(Refused) as caught:
        remind(actor=lead, round_id=review.pk)
    assert caught.value.code == "round_state"
