"""Profile and people: what the pages do without any script."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from foundation.people.models import ApiToken, User
from tests.conftest import PASSWORD, SignIn

pytestmark = pytest.mark.django_db


def test_a_person_changes_name_zone_and_mail(viewer: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    answer = client.post("/profile/", {"name": "Vera V.", "time_zone": "Europe/Berlin", "mail_wish": "daily"})
    assert answer.status_code == 302
    viewer.refresh_from_db()
    assert (viewer.name, viewer.time_zone, viewer.mail_wish) == ("Vera V.", "Europe/Berlin", "daily")
    assert client.post("/profile/", {"name": "", "time_zone": "Mars"}).status_code == 200


def test_a_token_is_shown_once_and_revoked_from_the_page(viewer: User, lead: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    page = client.post("/profile/tokens/", {"token-name": "laptop", "token-days": "30"}).content.decode()
    shown = re.search(r"tg_[\w-]{43}", page)
    assert shown
    assert shown.group() not in client.get("/profile/").content.decode()
    token = ApiToken.objects.get()
    assert sign_in(lead).post(f"/profile/tokens/{token.pk}/revoke/").status_code == 404
    client.post(f"/profile/tokens/{token.pk}/revoke/")
    token.refresh_from_db()
    assert not token.is_usable


def test_an_administrator_invites_gives_roles_and_takes_access(administrator: User, sign_in: SignIn) -> None:
    client = sign_in(administrator)
    client.post("/people/", {"email": "nia@example.org", "name": "Nia New"})
    nia = User.objects.get(email="nia@example.org")
    assert "invited" in client.get("/people/?q=nia").content.decode()
    client.post(f"/people/{nia.pk}/", {"is_auditor": "on"})
    client.post(f"/people/{nia.pk}/invite-again/")
    client.post(f"/people/{nia.pk}/deactivate/", {"reason": "never came"})
    nia.refresh_from_db()
    assert (nia.is_auditor, nia.is_manager, nia.is_active) == (True, False, False)
    client.post(f"/people/{nia.pk}/reactivate/")
    nia.refresh_from_db()
    assert nia.is_active


def test_a_refusal_leads_back_with_its_reason_and_what_was_typed(administrator: User, sign_in: SignIn) -> None:
    client = sign_in(administrator)
    back = client.post(
        "/people/",
        {"email": administrator.email, "name": "Typed before"},
        headers={"referer": "http://testserver/people/"},
        follow=True,
    )
    page = back.content.decode()
    assert "is known already" in page
    assert "Typed before" in page


@pytest.mark.parametrize("path", ["/people/", "/people/1/"])
def test_people_is_for_administrators(manager: User, sign_in: SignIn, path: str) -> None:
    assert sign_in(manager).get(path).status_code == 403


def test_signing_in_and_out(viewer: User) -> None:
    client = Client()
    wrong = client.post("/accounts/login/", {"login": viewer.email, "password": "wrong"})
    assert wrong.status_code == 200
    right = client.post("/accounts/login/?next=/search/", {"login": viewer.email, "password": PASSWORD})
    assert right["Location"] == "/search/"
    assert client.get("/profile/").status_code == 200
    assert client.post("/accounts/logout/").status_code == 302
    assert client.get("/profile/").status_code == 302


def test_nobody_signs_up_and_nobody_changes_an_address(viewer: User, sign_in: SignIn) -> None:
    page = Client().get("/accounts/signup/").content.decode()
    assert "Accounts come by invitation" in page
    assert sign_in(viewer).get("/accounts/email/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/accounts/login/", "/accounts/password/reset/", "/accounts/password/reset/done/", "/accounts/inactive/"]
)
def test_pages_before_sign_in_show_in_our_look(db: None, path: str) -> None:
    page = Client().get(path).content.decode()
    assert "sheet centre" in page
    assert "tollgate/theme.css" in page


def test_the_password_pages_of_a_signed_in_person_show(viewer: User, sign_in: SignIn) -> None:
    client = sign_in(viewer)
    assert client.get("/accounts/password/change/").status_code == 200
    answer = client.post(
        "/accounts/password/change/",
        {"oldpassword": PASSWORD, "password1": "another long phrase", "password2": "another long phrase"},
    )
    assert answer.status_code == 302
    viewer.refresh_from_db()
    assert viewer.check_password("another long phrase")
