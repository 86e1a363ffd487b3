"""What a sweep found without a lock it looks at again under one: what is not due, or was done meanwhile, is left alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from structlog.testing import capture_logs

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import CashLine
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Project, Role, Stage
from lifecycle.projects.services import add_member, remove_member, start_project
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition, Decision, Round, Signature
from lifecycle.signoff.services import go_back, submit_round, sweeping
from lifecycle.signoff.services.condition_deeds import drop_condition
from lifecycle.signoff.services.condition_timers import look_at_condition
from lifecycle.signoff.services.returning import actual_cost
from lifecycle.signoff.services.round_timers import end_advice, escalate, expire, send_reminder, warn_of_end
from lifecycle.signoff.services.stuck import look_at_round
from lifecycle.signoff.services.submitting import later_has_begun
from lifecycle.signoff.services.sweeping import sweep
from lifecycle.signoff.services.waivers import grant_waiver
from lifecycle.signoff.services.watching import watched_projects
from tests.conftest import PASSWORD
from tests.ended import ended
from tests.lifecycle.signoff.test_timers import conditional_of
from tests.lifecycle.signoff.test_triggers import ending_on

pytestmark = pytest.mark.django_db
DUE = date(2026, 7, 30)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """It is Monday, 27 July 2026, nine o'clock."""
    with time_machine.travel(datetime(2026, 7, 27, 9, tzinfo=UTC), tick=False) as traveller:
        yield traveller


Answer = Callable[..., Decision]


@pytest.fixture
def other(crisp_dm: Methodology, lead: User, sponsor: User) -> Project:
    """A second project of the same lead and sponsor."""
    made = start_project(
        actor=lead, key="other", name="Other", question="What else?", methodology=crisp_dm,
        started_on=date(2026, 1, 5), risk=Project.Risk.LOW,
    )  # fmt: skip
    add_member(actor=lead, project=made, user=sponsor, role=Role.SPONSOR)
    return made


@pytest.mark.parametrize(
    ("until", "on", "goes_on"),
    [(None, DUE, False), (DUE, DUE, False), (DUE, date(2026, 7, 31), True)],
)
def test_advice_is_taken_through_its_last_day(review: Round, until: date | None, on: date, goes_on: bool) -> None:
    Round.objects.filter(pk=review.pk).update(state="in_feedback", feedback_until=until)
    assert bool(end_advice(review.pk, on)) is goes_on
    review.refresh_from_db()
    assert review.state == ("awaiting_decision" if goes_on else "in_feedback")
    assert end_advice(review.pk, on) is None


@pytest.mark.parametrize(
    ("until", "on", "ends"), [(None, DUE, False), (DUE, DUE, False), (DUE, date(2026, 7, 31), True)]
)
def test_an_approval_holds_through_its_last_day(
    review: Round, sponsor: User, answer: Answer, until: date | None, on: date, ends: bool
) -> None:
    answer(sponsor, review)
    Round.objects.filter(pk=review.pk).update(expires_on=until)
    assert bool(expire(review.pk, on)) is ends
    assert Round.objects.get(pk=review.pk).state == ("expired" if ends else "approved")
    assert expire(review.pk, on) is None


def test_an_approval_that_a_newer_one_replaced_does_not_expire(
    first: Stage, lead: User, sponsor: User, answer: Answer
) -> None:
    urgent = submit_round(actor=lead, stage=first, title="Now", emergency="It burns.")
    answer(sponsor, urgent)
    urgent.refresh_from_db()
    assert urgent.expires_on is not None
    newer = submit_round(actor=lead, stage=Stage.objects.get(pk=first.pk), title="Regular")
    answer(sponsor, newer)
    assert expire(urgent.pk, date(2027, 1, 4)) is None


