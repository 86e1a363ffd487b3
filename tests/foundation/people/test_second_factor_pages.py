"""The page of the second factor, the code at sign-in, and tokens for scripts, all without any script."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from urllib.parse import quote

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client

from foundation.audit.models import Entry
from foundation.people import selectors, services
from foundation.people.models import ApiToken, User
from foundation.web.refused import Refused
from tests.conftest import PASSWORD, SignIn
from tests.factors import App, set_up

pytestmark = pytest.mark.django_db
PAGE = "/profile/second-factor/"


def _secret_on(page: str) -> str:
    found = re.search(r"<code class=\"text-break\">([A-Z2-7 ]+)</code>", page)
    assert found
    return found.group(1).replace(" ", "")


def _codes_on(page: str) -> list[str]:
    return re.findall(r"<li><code>(\d{8})</code></li>", page)


def _enter(person: User) -> Client:
    client = Client()
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (302, "/accounts/code/")
    return client


def test_the_page_sets_it_up_and_shows_recovery_codes_this_once(lead: User, sign_in: SignIn) -> None:
    client = sign_in(lead)
    page = client.get(PAGE).content.decode()
    secret = _secret_on(page)
    assert "<svg" in page
    with patch("foundation.people.adapter.FactorAdapter.build_totp_svg", return_value="<svg></svg>") as drawn:
        client.get(PAGE)
    address = f"otpauth://totp/{quote(lead.email)}?secret={secret}&issuer=Tollgate"
    drawn.assert_called_once_with(address)
    assert "<?xml" not in page
    assert _secret_on(client.get(PAGE).content.decode()) == secret
    assert not any(secret in str(session.get_decoded()) for session in Session.objects.all())
    done = client.post(PAGE, {"code": App(secret).code(), "password": PASSWORD})
    assert done.headers["cache-control"].startswith("max-age=0, no-cache, no-store")
    codes = _codes_on(done.content.decode())
    assert len(codes) == 10
    later = client.get(PAGE).content.decode()
    assert "10 recovery codes left" in later
    assert not [text for text in (secret, *codes) if text in later]


def test_a_wrong_code_leads_back_and_the_picture_is_still_the_same(lead: User, sign_in: SignIn) -> None:
    client = sign_in(lead)
    secret = _secret_on(client.get(PAGE).content.decode())
    back = client.post(
        PAGE, {"code": "000", "password": PASSWORD}, headers={"referer": f"http://testserver{PAGE}"}, follow=True
    ).content.decode()
    assert "This is not the code for this secret now" in back
    assert _secret_on(back) == secret
    assert not selectors.has_second_factor(lead)
    assert Client().get(PAGE).status_code == 302


def test_new_codes_and_turning_off_are_done_on_the_page(lead: User, sign_in: SignIn) -> None:
    app = set_up(lead)
    client = sign_in(lead)
    page = client.post(f"{PAGE}codes/", {"password": PASSWORD, "code": app.code()}).content.decode()
    fresh = _codes_on(page)
    assert len(fresh) == 10
    assert client.post(f"{PAGE}off/", {"password": PASSWORD, "code": fresh[0]}).status_code == 302
    assert not selectors.has_second_factor(lead)


def test_sign_in_asks_for_the_code_after_the_password(lead: User) -> None:
    app = set_up(lead)
    client = _enter(lead)
    assert client.get("/profile/").status_code == 302
    assert "second factor is set up" in client.get("/accounts/code/").content.decode()
    wrong = client.post("/accounts/code/", {"code": "000000"})
    assert "This is no code of your second factor" in wrong.content.decode()
    assert client.get("/profile/").status_code == 302
    code = app.code()
    assert client.post("/accounts/code/", {"code": code}).status_code == 302
    assert client.get("/profile/").status_code == 200
    second = _enter(lead)
    assert "was used already" in second.post("/accounts/code/", {"code": code}).content.decode()
    assert second.get("/profile/").status_code == 302
    assert second.post("/accounts/code/", {"code": app.recovery[0]}).status_code == 302
    assert second.get("/profile/").status_code == 200


def test_who_has_no_code_at_hand_may_begin_anew_as_somebody_else(lead: User, sponsor: User) -> None:
    set_up(lead)
    client = _enter(lead)
    assert client.get("/accounts/login/").headers["location"] == "/accounts/code/"
    client.post("/accounts/logout/")
    assert client.get("/accounts/login/").status_code == 200
    assert client.get("/accounts/code/").headers["location"] == "/accounts/login/"
    client.post("/accounts/login/", {"login": sponsor.email, "password": PASSWORD})
    assert sponsor.name in client.get("/profile/").content.decode()


def test_a_page_asked_for_before_signing_in_is_reached_after_the_code(lead: User) -> None:
    app = set_up(lead)
    client = Client()
    client.post("/accounts/login/?next=/calendar/", {"login": lead.email, "password": PASSWORD, "next": "/calendar/"})
    assert client.post("/accounts/code/", {"code": app.code()}).headers["location"] == "/calendar/"


def test_the_page_of_the_code_is_nothing_without_the_password(lead: User, sign_in: SignIn) -> None:
    app = set_up(lead)
    client = Client()
    answer = client.post("/accounts/code/", {"code": app.code()})
    assert (answer.status_code, answer.headers["location"]) == (302, "/accounts/login/")
    assert client.get("/profile/").status_code == 302


def test_wrong_codes_at_sign_in_are_noted_and_lock_also_signing(lead: User) -> None:
    start = datetime.now(tz=UTC)
    with time_machine.travel(start, tick=False) as clock:
        app = set_up(lead)
        client = _enter(lead)
        for _ in range(services.ATTEMPTS):
            client.post("/accounts/code/", {"code": "000000"})
        assert Entry.objects.filter(verb=services.WRONG_CODE, actor=lead).count() == services.ATTEMPTS
        locked = client.post("/accounts/code/", {"code": app.code()})
        assert locked.status_code == 200
        assert client.get("/profile/").status_code == 302
        with pytest.raises(Refused) as refused:
            services.prove_signer(actor=lead, password=PASSWORD, code=app.code())
        assert refused.value.code == "code_locked"
        clock.shift(timedelta(minutes=16))
        later = _enter(lead)
        assert later.post("/accounts/code/", {"code": app.code()}).status_code == 302
        assert later.get("/profile/").status_code == 200


def test_who_lost_access_meanwhile_does_not_come_in_by_a_code(lead: User, administrator: User) -> None:
    app = set_up(lead)
    client = _enter(lead)
    services.deactivate(actor=administrator, person=lead)
    client.post("/accounts/code/", {"code": app.code()})
    assert client.get("/profile/").status_code == 302


def test_a_token_for_scripts_needs_the_code_too(lead: User) -> None:
    app = set_up(lead)
    asked = {"email": lead.email, "password": PASSWORD, "name": "nightly"}

    def post(**more: Any) -> tuple[int, str]:
        answer = Client().post("/api/v1/tokens/", {**asked, **more}, content_type="application/json")
        return answer.status_code, answer.json().get("error", {}).get("code", "")

    assert post() == (403, "code_missing")
    assert post(code="000000") == (403, "code_wrong")
    assert post(password="wrong", code=app.code()) == (403, "sign_in_failed")
    assert not ApiToken.objects.exists()
    assert post(code=app.code()) == (201, "")


def test_an_administrator_turns_a_lost_one_off_on_the_persons_page(
    administrator: User, lead: User, sign_in: SignIn
) -> None:
    set_up(lead)
    client = sign_in(administrator)
    assert "They lost it" in client.get(f"/people/{lead.pk}/").content.decode()
    off = f"/people/{lead.pk}/second-factor/off/"
    back = client.post(
        off,
        {"reason": "Phone lost", "password": "wrong"},
        headers={"referer": f"http://testserver/people/{lead.pk}/"},
        follow=True,
    ).content.decode()
    assert "Phone lost" in back
    client.post(off, {"reason": "Phone lost", "password": PASSWORD})
    assert not selectors.has_second_factor(lead)
    assert "They lost it" not in client.get(f"/people/{lead.pk}/").content.decode()


def test_the_form_asks_the_administrators_own_code_where_they_have_one(
    administrator: User, lead: User, sign_in: SignIn
) -> None:
    set_up(lead)
    client = sign_in(administrator)
    assert 'name="code"' not in client.get(f"/people/{lead.pk}/").content.decode()
    set_up(administrator)
    assert 'name="code"' in client.get(f"/people/{lead.pk}/").content.decode()
    assert "They lost it" not in client.get(f"/people/{administrator.pk}/").content.decode()


def test_confirming_with_the_password_still_works_with_a_second_factor(lead: User, sign_in: SignIn) -> None:
    set_up(lead)
    assert sign_in(lead).get("/accounts/reauthenticate/").status_code == 200
