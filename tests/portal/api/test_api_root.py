"""The API's frame: sign-in, tokens, the shape of errors, pages of lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from rest_framework.test import APIClient

from foundation.audit.models import Entry
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db
Api = Callable[[User], Any]


@pytest.fixture(autouse=True)
def _no_throttle_left_over() -> None:
    cache.clear()


def _ask(email: str, password: str) -> Any:
    return APIClient().post("/api/v1/tokens/", {"email": email, "password": password, "name": "script"})


def test_a_token_for_email_and_password_opens_the_api(viewer: User) -> None:
    answer = _ask(viewer.email.upper(), PASSWORD)
    assert answer.status_code == 201
    client = APIClient(headers={"authorization": f"Bearer {answer.json()['token']}"})
    listed = client.get("/api/v1/tokens/").json()
    assert [row["name"] for row in listed["results"]] == ["script"]
    assert "token" not in listed["results"][0]
    assert client.delete(f"/api/v1/tokens/{listed['results'][0]['id']}/").status_code == 204
    assert client.get("/api/v1/tokens/").status_code == 401


def test_an_unknown_person_and_a_wrong_password_get_the_same_answer(viewer: User) -> None:
    unknown, wrong = _ask("nobody@example.org", PASSWORD), _ask(viewer.email, "wrong")
    assert unknown.status_code == wrong.status_code == 403
    assert unknown.json() == wrong.json()
    assert unknown.json()["error"]["code"] == "sign_in_failed"


def test_guessing_passwords_ends_after_five_for_the_person(viewer: User) -> None:
    for _ in range(5):
        _ask(viewer.email, "wrong")
    assert Entry.objects.filter(verb="fail_password").count() == 5
    assert _ask(viewer.email, PASSWORD).json()["error"]["code"] == "sign_in_failed"


def test_asking_for_tokens_is_throttled(viewer: User) -> None:
    answers = [_ask(f"nobody{number}@example.org", "x").status_code for number in range(21)]
    assert answers[:20] == [403] * 20
    assert answers[20] == 429


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("get", "/api/v1/tokens/", None, 401, "not_authenticated"),
        ("post", "/api/v1/tokens/", {"email": "no address"}, 400, "invalid"),
        ("post", "/api/v1/notices/", {}, 401, "not_authenticated"),
    ],
)
def test_every_error_has_one_shape(method: str, path: str, body: Any, status: int, code: str) -> None:
    answer = getattr(APIClient(), method)(path, body)
    assert answer.status_code == status
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "field", "details"}
    assert error["code"] == code
    assert error["message"]


def test_a_field_at_fault_is_named_with_one_line_for_each_fault() -> None:
    error = APIClient().post("/api/v1/tokens/", {"email": "no address"}).json()["error"]
    assert error["field"] == "email"
    assert len(error["details"]) == 2


def test_what_is_not_there_and_what_is_anothers_are_both_404(api: Api, viewer: User, lead: User) -> None:
    (notice,) = tell(people=[lead], kind="x", subject="For Lea")
    for number in (notice.pk, 999_999):
        answer = api(viewer).post(f"/api/v1/notices/{number}/read/")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert api(lead).post(f"/api/v1/notices/{notice.pk}/read/").json()["read_at"]
    assert api(lead).get("/api/v1/notices/?unread=1").json()["count"] == 0


def test_a_method_that_is_not_offered_says_so(api: Api, viewer: User) -> None:
    answer = api(viewer).delete("/api/v1/notices/")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")


def test_the_trail_is_for_those_who_see_everything(api: Api, viewer: User, manager: User) -> None:
    record(actor=viewer, verb="rename", thing=viewer, kind="person", project_id=7)
    assert api(viewer).get("/api/v1/audit/").status_code == 403
    rows = api(manager).get("/api/v1/audit/?project=7&verb=rename&since=2020-01-01").json()
    assert [row["thing_id"] for row in rows["results"]] == [str(viewer.pk)]
    assert api(manager).get("/api/v1/audit/?until=2020-01-01").json()["count"] == 0
    bad = api(manager).get("/api/v1/audit/?since=yesterday")
    assert (bad.status_code, bad.json()["error"]["field"]) == (400, "since")


def test_lists_come_in_pages(api: Api, viewer: User) -> None:
    for number in range(3):
        tell(people=[viewer], kind="x", subject=f"Notice {number}")
    page = api(viewer).get("/api/v1/notices/?page_size=2").json()
    assert (page["count"], len(page["results"]), page["previous"]) == (3, 2, None)
    assert "page=2" in page["next"]


def test_root_schema_and_page_name_the_same_routes(api: Api, viewer: User, sign_in: Callable[[User], Any]) -> None:
    root = api(viewer).get("/api/v1/").json()
    schema = api(viewer).get("/api/v1/schema/?format=json").json()
    assert set(root["routes"]) == set(schema["paths"])
    page = sign_in(viewer).get("/api/v1/docs/").content.decode()
    assert all(route in page for route in root["routes"])
    assert APIClient().get("/api/v1/").status_code == 401