def test_the_end_of_an_approval_is_told_to_its_project_alone_and_once(
    review: Round, other: Project, sponsor: User, lead: User, viewer: User, answer: Answer
) -> None:
    add_member(actor=lead, project=other, user=viewer, role=Role.LEAD)
    assert warn_of_end(review.pk, DUE) is None  # not approved yet
    answer(sponsor, review)
    assert warn_of_end(review.pk, DUE) is None  # it has no last day
    Round.objects.filter(pk=review.pk).update(expires_on=DUE)
    assert warn_of_end(review.pk, DUE)
    assert warn_of_end(review.pk, DUE) is None
    told = lead.notices.filter(kind="approval_ends_soon").count(), viewer.notices.filter(kind="approval_ends_soon")
    assert told[0] == 1
    assert not told[1]


def test_reminder_escalation_and_nobody_are_told_once(review: Round, lead: User, sponsor: User) -> None:
    late = date(2026, 8, 31)
    assert send_reminder(review.pk, date(2026, 7, 27)) is None
    assert escalate(review.pk, date(2026, 7, 27)) is None
    assert look_at_round(review.pk, late) is None
    assert send_reminder(review.pk, late)
    assert send_reminder(review.pk, late) is None
    assert escalate(review.pk, late)
    assert escalate(review.pk, late) is None
    remove_member(actor=lead, member=review.project.members.get(user=sponsor))
    assert look_at_round(review.pk, late) is None  # said when the sponsor left


@pytest.mark.parametrize("state", ["stopped", "closed"])
def test_a_condition_of_a_project_that_ended_is_left_alone(
    review: Round, sponsor: User, contributor: User, reviewer: User, state: str
) -> None:
    condition = conditional_of(review, sponsor, contributor, reviewer)
    Project.objects.filter(pk=review.project_id).update(**ended(state, sponsor))
    assert look_at_condition(condition.pk, date(2026, 9, 1)) is None


def test_a_condition_that_is_met_is_left_alone(review: Round, sponsor: User, contributor: User, reviewer: User) -> None:
    condition = conditional_of(review, sponsor, contributor, reviewer)
    Condition.objects.filter(pk=condition.pk).update(state="met", closed_at=timezone.now())
    assert look_at_condition(condition.pk, date(2026, 9, 1)) is None


def test_what_it_cost_so_far_counts_each_month_that_began_of_this_project_alone(
    project: Project, other: Project, lead: User
) -> None:
    def line(amount: str, month: date, until: date | None = None, of: Project = project, **others: Any) -> None:
        given = {"side": "cost", "basis": "actual", "category": "people", "currency": "EUR", **others}
        CashLine.objects.create(
            project=of, amount=Decimal(amount), month=month, until=until, recorded_by=lead, **given
        )  # fmt: skip

    today = date(2026, 7, 27)
    assert actual_cost(project, until=today) == 0
    line("100", date(2026, 7, 1))
    line("10", date(2024, 11, 1), date(2026, 2, 1))  # 16 months
    line("1", date(2026, 6, 1), date(2027, 6, 1))  # two of them have begun
    line("7000", date(2026, 8, 1))
    line("7000", date(2026, 7, 1), of=other)
    line("7000", date(2026, 7, 1), side="benefit", category="benefit")
    line("7000", date(2026, 7, 1), basis="planned")
    line("7000", date(2026, 7, 1), voided_at=timezone.now())
    assert actual_cost(project, until=today) == Decimal("262")
    line("1", date(2026, 7, 1), currency="USD")
    assert actual_cost(project, until=today) is None


def test_an_exception_names_a_stage_and_a_person_of_its_own_project(
    project: Project, other: Project, lead: User, sponsor: User, reviewer: User, viewer: User
) -> None:
    def grant(**others: Any) -> Any:
        return grant_waiver(
            actor=sponsor, project=project, reason="Ill.", starts_on=DUE, ends_on=DUE, password=PASSWORD, **others
        )

    Stage.objects.filter(project=other, order=1).update(key="elsewhere")
    with pytest.raises(Refused) as refused:
        grant(what="role", role="reviewer", stage_key="elsewhere")
    assert refused.value.code == "stage_unknown"
    add_member(actor=lead, project=other, user=viewer, role=Role.REVIEWER)
    with pytest.raises(Refused) as refused:
        grant(what="self_approval", person=viewer)
    assert refused.value.code == "waiver_person"
    remove_member(actor=lead, member=project.members.get(user=reviewer))
    with pytest.raises(Refused) as refused:
        grant(what="self_approval", person=reviewer)
    assert refused.value.code == "waiver_person"


