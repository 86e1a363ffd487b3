"""A report of each month for those who wish to be told: asked for once, made up for when it was missed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from explain.outcomes.models import OutcomeReport, ReportRecipient
from explain.outcomes.runs import make_report
from explain.outcomes.services import add_recipient, remove_recipient, request_monthly_reports, request_report
from foundation.notices.models import Notice
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.projects.models import Project
from tests.conftest import SignIn
from tests.ended import ended
from tests.explain.outcomes.conftest import MakeLive

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)


def turn(now: datetime = NOW) -> list[OutcomeReport]:
    with time_machine.travel(now, tick=False):
        request_monthly_reports(now)
    return list(OutcomeReport.objects.order_by("pk"))


@pytest.fixture
def wanted(project: Project, live: MakeLive, lead: User, sponsor: User, manager: User) -> Project:
    """The project with a recipient who is no member."""
    live(project, lead, sponsor)
    add_recipient(actor=lead, project=project, person=manager)
    return project


def test_a_month_that_is_over_is_reported_as_of_its_last_day(wanted: Project) -> None:
    (report,) = turn()
    assert (report.as_of, report.for_month, report.requested_by) == (date(2026, 2, 28), date(2026, 2, 1), None)


def test_the_next_turns_of_the_month_ask_for_nothing_more(wanted: Project) -> None:
    for hour in (6, 7, 23):
        turn(datetime(2026, 3, 4, hour, tzinfo=UTC))
    assert len(turn(datetime(2026, 3, 31, 23, tzinfo=UTC))) == 1
    assert len(turn(datetime(2026, 4, 1, 12, tzinfo=UTC))) == 2


def test_a_turn_that_comes_late_makes_up_for_the_missed_ones(wanted: Project) -> None:
    (report,) = turn(datetime(2026, 3, 17, 5, tzinfo=UTC))
    assert report.for_month == date(2026, 2, 1)


@pytest.mark.parametrize("state", ["stopped", "closed"])
def test_what_is_over_is_not_reported(state: str, wanted: Project, lead: User) -> None:
    Project.objects.filter(pk=wanted.pk).update(**ended(state, lead))
    assert turn() == []


def test_a_project_without_recipients_or_begun_after_the_month_gets_no_report(wanted: Project) -> None:
    Project.objects.filter(pk=wanted.pk).update(started_on=date(2026, 3, 1))
    assert turn() == []
    Project.objects.filter(pk=wanted.pk).update(started_on=date(2024, 1, 1))
    ReportRecipient.objects.all().delete()
    assert turn() == []


def test_the_recipients_are_told_when_it_is_ready(wanted: Project, manager: User) -> None:
    (report,) = turn()
    assert report.job_id is not None
    assert make_report(report.job_id) == "done"
    (notice,) = Notice.objects.filter(kind="monthly_outcome_report")
    assert notice.user == manager
    assert notice.subject == "Tumour triage: the report for February 2026 is ready"
    assert notice.link == report.get_absolute_url()
    assert "recipient" in notice.why


def test_they_are_told_too_when_it_cannot_be_computed(
    wanted: Project, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from explain.outcomes import runs
    from explain.outcomes.compute.refusal import CalculationRefused

    def refuse(*_: Any) -> None:
        raise CalculationRefused("too_large", "An amount is too large to compute with.", "amount")

    monkeypatch.setattr(runs, "build_report", refuse)
    (report,) = turn()
    make_report(report.job_id or 0)
    (notice,) = Notice.objects.filter(kind="monthly_outcome_report")
    assert "could not be computed" in notice.subject
    assert "too large" in notice.body


def test_a_report_that_somebody_asks_for_goes_to_nobody_else(wanted: Project, lead: User) -> None:
    report = request_report(actor=lead, project=wanted, as_of=date(2025, 12, 31))
    assert make_report(report.job_id or 0) == "done"
    assert not Notice.objects.filter(kind="monthly_outcome_report").exists()


def test_who_cannot_read_the_project_cannot_be_told(wanted: Project, lead: User, outsider: User) -> None:
    with pytest.raises(Refused) as refused:
        add_recipient(actor=lead, project=wanted, person=outsider)
    assert refused.value.code == "person_cannot_read"


def test_twice_on_the_list_is_once(wanted: Project, lead: User, manager: User) -> None:
    assert add_recipient(actor=lead, project=wanted, person=manager) == ReportRecipient.objects.get()


def test_people_take_themselves_off_and_others_only_with_the_right(
    wanted: Project, manager: User, viewer: User
) -> None:
    recipient = ReportRecipient.objects.get()
    with pytest.raises(Refused):
        remove_recipient(actor=viewer, recipient=recipient)
    remove_recipient(actor=manager, recipient=recipient)
    assert not ReportRecipient.objects.exists()


def test_the_page_and_the_api_keep_the_list(
    wanted: Project, lead: User, sponsor: User, manager: User, sign_in: SignIn, api: Any
) -> None:
    page = sign_in(lead)
    assert page.post("/projects/triage/value/recipients/", {"person": "Sam Sponsor"}).status_code == 302
    assert "Sam Sponsor" in page.get("/projects/triage/value/").content.decode()
    listed = api(lead).get("/api/v1/projects/triage/outcome-recipients/").json()
    assert {row["name"] for row in listed} == {manager.name, "Sam Sponsor"}
    mine = next(row for row in listed if row["name"] == "Sam Sponsor")
    assert api(sponsor).delete(f"/api/v1/projects/triage/outcome-recipients/{mine['id']}/").status_code == 204
    left = ReportRecipient.objects.get()
    assert page.post(f"/projects/triage/value/recipients/{left.pk}/off/").status_code == 302
    assert not ReportRecipient.objects.exists()
    refused = page.post(
        "/projects/triage/value/recipients/",
        {"person": "Nobody Known"},
        HTTP_REFERER="http://testserver/projects/triage/value/",
    )
    assert refused.status_code == 302
    assert "Nobody Known" in page.get("/projects/triage/value/").content.decode()
