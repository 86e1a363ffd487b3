"""Conditions of an acceptance are told in good time and never forgotten: once each, in working days."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import Client

from foundation.audit.models import Entry
from foundation.calendar import days as calendar_days
from foundation.jobs.models import Job
from foundation.jobs.periodic import run_due
from foundation.notices.models import Notice
from foundation.people.models import User
from lifecycle.acceptance.clock import Phase, Word, word_due
from lifecycle.acceptance.models import Acceptance, AcceptanceCondition, AcceptanceReminder
from lifecycle.acceptance.selectors import waiting_for
from lifecycle.acceptance.services import (
    close_condition,
    decide_acceptance,
    send_condition_back,
    verify_condition,
    withdraw_verdict,
)
from lifecycle.projects.models import Project
from lifecycle.signoff.days import one_calendar
from lifecycle.signoff.services.sweeping import sweep
from lifecycle.signoff.tasks import sweep as sweep_task
from tests.conftest import PASSWORD
from tests.lifecycle.signoff.test_signoff_races import together

BASE = "/projects/triage/acceptance/"
FRIDAY = date(2026, 7, 31)


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    """It is Monday, 27 July 2026, nine o'clock, until a test says otherwise."""
    with time_machine.travel(datetime(2026, 7, 27, 9, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def accept(offered: Acceptance, customer: User, owner: str = "cora contributor") -> AcceptanceCondition:
    """Accepted on Monday under one condition, due on Friday."""
    decide_acceptance(
        actor=customer,
        acceptance_id=offered.pk,
        verdict="accepted_with_conditions",
        password=PASSWORD,
        digest=offered.digest,
        conditions=[{"text": "Write the runbook", "due_on": FRIDAY, "owner": owner}],
    )
    return AcceptanceCondition.objects.get()


@pytest.fixture
def condition(offered: Acceptance, customer: User) -> AcceptanceCondition:
    """Owned by the contributor."""
    return accept(offered, customer)


def told() -> list[tuple[str, list[str]]]:
    """What the room wrote down, with whom it told."""
    return [(row.phase, row.told) for row in AcceptanceReminder.objects.order_by("pk")]


def after(days: int) -> date:
    return FRIDAY + timedelta(days=days)


# The rule


def words(days: list[int], due_on: date = FRIDAY) -> list[tuple[str, int]]:
    """What is told when somebody looks on these days after the day of the condition."""
    said: list[Word] = []
    with one_calendar(calendar_days.Rules()):
        for day in days:
            word = word_due(due_on, due_on + timedelta(days=day), said)
            if word is not None:
                said.append(word)
    return [(word.phase.value, word.turn) for word in said]


def test_each_word_comes_once_on_its_working_day() -> None:
    assert words(list(range(-10, 20))) == [("soon", 1), ("due", 1), ("overdue", 1), ("escalated", 1), ("again", 1), ("again", 2)]  # fmt: skip
    # Two working days before a Monday is the Thursday before; three after a Friday the Wednesday.
    with one_calendar(calendar_days.Rules()):
        assert word_due(date(2026, 8, 3), date(2026, 7, 29), []) is None
        assert word_due(date(2026, 8, 3), date(2026, 7, 30), []) == Word(Phase.SOON, 1, date(2026, 7, 30))
        assert word_due(FRIDAY, date(2026, 8, 4), []) == Word(Phase.OVERDUE, 1, date(2026, 8, 4))
        assert word_due(FRIDAY, date(2026, 8, 5), []) == Word(Phase.ESCALATED, 1, date(2026, 8, 5))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ([90, 90, 91], [("escalated", 1)]),  # an outage of months is made up for by one word
        ([90, 97], [("escalated", 1), ("again", 1)]),  # and the pace begins with it
        ([-2, 90], [("soon", 1), ("escalated", 1)]),
        ([1, 0, -2], [("overdue", 1)]),  # a trial of an earlier day says nothing that is past
        ([-30], []),
    ],
)
def test_missed_days_are_made_up_for_by_one_word(days: list[int], said: list[tuple[str, int]]) -> None:
    assert words(days) == said