def test_a_condition_ends_the_approval_of_its_own_stage_and_project_alone(
    review: Round, other: Project, lead: User, sponsor: User, contributor: User, reviewer: User, complete: Any,
    answer: Answer,
) -> None:  # fmt: skip
    conditional_of(review, sponsor, contributor, reviewer)
    add_member(actor=lead, project=other, user=contributor, role=Role.CONTRIBUTOR)
    later = [
        complete(review.project.stages.get(order=2), contributor),
        complete(other.stages.get(order=1), contributor),
    ]
    for stage in later:
        answer(sponsor, submit_round(actor=lead, stage=stage, title="May we go on?"))
    sweep(date(2026, 9, 1))
    states = dict(Round.objects.order_by("pk").values_list("pk", "state"))
    assert states.pop(review.pk) == "revoked"
    assert list(states.values()) == ["approved", "approved"]


def test_who_signs_off_a_condition_signs_in_the_role_in_which_they_decided(
    review: Round, lead: User, sponsor: User, contributor: User, reviewer: User
) -> None:
    add_member(actor=lead, project=review.project, user=sponsor, role=Role.LEAD)
    condition = conditional_of(review, sponsor, contributor, reviewer)
    drop_condition(
        actor=sponsor, condition_id=condition.pk, password=PASSWORD, digest=digest_of_condition(condition), reason="No."
    )
    assert Signature.objects.get(record_kind="condition").role == "sponsor"


def test_stages_of_a_former_iteration_have_not_begun_after_this_one(
    review: Round, lead: User, sponsor: User, answer: Answer
) -> None:
    answer(sponsor, review)
    second = review.project.stages.get(order=2)
    go_back(actor=lead, stage=second, to_key=review.stage.key, reason="Wrong question.")
    present = review.project.stages.get(order=1, is_current=True)
    assert review.project.stages.filter(order=2, is_current=False, state="superseded").exists()
    assert not later_has_begun(present)


def test_what_breaks_in_a_sweep_is_logged_with_its_step_and_row(review: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: Any) -> Any:
        raise ValueError("The disk is full.")

    steps = (
        sweeping.Step("finds_nothing", breaks, breaks),
        sweeping.Step("does_nothing", lambda on: [review.pk], breaks),
    )
    monkeypatch.setattr(sweeping, "STEPS", steps)
    with capture_logs() as logs:
        assert sweep(DUE) == []
    kept = [{name: log[name] for name in ("event", "step", "row", "error", "log_level")} for log in logs]
    broke = {"event": "sweep_broke", "error": "ValueError('The disk is full.')", "log_level": "error"}
    assert kept == [
        {**broke, "step": "finds_nothing", "row": None},
        {**broke, "step": "does_nothing", "row": review.pk},
    ]


def test_a_room_above_joins_the_sweep_under_the_name_of_its_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "_joined", {})
    sweeping.add_step(sweeping.Step("first", lambda on: [1, 2], lambda pk, on: f"{pk} on {on}"))
    sweeping.add_step(sweeping.Step("first", lambda on: [3], lambda pk, on: f"{pk} on {on}"))
    said: list[str] = []
    assert sweep(DUE, said.append) == said == ["3 on 2026-07-30"]


def test_only_named_projects_whose_approvals_a_kpi_can_end_are_watched(
    review: Round, other: Project, sponsor: User, answer: Answer
) -> None:
    answer(sponsor, review)
    assert watched_projects() == []
    ending_on(review, "kpi_below_target")
    assert watched_projects() == watched_projects([review.project_id]) == [review.project_id]
    assert watched_projects([other.pk]) == []
    Stage.objects.filter(pk=review.stage_id).update(is_current=False)
    assert watched_projects() == []
