"""A customer of the project with a second factor signs the verdict, and takes it back, with a code."""

from __future__ import annotations

from typing import Any

import pytest

from foundation.people.models import User
from lifecycle.acceptance.models import Acceptance
from lifecycle.acceptance.services import withdraw_verdict
from tests.conftest import PASSWORD
from tests.factors import set_up
from tests.lifecycle.acceptance.test_handoff_and_report import write

pytestmark = pytest.mark.django_db
BASE = "/projects/triage/acceptance/"


def test_the_verdict_is_signed_and_taken_back_with_a_code(offered: Acceptance, customer: User, sign_in: Any) -> None:
    app, client = set_up(customer), sign_in(customer)
    assert client.get(BASE).content.decode().count('name="code"') == 1
    given = {"verdict": "accepted", "password": PASSWORD, "digest": offered.digest, "comment": "It helps."}
    path = f"{BASE}{offered.number}/decide/"
    back = client.post(path, given, headers={"referer": f"http://testserver{BASE}"}, follow=True).content.decode()
    assert "a code is needed too" in back
    assert "It helps." in back
    client.post(path, {**given, "code": app.code()})
    offered.refresh_from_db()
    assert offered.signature is not None
    assert offered.signature.authenticated_by == "password and one-time code"
    page = client.get(BASE).content.decode()
    assert page.count('name="code"') == 1
    assert "authenticated by password and one-time code" in page
    taken = withdraw_verdict(
        actor=customer, acceptance_id=offered.pk, password=PASSWORD, code=app.recovery[0], reason="A mistake."
    )
    assert taken.withdrawal is not None
    assert taken.withdrawal.authenticated_by == "password and recovery code"


def test_over_the_api_the_verdict_needs_the_code_too(offered: Acceptance, customer: User, sign_in: Any) -> None:
    app, client = set_up(customer), sign_in(customer)
    given = {"verdict": "accepted", "password": PASSWORD, "digest": offered.digest}
    path = f"/api/v1/acceptances/{offered.pk}/decisions/"
    refused = client.post(path, given, content_type="application/json")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "code_missing")
    assert client.post(path, {**given, "code": app.code()}, content_type="application/json").status_code == 201


def test_the_hand_off_forms_ask_for_the_code_of_who_has_one(
    project: Any, lead: User, contributor: User, sign_in: Any
) -> None:
    draft = write(contributor, project)
    client = sign_in(lead)
    path = draft.get_absolute_url()
    assert 'name="code"' not in client.get(path).content.decode()
    app = set_up(lead)
    assert client.get(path).content.decode().count('name="code"') == 1
    client.post(f"{path}{draft.number}/sign/", {"password": PASSWORD, "code": app.code(), "comment": ""})
    draft.refresh_from_db()
    assert draft.author_signature is not None
    assert draft.author_signature.authenticated_by == "password and one-time code"
