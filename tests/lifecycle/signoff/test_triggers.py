"""Triggers end approvals before their time, where the copied policy says so, and only there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from foundation.audit.models import Entry
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.models import GoLive, Kpi, Measurement
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Round
from lifecycle.signoff.services.expiry import fire, report_trigger
from lifecycle.signoff.services.sweeping import sweep
from lifecycle.signoff.triggers import TRIGGERS, ends_on

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Iterator[None]:
    """It is Monday, 4 January 2027, just after the target of the KPI fell due."""
    with time_machine.travel(datetime(2027, 1, 4, 9, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def approved(first: Any, kpi: Kpi, lead: User, sponsor: User, answer: Any) -> Round:
    from lifecycle.signoff.services import submit_round

    review = submit_round(actor=lead, stage=first, title="May we begin?")
    answer(sponsor, review)
    review.refresh_from_db()
    return review


def ending_on(review: Round, *triggers: str, **rules: Any) -> Round:
    """A round that was submitted under a policy with these triggers. (Frozen rounds are changed by no deed.)"""
    from django.db import connection

    from foundation.audit.triggers import remove_kept

    remove_kept(connection, "lifecycle_round")
    Round.objects.filter(pk=review.pk).update(policy={**review.policy, **rules, "ends_on": list(triggers)})
    review.refresh_from_db()
    return review


def read_weeks(kpi: Kpi, *values: float, since: date = date(2027, 1, 4)) -> None:
    Measurement.objects.bulk_create(
        Measurement(
            kpi=kpi, period=since + timedelta(weeks=week), value=value, source="api", recorded_by=kpi.created_by
        )
        for week, value in enumerate(values)
    )


def test_every_trigger_says_what_happened() -> None:
    assert set(TRIGGERS) == {
        "new_model_version", "drift_above_limit", "kpi_below_target", "rollback", "late_measurements",
    }  # fmt: skip
    assert all(each.name == name and each.label and each.sentence.endswith(".") for name, each in TRIGGERS.items())
    assert not ends_on({}, "rollback")
    assert not ends_on({"ends_on": "rollback"}, "rollback")


def test_a_trigger_ends_the_approvals_that_list_it(
    approved: Round, project: Project, sponsor: User, lead: User
) -> None:
    assert fire(trigger="new_model_version", project=project, lines=[]) == []
    ended = fire(trigger="rollback", project=project, lines=[])
    assert [review.pk for review in ended] == [approved.pk]
    approved.refresh_from_db()
    assert approved.state == Round.State.EXPIRED
    assert approved.difference[0] == {
        "label": "The model was rolled back.", "was": "", "now": "", "kind": "trigger",
    }  # fmt: skip
    told = set(Notice.objects.filter(kind="approval_expired").values_list("user", flat=True))
    assert told == {sponsor.pk, lead.pk}
    assert fire(trigger="rollback", project=project, lines=[]) == []
    with pytest.raises(KeyError):
        fire(trigger="full_moon", project=project, lines=[])


def test_an_open_round_is_not_touched(review: Round, project: Project) -> None:
    assert fire(trigger="rollback", project=project, lines=[]) == []
    review.refresh_from_db()
    assert review.state == Round.State.AWAITING


def test_a_pipeline_reports_a_rollback_with_a_reason(
    approved: Round, project: Project, contributor: User, api: Any
) -> None:
    client = api(contributor)
    path = f"/api/v1/projects/{project.key}/triggers/"
    offered = client.get(path).json()
    assert offered["may_report"] is True
    assert {each["name"] for each in offered["triggers"] if each["reported"]} == {"drift_above_limit", "rollback"}
    assert client.post(path, {"trigger": "kpi_below_target", "reason": "x"}, format="json").status_code == 400
    assert client.post(path, {"trigger": "rollback", "reason": " "}, format="json").status_code == 400
    answer = client.post(path, {"trigger": "rollback", "reason": "Error rate 9 %."}, format="json")
    assert answer.status_code == 201
    assert [row["id"] for row in answer.json()["ended"]] == [approved.pk]
    again = client.post(path, {"trigger": "rollback", "reason": "Again."}, format="json")
    assert again.json() == {"ended": []}
    entries = Entry.objects.filter(verb="report_trigger").order_by("seq")
    assert [(entry.actor, entry.reason) for entry in entries] == [
        (contributor, "Error rate 9 %."), (contributor, "Again."),
    ]  # fmt: skip
    approved.refresh_from_db()
    assert "Error rate 9 %." in approved.difference[0]["label"]


@pytest.mark.parametrize("person", ["sponsor", "viewer", "reviewer", "manager", "administrator"])
def test_only_the_team_reports(person: str, approved: Round, project: Project, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Refused) as caught:
        report_trigger(actor=request.getfixturevalue(person), project=project, trigger="rollback", reason="x")
    assert caught.value.code == "not_permitted"


def test_a_new_model_version_ends_the_approval_only_where_the_policy_lists_it(
    approved: Round, project: Project, contributor: User
) -> None:
    ending_on(approved, "new_model_version")
    ended = fire(trigger="new_model_version", project=project, lines=[], actor=contributor)
    assert [review.pk for review in ended] == [approved.pk]


# KPIs


def test_a_kpi_below_target_for_three_periods_after_approval_ends_it_once(approved: Round, kpi: Kpi) -> None:
    ending_on(approved, "kpi_below_target")
    read_weeks(kpi, 11, 11, 11, 11, since=date(2026, 11, 30))
    assert sweep(date(2027, 1, 25)) == []  # known at the approval, and the target was not due
    read_weeks(kpi, 10.5, 10.4)
    assert sweep(date(2027, 1, 25)) == []
    read_weeks(kpi, 10.2, since=date(2027, 1, 18))
    lines = [*sweep(date(2027, 1, 25)), *sweep(date(2027, 1, 25))]
    assert len(lines) == 1
    approved.refresh_from_db()
    assert approved.state == Round.State.EXPIRED
    label = approved.difference[0]["label"]
    assert "Waiting time: 10.5 (week of 2027-01-04), 10.4 (week of 2027-01-11), 10.2 (week of 2027-01-18)" in label
    assert "the target is 9.50" in label


def test_one_good_period_keeps_it(approved: Round, kpi: Kpi) -> None:
    ending_on(approved, "kpi_below_target")
    read_weeks(kpi, 10.5, 9.4, 10.5)
    assert sweep(date(2027, 1, 25)) == []


def test_how_many_periods_is_a_matter_of_the_policy(approved: Round, kpi: Kpi) -> None:
    ending_on(approved, "kpi_below_target", kpi_periods=1)
    read_weeks(kpi, 10.5)
    assert len(sweep(date(2027, 1, 25))) == 1


def test_a_policy_that_does_not_list_it_is_not_touched_by_kpis(approved: Round, kpi: Kpi) -> None:
    ending_on(approved, "rollback")
    read_weeks(kpi, 11, 11, 11, 11)
    assert sweep(date(2027, 3, 1)) == []


def test_readings_that_no_longer_come_end_it_once_it_is_in_use(
    approved: Round, kpi: Kpi, project: Project, lead: User
) -> None:
    ending_on(approved, "late_measurements")
    read_weeks(kpi, 9, 9)
    assert sweep(date(2027, 3, 1)) == []  # not live yet: nobody has promised readings
    GoLive.objects.create(project=project, on=date(2027, 1, 5), recorded_by=lead)
    assert sweep(date(2027, 1, 31)) == []
    assert len(sweep(date(2027, 2, 1))) == 1
    approved.refresh_from_db()
    assert "the last reading is that of 11 January 2027" in approved.difference[0]["label"]
