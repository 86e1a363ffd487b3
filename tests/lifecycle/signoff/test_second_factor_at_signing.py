"""Who has a second factor signs with password and code, everywhere that a signature is asked for."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Callable
from datetime import date, timedelta
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import lifecycle.acceptance.services
import lifecycle.signoff.services
from foundation.audit.models import Entry
from foundation.people.models import ApiToken, User
from foundation.people.services import WRONG_CODE
from foundation.web.refused import Refused
from lifecycle.acceptance.models import ITEMS, HandOff
from lifecycle.acceptance.services import hand_over, receive_handoff, write_handoff
from lifecycle.projects.models import Project
from lifecycle.signoff import days, policy
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition, Decision, Round, Signature
from lifecycle.signoff.services import decide, withdraw_decision
from lifecycle.signoff.services.condition_deeds import claim_condition, drop_condition, verify_condition
from lifecycle.signoff.services.policies import change_policy
from lifecycle.signoff.services.waivers import grant_waiver
from lifecycle.signoff.signing import sign
from tests.conftest import PASSWORD
from tests.factors import set_up

pytestmark = pytest.mark.django_db
BY_CODE = "password and one-time code"


def _refused(deed: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(Refused) as caught:
        deed()
    return caught.value.code, caught.value.field


def _approve(actor: User, review: Round, **others: Any) -> Decision:
    return decide(
        actor=actor, round_id=review.pk, verdict="approve", reason="", password=PASSWORD, digest=review.digest, **others
    )


def test_every_deed_that_asks_for_the_password_takes_a_code_too() -> None:
    asking: dict[str, bool] = {}
    for room in (lifecycle.signoff.services, lifecycle.acceptance.services):
        for file in pkgutil.iter_modules(room.__path__, f"{room.__name__}."):
            for name, deed in inspect.getmembers(import_module(file.name), inspect.isfunction):
                words = inspect.signature(deed).parameters
                if "password" in words and deed.__module__ == file.name:
                    asking[name] = "code" in words
    asking["sign"] = "code" in inspect.signature(sign).parameters
    assert len(asking) == 11
    assert all(asking.values()), asking


def test_every_call_that_takes_a_password_takes_a_code_too(sponsor: User, sign_in: Any) -> None:
    schema = sign_in(sponsor).get("/api/v1/schema/?format=json").json()
    asking = {
        name: "code" in part["properties"]
        for name, part in schema["components"]["schemas"].items()
        if "password" in part.get("properties", {})
    }
    assert len(asking) >= 11
    assert all(asking.values()), asking
    for name in asking:
        assert "code" not in schema["components"]["schemas"][name].get("required", []), name


def test_a_round_is_decided_with_password_and_code_and_the_signature_says_so(review: Round, sponsor: User) -> None:
    app = set_up(sponsor)
    assert _refused(lambda: _approve(sponsor, review)) == ("code_missing", "code")
    assert _refused(lambda: _approve(sponsor, review, code="000000")) == ("code_wrong", "code")
    assert Entry.objects.filter(verb=WRONG_CODE, actor=sponsor).count() == 1
    assert not Signature.objects.exists()
    code = app.code()
    signature = _approve(sponsor, review, code=code).signature
    assert signature.authenticated_by == BY_CODE
    assert code not in str(list(Entry.objects.values()))


def test_a_recovery_code_signs_once(review: Round, sponsor: User) -> None:
    app = set_up(sponsor)
    decision = _approve(sponsor, review, code=app.recovery[0])
    assert decision.signature.authenticated_by == "password and recovery code"
    again = _refused(
        lambda: withdraw_decision(
            actor=sponsor, decision_id=decision.pk, reason="By mistake.", password=PASSWORD, code=app.recovery[0]
        )
    )
    assert again == ("code_wrong", "code")
    taken = withdraw_decision(
        actor=sponsor, decision_id=decision.pk, reason="By mistake.", password=PASSWORD, code=app.code()
    )
    assert taken.withdrawal is not None
    assert taken.withdrawal.authenticated_by == BY_CODE


def test_one_code_signs_one_thing(review: Round, sponsor: User, project: Project) -> None:
    app = set_up(sponsor)
    code = app.code()
    _approve(sponsor, review, code=code)
    assert _refused(lambda: _grant(sponsor, project, code=code)) == ("code_used", "code")


def _grant(actor: User, project: Project, **others: Any) -> Any:
    today = timezone.localdate()
    return grant_waiver(
        actor=actor, project=project, what="role", role="reviewer", reason="On leave.", password=PASSWORD,
        starts_on=today, ends_on=today + timedelta(days=9), **others,
    )  # fmt: skip


def test_an_exception_and_a_policy_are_signed_with_a_code(project: Project, sponsor: User, administrator: User) -> None:
    app = set_up(sponsor)
    assert _refused(lambda: _grant(sponsor, project)) == ("code_missing", "code")
    assert _grant(sponsor, project, code=app.code()).signature.authenticated_by == BY_CODE
    theirs = set_up(administrator)

    def change(code: str) -> Any:
        content = {**policy.shipped_policy("low"), "days": 8}
        return change_policy(
            actor=administrator, tier="low", content=content, reason="More time.", password=PASSWORD,
            expected_number=0, code=code,
        )  # fmt: skip

    assert _refused(lambda: change("")) == ("code_missing", "code")
    change(theirs.code())
    assert Entry.objects.get(verb="change_policy").after["authenticated_by"] == BY_CODE


def test_conditions_are_verified_and_dropped_with_a_code(
    review: Round, sponsor: User, contributor: User, reviewer: User
) -> None:
    row = {"text": "Test it.", "severity": "major", "owner_id": contributor.pk, "verifier_id": reviewer.pk}
    rows = [{**row, "due_on": days.today() + timedelta(days=7)} for _ in range(2)]
    decision = decide(
        actor=sponsor, round_id=review.pk, verdict="approve_with_conditions", reason="", password=PASSWORD,
        digest=review.digest, conditions=rows,
    )  # fmt: skip
    first, second = decision.conditions.order_by("number")
    claim_condition(actor=contributor, condition_id=first.pk, note="Done.")
    by_reviewer, by_sponsor = set_up(reviewer), set_up(sponsor)

    def verify(code: str) -> Condition:
        digest = digest_of_condition(Condition.objects.get(pk=first.pk))
        return verify_condition(actor=reviewer, condition_id=first.pk, password=PASSWORD, digest=digest, code=code)

    def drop(code: str) -> Condition:
        digest = digest_of_condition(second)
        return drop_condition(
            actor=sponsor, condition_id=second.pk, password=PASSWORD, digest=digest, reason="Not needed.", code=code
        )

    for deed, app in ((verify, by_reviewer), (drop, by_sponsor)):
        assert _refused(lambda deed=deed: deed("")) == ("code_missing", "code")  # type: ignore[misc]
        deed(app.code())
    ways = Signature.objects.filter(record_kind="condition").values_list("authenticated_by", flat=True)
    assert list(ways) == [BY_CODE, BY_CODE]


def test_a_hand_off_is_signed_and_counter_signed_with_codes(
    project: Project, lead: User, contributor: User, customer: User
) -> None:
    draft = write_handoff(
        actor=contributor, project=project, receiving_party="Ward IT", handed_on=date(2026, 3, 1),
        items={key: {"text": label} for key, label in ITEMS.items()},
    )  # fmt: skip
    by_lead, by_customer = set_up(lead), set_up(customer)

    def over(code: str) -> HandOff:
        return hand_over(actor=lead, handoff_id=draft.pk, password=PASSWORD, code=code)

    assert _refused(lambda: over("")) == ("code_missing", "code")
    handed = over(by_lead.code())

    def receive(code: str) -> HandOff:
        return receive_handoff(actor=customer, handoff_id=draft.pk, password=PASSWORD, digest=handed.digest, code=code)

    assert _refused(lambda: receive("")) == ("code_missing", "code")
    receive(by_customer.code())
    ways = Signature.objects.filter(record_kind="handoff").values_list("authenticated_by", flat=True)
    assert list(ways) == [BY_CODE, BY_CODE]


def test_the_page_shows_the_field_only_to_who_has_one_and_the_block_says_how(
    review: Round, sponsor: User, sign_in: Any
) -> None:
    client = sign_in(sponsor)
    path = f"/rounds/{review.pk}/"
    assert 'name="code"' not in client.get(path).content.decode()
    app = set_up(sponsor)
    page = client.get(path).content.decode()
    assert page.count('name="code"') == 4  # one for each answer
    assert page.index('name="password"') < page.index('name="code"') < page.index("Sign: approve")
    given = {"verdict": "request_changes", "reason": "Price the risks.", "password": PASSWORD, "digest": review.digest}
    back = client.post(
        f"{path}decide/", given, headers={"referer": f"http://testserver{path}"}, follow=True
    ).content.decode()
    assert "a code is needed too" in back
    assert "Price the risks." in back
    client.post(f"{path}decide/", {**given, "code": app.code()})
    assert f"authenticated by {BY_CODE}" in client.get(path).content.decode()


@pytest.mark.parametrize("path", ["/policies/low/change/", "/projects/triage/exceptions/"])
def test_forms_with_a_page_of_their_own_ask_for_the_code_and_keep_none(
    path: str, project: Project, administrator: User, sponsor: User, sign_in: Any
) -> None:
    person = administrator if "policies" in path else sponsor
    client = sign_in(person)
    assert 'name="code"' not in client.get(path).content.decode()
    app = set_up(person)
    assert client.get(path).content.decode().count('name="code"') == 1
    code = app.code()
    again = client.post(path, {"password": PASSWORD, "code": code, "reason": "Why"}).content.decode()
    assert again.count('name="code"') == 1
    assert code not in again


def test_a_token_signs_nothing_without_the_code(review: Round, sponsor: User) -> None:
    app, (_, text) = set_up(sponsor), ApiToken.make(user=sponsor, name="script")
    client = Client(headers={"authorization": f"Bearer {text}"})
    asked = {"verdict": "approve", "password": PASSWORD, "digest": review.digest}

    def post(**more: str) -> Any:
        return client.post(f"/api/v1/rounds/{review.pk}/decisions/", {**asked, **more}, content_type="application/json")

    assert (post().status_code, post().json()["error"]["code"]) == (403, "code_missing")
    assert post(code="000000").json()["error"] | {"message": ""} == {
        "code": "code_wrong", "message": "", "field": "code", "details": [],
    }  # fmt: skip
    assert post(code=app.code()).status_code == 201
    shown = client.get(f"/api/v1/rounds/{review.pk}/record/").json()
    assert BY_CODE in str(shown)