# The deed


@pytest.mark.django_db
def test_who_has_it_in_hand_is_told_first_and_then_everybody_concerned(
    condition: AcceptanceCondition, contributor: User, lead: User, customer: User, administrator: User
) -> None:
    assert sweep(after(-3)) == []
    for day in range(-2, 13):
        sweep(after(day))
        sweep(after(day))
    everybody = sorted([contributor.name, lead.name, customer.name])
    assert told() == [
        ("soon", [contributor.name]),
        ("due", [contributor.name]),
        ("overdue", everybody),
        ("escalated", sorted([*everybody, administrator.name])),
        ("again", sorted([contributor.name, lead.name])),
    ]
    mine = Notice.objects.filter(kind="acceptance_condition_due", user=contributor).order_by("pk")
    assert [notice.subject for notice in mine] == [
        "Due on 31 July 2026: Write the runbook",
        "Due today: Write the runbook",
        "Overdue since 31 July 2026: Write the runbook",
        "Overdue since 31 July 2026, told to more people: Write the runbook",
        "Still overdue, since 31 July 2026: Write the runbook",
    ]
    verbs = Entry.objects.filter(thing_kind="acceptance_condition").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [
        "remind_acceptance_condition", "remind_acceptance_condition", "remind_acceptance_condition",
        "escalate_acceptance_condition", "remind_acceptance_condition",
    ]  # fmt: skip


@pytest.mark.django_db
def test_it_escalates_to_the_person_whom_the_project_names(
    condition: AcceptanceCondition, viewer: User, administrator: User
) -> None:
    Project.objects.update(escalates_to=viewer)
    sweep(after(5))
    ((phase, names),) = told()
    assert phase == "escalated"
    assert viewer.name in names
    assert administrator.name not in names


@pytest.mark.django_db
def test_an_overdue_condition_never_ends_the_acceptance(condition: AcceptanceCondition) -> None:
    for week in range(60):
        sweep(after(7 * week))
    found = condition.acceptance
    found.refresh_from_db()
    assert (found.state, found.project.state) == ("accepted_with_conditions", "in_use")
    assert AcceptanceReminder.objects.count() == 60  # due, escalated a week later, and every week from then on


@pytest.mark.django_db
def test_a_proof_that_waits_is_asked_of_those_who_may_verify_it(
    condition: AcceptanceCondition, contributor: User, customer: User, sponsor: User, reviewer: User
) -> None:
    close_condition(actor=contributor, condition_id=condition.pk, proof="It hangs at the ward.")
    sweep(after(0))
    assert told() == [("due", sorted([customer.name, sponsor.name, reviewer.name]))]
    send_condition_back(actor=customer, condition_id=condition.pk, reason="Show it.")
    sweep(after(5))
    assert contributor.name in told()[-1][1]
    close_condition(actor=contributor, condition_id=condition.pk, proof="Here.")
    verify_condition(actor=customer, condition_id=condition.pk)
    assert sweep(after(90)) == []


@pytest.mark.django_db
def test_an_owner_from_outside_or_one_who_left_leaves_it_to_the_lead(
    offered: Acceptance, customer: User, lead: User, contributor: User
) -> None:
    condition = accept(offered, customer, owner="Head of ward")
    assert [item.title for item in waiting_for(lead)] == ["Meet a condition of Tumour triage"]
    sweep(after(-2))
    assert told() == [("soon", [lead.name])]
    AcceptanceCondition.objects.filter(pk=condition.pk).update(owner=contributor, owner_name=contributor.name)
    assert waiting_for(lead) == []
    contributor.memberships.update(left_at=datetime(2026, 7, 28, tzinfo=UTC))
    assert [item.word for item in waiting_for(lead)] == ["open"]
    sweep(after(0))
    assert told()[-1] == ("due", [lead.name])


