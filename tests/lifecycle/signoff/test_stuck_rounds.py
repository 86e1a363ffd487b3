"""Rounds that nobody could finish: they end with the project, or the lead is told what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.people.services import deactivate, reactivate
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.projects.services import add_member, remove_member, stop_project
from lifecycle.projects.services.delegating import delegate, end_delegation
from lifecycle.signoff import policy
from lifecycle.signoff.models import Decision, PolicyVersion, Round, Waiver
from lifecycle.signoff.services import submit_round, withdraw_decision, withdraw_round
from lifecycle.signoff.services.rules import rules_for
from lifecycle.signoff.services.sweeping import sweep
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 7, 27, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """It is Monday, 27 July 2026, nine o'clock, until a test says otherwise."""
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


def quorum(project: Project, node: dict[str, Any], by: User) -> None:
    """From now on the tier of the project asks for this."""
    number = PolicyVersion.objects.filter(tier=project.risk).count() + 1
    content = {**policy.shipped_policy("low"), "quorum": node}
    PolicyVersion.objects.create(tier=project.risk, number=number, content=content, reason="Asked.", by=by)


def times_told(person: User) -> int:
    return Notice.objects.filter(kind="round_nobody", user=person).count()


def cover(giver: User, stand_in: User, days: int = 1, project: Project | None = None) -> Any:
    today = timezone.localdate()
    return delegate(
        actor=giver, from_person=giver, to_person=stand_in, starts_on=today, project=project,
        ends_on=today + timedelta(days=days - 1), reason="Away.",
    )  # fmt: skip


def test_a_project_that_stops_takes_its_open_rounds_back(
    review: Round, lead: User, sponsor: User, first: Stage, answer: Callable[..., Decision]
) -> None:
    stop_project(actor=sponsor, project=review.project, reason="No money.")
    review.refresh_from_db()
    first.refresh_from_db()
    assert (review.state, first.state) == (Round.State.WITHDRAWN, Stage.State.OPEN)
    assert review.closed_at is not None
    entry = Entry.objects.get(verb="withdraw_round")
    assert (entry.actor, entry.before["state"], entry.reason) == (
        sponsor,
        "awaiting_decision",
        "The project is stopped.",
    )
    assert [notice.user for notice in Notice.objects.filter(kind="round_withdrawn")] == [lead]
    with pytest.raises(Refused) as refused:
        answer(sponsor, review)
    assert refused.value.code == "round_closed"


def test_a_round_left_over_in_a_stopped_project_is_not_decided_and_can_be_withdrawn(
    review: Round, lead: User, sponsor: User, first: Stage, answer: Callable[..., Decision]
) -> None:
    Project.objects.filter(pk=review.project_id).update(state=Project.State.STOPPED, stopped_reason="No money.")
    for verdict in ("approve", "reject"):
        with pytest.raises(Refused) as refused:
            answer(sponsor, review, verdict)
        assert refused.value.code == "project_closed"
    assert withdraw_round(actor=lead, round_id=review.pk).state == Round.State.WITHDRAWN
    first.refresh_from_db()
    assert first.state == Stage.State.OPEN


def test_an_edit_of_the_project_leaves_its_rounds_open(review: Round, lead: User) -> None:
    from lifecycle.projects.services import edit_project

    project = Project.objects.get(pk=review.project_id)
    edit_project(actor=lead, project=project, expected_version=project.version, name="Triage of samples")
    review.refresh_from_db()
    assert review.is_open


def test_the_end_of_a_cover_in_all_projects_is_told_when_nobody_is_left(
    first: Stage, lead: User, sponsor: User, outsider: User, make_person: Callable[..., User]
) -> None:
    second = make_person("Tia Sponsor")
    add_member(actor=lead, project=first.project, user=second, role=Role.SPONSOR)
    quorum(first.project, policy.seat("sponsor", 2), lead)
    review = submit_round(actor=lead, stage=first, title="May we?")
    made = cover(sponsor, outsider, days=5)
    assert times_told(lead) == 0
    # The sponsor stands in for the other one, so only the stand-in can take the sponsor's own seat.
    cover(second, sponsor, days=5)
    from lifecycle.signoff.services import decide

    decide(
        actor=sponsor, round_id=review.pk, verdict="approve", reason="", password=PASSWORD, digest=review.digest,
        on_behalf_of=second.pk,
    )  # fmt: skip
    assert times_told(lead) == 0
    end_delegation(actor=sponsor, delegation_id=made.pk)
    assert times_told(lead) == 1
    review.refresh_from_db()
    assert review.is_open


