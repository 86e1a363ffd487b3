"""The organisation's calendar: everybody reads it, administrators change it, and each change is an entry."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from foundation.audit.models import Entry
from foundation.audit.words import sentence_of
from foundation.calendar import selectors
from foundation.calendar.days import Own, Rules
from foundation.calendar.models import Calendar, OwnDay
from foundation.calendar.services import add_own_day, change_calendar, remove_own_day
from foundation.people.models import User
from foundation.web.refused import Refused
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
Api = Callable[[User], Any]
EVE = date(2026, 12, 24)


@pytest.fixture(autouse=True)
def _in_november() -> Any:
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
        yield


def test_until_somebody_sets_it_only_weekends_are_free() -> None:
    assert selectors.present() == Rules()
    assert selectors.due_after(date(2026, 12, 24), 1) == date(2026, 12, 25)


def test_the_rules_are_one_query(administrator: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    change_calendar(actor=administrator, weekend=[4, 5], country="DE", subdivision="BY")
    with django_assert_num_queries(1):
        assert selectors.present() == Rules(frozenset({4, 5}), "DE", "BY")
    add_own_day(actor=administrator, day=EVE, name="Company holiday")
    add_own_day(actor=administrator, day=date(2026, 12, 25), name="Night shift", works=True)
    with django_assert_num_queries(1):
        assert selectors.present().own == {EVE: Own("Company holiday"), date(2026, 12, 25): Own("Night shift", True)}
    with django_assert_num_queries(1):
        assert selectors.due_after(date(2026, 12, 22), 2) == date(2026, 12, 25)  # the 24th is closed
    with django_assert_num_queries(1):
        assert selectors.working_days_since(date(2026, 11, 15)) == 4  # Monday to Thursday; Friday is free


def test_each_change_is_an_entry_with_before_and_after(administrator: User) -> None:
    change_calendar(actor=administrator, weekend=[6], country="DE")
    change_calendar(actor=administrator, weekend=[6], country="DE")
    add_own_day(actor=administrator, day=EVE, name=" Company   holiday ")
    remove_own_day(actor=administrator, day=EVE)
    entries = list(Entry.objects.order_by("seq").filter(verb__in=["change_calendar", "close_day", "remove_day"]))
    assert [sentence_of(entry) for entry in entries] == [
        "Ada Administrator changed the calendar of working days",
        "Ada Administrator closed the day 24 December 2026 (Company holiday)",
        "Ada Administrator removed the day 24 December 2026 (Company holiday)",
    ]
    assert entries[0].before == {"weekend": ["saturday", "sunday"], "country": "", "subdivision": ""}
    assert entries[0].after == {"weekend": ["sunday"], "country": "DE", "subdivision": ""}
    assert entries[2].before == entries[1].after == {"day": "2026-12-24", "name": "Company holiday", "works": False}


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"weekend": range(7)}, "weekend_invalid"),
        ({"weekend": [7]}, "weekend_invalid"),
        ({"weekend": [6], "country": "ZZ"}, "country_unknown"),
        ({"weekend": [6], "country": "DE", "subdivision": "XX"}, "subdivision_unknown"),
        ({"weekend": [6], "subdivision": "BY"}, "subdivision_unknown"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused(administrator: User, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        change_calendar(actor=administrator, **given)
    assert (refused.value.code, refused.value.status) == (code, 400)
    assert not Calendar.objects.exists()


@pytest.mark.parametrize(
    ("day", "name", "code"),
    [(EVE, "  ", "name_missing"), (EVE, "x" * 81, "name_too_long"), (date(1899, 1, 1), "x", "day_out_of_range")],
)
def test_an_own_day_that_cannot_be_is_refused(administrator: User, day: date, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        add_own_day(actor=administrator, day=day, name=name)
    assert refused.value.code == code


def test_a_day_is_own_once_and_removed_once(administrator: User) -> None:
    add_own_day(actor=administrator, day=EVE, name="Company holiday")
    with pytest.raises(Refused, match="own day already"):
        add_own_day(actor=administrator, day=EVE, name="Again")
    remove_own_day(actor=administrator, day=EVE)
    with pytest.raises(Refused, match="removed already"):
        remove_own_day(actor=administrator, day=EVE)


@pytest.mark.parametrize("name", ["manager", "viewer", "lead"])
def test_only_administrators_change_it(name: str, request: pytest.FixtureRequest) -> None:
    person: User = request.getfixturevalue(name)
    for deed in (
        lambda: change_calendar(actor=person, weekend=[6]),
        lambda: add_own_day(actor=person, day=EVE, name="x"),
        lambda: remove_own_day(actor=person, day=EVE),
    ):
        with pytest.raises(Refused) as refused:
            deed()
        assert refused.value.status == 403
    assert not OwnDay.objects.exists()


def test_the_database_knows_one_calendar_and_keeps_a_working_day(administrator: User) -> None:
    for wrong in ({"pk": 2}, {"pk": 1, "weekend": "0123456"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Calendar.objects.create(**wrong)


def test_the_page_shows_two_years_and_the_administrator_changes_them(administrator: User, sign_in: SignIn) -> None:
    client = sign_in(administrator)
    saved = client.post(
        "/calendar/", {"weekend": ["5", "6"], "country": "DE", "shown_country": ""}, follow=True
    ).content.decode()
    assert "choose yours" in saved
    assert "Good Friday" in saved
    client.post("/calendar/", {"weekend": ["5", "6"], "country": "DE", "shown_country": "DE", "subdivision": "BE"})
    assert selectors.present().subdivision == "BE"
    client.post("/calendar/days/", {"day": "2026-12-24", "name": "Company holiday", "works": "closed"})
    page = client.get("/calendar/").content.decode()
    assert "<title>Working days" in page
    assert page.count("<h1") == 1
    assert all(text in page for text in ('id="year-2026"', 'id="year-2027"', "Company holiday", "Berlin"))
    assert client.post("/calendar/days/2026-12-24/remove/").status_code == 302
    assert not OwnDay.objects.exists()


def test_a_new_country_takes_no_region_of_the_old_one(administrator: User, sign_in: SignIn) -> None:
    change_calendar(actor=administrator, weekend=[5, 6], country="DE", subdivision="BE")
    sign_in(administrator).post(
        "/calendar/", {"weekend": ["6"], "country": "CH", "subdivision": "BE", "shown_country": "DE"}
    )
    assert (selectors.present().country, selectors.present().subdivision) == ("CH", "")


def test_bad_input_names_its_field_and_keeps_the_rest(administrator: User, sign_in: SignIn) -> None:
    client = sign_in(administrator)
    answer = client.post("/calendar/days/", {"day": "24.12.", "name": "Company holiday", "works": "works"})
    assert answer.status_code == 400
    assert "This is no day. Write it as 2026-12-24." in answer.content.decode()
    assert "Company holiday" in answer.content.decode()
    back = client.post(
        "/calendar/",
        {"weekend": [str(number) for number in range(7)], "country": "FR", "shown_country": ""},
        headers={"referer": "http://testserver/calendar/"},
        follow=True,
    ).content.decode()
    assert "at least one working day" in back
    assert '<option value="FR" selected' in back


def test_everybody_reads_and_nobody_else_sees_the_forms(viewer: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    page = client.get("/calendar/").content.decode()
    assert "Administrators change this" in page
    assert "Save the rule" not in page
    for path in ("/calendar/", "/calendar/days/", "/calendar/days/2026-12-24/remove/"):
        assert client.post(path, {"weekend": "6", "day": "2026-12-24", "name": "x"}).status_code == 403
    assert client.post("/calendar/days/2026-02-30/remove/").status_code == 404


def test_scripts_read_and_change_it(api: Api, administrator: User, viewer: User) -> None:
    client = api(administrator)
    put = client.put("/api/v1/calendar/", {"weekend": ["saturday", "sunday"], "country": "US", "subdivision": "CA"})
    assert (put.status_code, put.json()["year"], put.json()["subdivision"]) == (200, 2026, "CA")
    added = client.post("/api/v1/calendar/days/", {"day": "2027-12-24", "name": "Company holiday"})
    assert (added.status_code, added.json()) == (
        201, {"day": "2027-12-24", "name": "Company holiday", "works": False},
    )  # fmt: skip
    read = api(viewer).get("/api/v1/calendar/?year=2027").json()
    assert read["weekend"] == ["saturday", "sunday"]
    eve = next(row for row in read["days"] if row["day"] == "2027-12-24")
    assert (eve["name"], eve["is_own"], eve["works"]) == ("Company holiday", True, False)
    assert client.delete("/api/v1/calendar/days/2027-12-24/").status_code == 204
    gone = client.delete("/api/v1/calendar/days/2027-12-24/")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "day_gone")


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("put", "/api/v1/calendar/", {"weekend": ["caturday"]}, "invalid"),
        ("put", "/api/v1/calendar/", {"weekend": [], "country": "ZZ"}, "country_unknown"),
        ("post", "/api/v1/calendar/days/", {"day": "soon", "name": "x"}, "invalid"),
        ("get", "/api/v1/calendar/?year=soon", None, "invalid"),
        ("get", "/api/v1/calendar/?year=٢٠٢٦", None, "invalid"),
    ],
)
def test_scripts_are_told_what_is_wrong(
    api: Api, administrator: User, method: str, path: str, body: Any, code: str
) -> None:
    answer = getattr(api(administrator), method)(path, body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_scripts_of_others_change_nothing(api: Api, manager: User) -> None:
    for method, path, body in (
        ("put", "/api/v1/calendar/", {"weekend": ["sunday"]}),
        ("post", "/api/v1/calendar/days/", {"day": "2026-12-24", "name": "x"}),
        ("delete", "/api/v1/calendar/days/2026-12-24/", None),
    ):
        assert getattr(api(manager), method)(path, body).status_code == 403