@pytest.mark.django_db
def test_nobody_is_reminded_once_the_verdict_is_taken_back_or_the_project_stopped(
    condition: AcceptanceCondition, customer: User
) -> None:
    Project.objects.update(state="stopped", stopped_reason="No budget.")
    assert sweep(after(9)) == []
    Project.objects.update(state="in_use", stopped_reason="")
    withdraw_verdict(actor=customer, acceptance_id=condition.acceptance_id, password=PASSWORD, reason="It fails.")
    assert sweep(after(9)) == []
    assert told() == []


@pytest.mark.django_db
def test_the_database_keeps_each_word_once(condition: AcceptanceCondition) -> None:
    sweep(after(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        AcceptanceReminder.objects.create(condition=condition, phase="overdue", on_day=after(2))


@pytest.mark.django_db
def test_scheduler_and_command_do_it_with_sign_off(condition: AcceptanceCondition, clock: Any) -> None:
    clock.move_to(datetime(2026, 8, 3, 9, tzinfo=UTC))
    run_due()
    assert sweep_task(Job.objects.get(kind="signoff_sweep").pk) == "done"
    assert [phase for phase, _ in told()] == ["overdue"]
    out = StringIO()
    call_command("sweep_signoff", on="2026-08-05", stdout=out)
    assert "condition 1 of acceptance 1: overdue since 31 July 2026, told to more people, told" in out.getvalue()


@pytest.mark.django_db
def test_page_and_rest_say_who_was_told_and_that_the_acceptance_stays(
    condition: AcceptanceCondition, customer: User, viewer: User, clock: Any, sign_in: Callable[[User], Client],
    api: Callable[[User], Any],
) -> None:  # fmt: skip
    text = sign_in(customer).get(BASE).content.decode()
    assert "An overdue condition does not end the acceptance by itself." in text
    assert "the administrators are told too" in text
    sweep(after(1))
    clock.move_to(datetime(2026, 8, 3, 9, tzinfo=UTC))
    Project.objects.update(escalates_to=viewer)
    text = sign_in(customer).get(BASE).content.decode()
    assert "1 condition is overdue. The acceptance stays" in text
    assert "1 reminder" in text
    assert "1 August 2026, overdue: Cem Customer, Cora Contributor" in text
    assert f"{viewer.name} is told too" in text
    row = api(customer).get(f"/api/v1/acceptances/{condition.acceptance_id}/").json()["conditions"][0]
    assert row["is_overdue"] is True
    assert [(one["phase"], one["on_day"]) for one in row["reminders"]] == [("overdue", "2026-08-01")]


@pytest.mark.django_db
def test_looking_at_many_conditions_takes_few_queries(
    condition: AcceptanceCondition, django_assert_max_num_queries: Any
) -> None:
    from lifecycle.acceptance.services.reminding import conditions_to_tell

    sweep(after(1))
    AcceptanceCondition.objects.bulk_create(
        AcceptanceCondition(
            acceptance=condition.acceptance, number=number, text="More", owner_name="Ward", due_on=FRIDAY
        )
        for number in range(2, 30)
    )
    with django_assert_max_num_queries(2), one_calendar(calendar_days.Rules()):
        assert len(conditions_to_tell(after(1))) == 28


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
class TestTwoSweepsOnPostgres:
    """Two schedulers at once, each with a connection of its own."""

    @pytest.mark.parametrize("turn", range(3))
    def test_they_tell_once(self, turn: int, condition: AcceptanceCondition, contributor: User) -> None:
        lines = together(lambda: sweep(after(30)), lambda: sweep(after(30)))
        assert sorted(len(each) for each in lines) == [0, 1]
        assert AcceptanceReminder.objects.count() == 1
        assert Notice.objects.filter(kind="acceptance_condition_due", user=contributor).count() == 1
