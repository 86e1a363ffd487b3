"""The log of what was mailed, and the wish: pages and scripts, administrators and everybody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from foundation.audit.models import Entry
from foundation.notices.models import Delivery
from foundation.notices.services import tell
from foundation.people.models import MailWish, User
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
Api = Callable[[User], Any]


def _attempt(person: User, subject: str, result: str = "sent", error: str = "") -> Delivery:
    (notice,) = tell(people=[person], kind="x", subject=subject)
    return Delivery.objects.create(
        user=person, notice=notice, address=person.email, subject=subject, result=result, error=error
    )


@pytest.fixture(autouse=True)
def _attempts(lead: User, viewer: User) -> None:
    _attempt(lead, "For Lea")
    _attempt(viewer, "For Vera", "failed", "SMTPDataError: (451, 'try later')")


def test_administrators_see_all_and_filter(administrator: User, sign_in: SignIn) -> None:
    client = sign_in(administrator)
    page = client.get("/notices/mail/").content.decode()
    assert "<title>What was mailed" in page
    assert page.count("<h1") == 1
    assert "For Lea" in page
    assert "For Vera" in page
    assert "try later" in page
    by_person = client.get("/notices/mail/?person=vera").content.decode()
    assert ("For Vera" in by_person, "For Lea" in by_person) == (True, False)
    by_result = client.get("/notices/mail/?result=sent").content.decode()
    assert ("For Vera" in by_result, "For Lea" in by_result) == (False, True)
    assert "No e-mail fits" in client.get("/notices/mail/?person=vera&result=sent").content.decode()
    unread = client.get("/notices/mail/?result=lost").content.decode()
    assert "There is no result “lost”" in unread
    assert "For Lea" not in unread


@pytest.mark.parametrize("name", ["viewer", "manager"])
def test_everybody_else_sees_ones_own(name: str, request: pytest.FixtureRequest, sign_in: SignIn) -> None:
    person: User = request.getfixturevalue(name)
    page = sign_in(person).get("/notices/mail/?person=lea").content.decode()
    assert "For Lea" not in page
    assert ("For Vera" in page) is (name == "viewer")
    assert 'name="person"' not in page


def test_the_log_is_as_quick_with_many_rows(
    administrator: User, lead: User, sign_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        _attempt(lead, f"Notice {number}")
    client = sign_in(administrator)
    with django_assert_max_num_queries(8):
        assert "page 1 of 2" in client.get("/notices/mail/").content.decode()


def test_scripts_read_the_same(api: Api, administrator: User, viewer: User) -> None:
    everything = api(administrator).get("/api/v1/notices/mail/").json()
    assert [(row["subject"], row["kind"], row["result"]) for row in everything["results"]] == [
        ("For Vera", "notice", "failed"), ("For Lea", "notice", "sent"),
    ]  # fmt: skip
    assert api(administrator).get("/api/v1/notices/mail/?person=lea&result=sent").json()["count"] == 1
    assert [row["subject"] for row in api(viewer).get("/api/v1/notices/mail/").json()["results"]] == ["For Vera"]
    bad = api(viewer).get("/api/v1/notices/mail/?result=lost")
    assert (bad.status_code, bad.json()["error"]["field"]) == (400, "result")


def test_the_wish_is_set_by_scripts_too(api: Api, viewer: User) -> None:
    assert api(viewer).get("/api/v1/notices/wish/").json() == {"mail_wish": "none", "time_zone": "UTC"}
    assert api(viewer).put("/api/v1/notices/wish/", {"mail_wish": "daily"}).json()["mail_wish"] == "daily"
    viewer.refresh_from_db()
    assert viewer.mail_wish == MailWish.DAILY
    entry = Entry.objects.latest("seq")
    assert (entry.verb, entry.before["mail_wish"], entry.after["mail_wish"]) == ("change_profile", "none", "daily")
    bad = api(viewer).put("/api/v1/notices/wish/", {"mail_wish": "hourly"})
    assert (bad.status_code, bad.json()["error"]["field"]) == (400, "mail_wish")


def test_the_old_switch_still_reads_and_sets_the_wish(viewer: User) -> None:
    assert viewer.mail_notices is False
    viewer.mail_notices = True
    assert viewer.mail_wish == MailWish.AT_ONCE
    viewer.mail_wish = MailWish.DAILY
    viewer.mail_notices = True
    assert viewer.mail_wish == MailWish.DAILY
    assert User(email="x@example.org", name="X", mail_notices=False).mail_wish == MailWish.NONE
    assert User(email="x@example.org", name="X").mail_wish == MailWish.AT_ONCE


def test_notices_lead_to_the_log_and_show_the_comment(viewer: User, lead: User, sign_in: SignIn) -> None:
    tell(people=[viewer], kind="x", subject="Look", actor=lead, comment="Please hurry.", why="You are a reviewer.")
    page = sign_in(viewer).get("/notices/").content.decode()
    assert 'href="/notices/mail/"' in page
    assert "Lea Lead: “Please hurry.”" in page
    assert "You are a reviewer." in page