def test_a_seat_that_was_needed_elsewhere_is_told_at_once(
    first: Stage, lead: User, sponsor: User, reviewer: User, answer: Callable[..., Decision]
) -> None:
    quorum(first.project, {"and": [policy.seat("sponsor"), policy.seat("reviewer")]}, lead)
    review = submit_round(actor=lead, stage=first, title="May we?")
    cover(reviewer, sponsor)
    from lifecycle.signoff.services import decide

    given = decide(
        actor=sponsor, round_id=review.pk, verdict="approve", reason="", password=PASSWORD, digest=review.digest,
        on_behalf_of=reviewer.pk,
    )  # fmt: skip
    assert times_told(lead) == 1
    withdraw_decision(actor=sponsor, decision_id=given.pk, reason="The wrong seat.", password=PASSWORD)
    answer(sponsor, review)
    assert times_told(lead) == 1
    answer(reviewer, review)
    review.refresh_from_db()
    assert review.state == Round.State.APPROVED


def test_who_signed_left_and_takes_back_the_signature(
    first: Stage, lead: User, sponsor: User, second_sponsor: User, answer: Callable[..., Decision]
) -> None:
    quorum(first.project, policy.seat("sponsor", 2), lead)
    review = submit_round(actor=lead, stage=first, title="May we?")
    given = answer(sponsor, review)
    remove_member(actor=lead, member=Member.objects.get(user=sponsor, role=Role.SPONSOR))
    assert times_told(lead) == 0
    withdraw_decision(actor=sponsor, decision_id=given.pk, reason="I am gone.", password=PASSWORD)
    assert times_told(lead) == 1


def test_lost_access_is_told_each_time(review: Round, lead: User, sponsor: User, administrator: User) -> None:
    for turn in (1, 2):
        deactivate(actor=administrator, person=sponsor)
        assert times_told(lead) == turn
        reactivate(actor=administrator, person=sponsor)
        assert times_told(lead) == turn


def test_a_cover_that_runs_out_is_found_by_the_sweep_once(
    first: Stage, lead: User, sponsor: User, outsider: User, second_sponsor: User, clock: Any
) -> None:
    from lifecycle.signoff.services import decide

    quorum(first.project, policy.seat("sponsor", 2), lead)
    review = submit_round(actor=lead, stage=first, title="May we?")
    cover(sponsor, outsider, days=2, project=first.project)
    cover(second_sponsor, sponsor, days=9)
    decide(
        actor=sponsor, round_id=review.pk, verdict="approve", reason="", password=PASSWORD, digest=review.digest,
        on_behalf_of=second_sponsor.pk,
    )  # fmt: skip
    assert not [line for line in sweep() if "nobody may decide" in line]
    clock.shift(timedelta(days=1))
    assert not [line for line in sweep() if "nobody may decide" in line]
    clock.shift(timedelta(days=1))
    assert [line for line in sweep() if "nobody may decide" in line] == [
        f"{first.project.name}, {review}: nobody may decide any more, the lead was told"
    ]
    assert times_told(lead) == 1
    assert not [line for line in sweep() if "nobody may decide" in line]


def test_an_exception_takes_a_role_out_of_tier_and_gate_before_they_are_joined(
    first: Stage, lead: User, sponsor: User
) -> None:
    quorum(first.project, {"or": [policy.seat("reviewer"), policy.seat("sponsor", 2)]}, lead)
    first.gate = {"roles": ["risk_officer"]}
    today = date(2026, 7, 27)
    rules = rules_for(first, today=today)
    assert policy.ways(rules["quorum"]) == [{"reviewer": 1, "risk_officer": 1}, {"sponsor": 2, "risk_officer": 1}]
    assert rules["name"] == policy.shipped_policy("low")["name"]
    from lifecycle.signoff.services.waivers import grant_waiver

    grant_waiver(
        actor=sponsor, project=first.project, what="role", role="reviewer", reason="On leave.", starts_on=today,
        ends_on=today, password=PASSWORD,
    )  # fmt: skip
    rules = rules_for(first, today=today)
    assert policy.ways(rules["quorum"]) == [{"sponsor": 2, "risk_officer": 1}]
    assert rules["name"] == "2 sponsors and one risk officer"
    assert Waiver.objects.count() == 1
