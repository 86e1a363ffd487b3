"""Conditions in Chromium: accessible, narrow enough for a phone, claimed and verified by mouse and keyboard."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser

from foundation.people.models import User
from lifecycle.projects.models import Project
from lifecycle.signoff import days
from lifecycle.signoff.models import Condition, Round
from lifecycle.signoff.services import decide
from lifecycle.signoff.services.sweeping import sweep
from tests.conftest import PASSWORD
from tests.lifecycle.signoff.test_signoff_in_the_browser import _is_sound, _shoot, _signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def condition(review: Round, sponsor: User, contributor: User, reviewer: User) -> Condition:
    row = {
        "severity": "major",
        "owner_id": contributor.pk,
        "verifier_id": reviewer.pk,
        "due_on": days.today() + timedelta(days=4),
    }
    decision = decide(
        actor=sponsor,
        round_id=review.pk,
        verdict="approve_with_conditions",
        reason="",
        password=PASSWORD,
        digest=review.digest,
        conditions=[
            {**row, "text": "Test the night shift, with at least 200 samples of each laboratory."},
            {**row, "text": "Name who answers for wrong labels."},
        ],
    )
    return decision.conditions.get(number=1)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_condition_from_claim_to_revocation(
    live_server: Any, browser: Browser, condition: Condition, project: Project, contributor: User, reviewer: User,
    scheme: Any, width: int,
) -> None:  # fmt: skip
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    url = live_server.url
    owner, said = _signed_in(browser, url, contributor, **options)
    owner.goto(f"{url}{condition.get_absolute_url()}")
    _is_sound(owner, width)
    owner.get_by_text("It is done", exact=True).click()
    owner.get_by_label("What was done?").fill("240 samples of each laboratory, two nights.")
    owner.get_by_label("Where can it be seen?").fill("https://wiki.example.org/night")
    _shoot(owner, f"condition-claim-{scheme}-{width}")
    owner.get_by_role("button", name="Say that it is done").click()
    owner.get_by_text("Noted. Its verifier has been told.").wait_for()

    verifier, _ = _signed_in(browser, url, reviewer, **options)
    verifier.get_by_role("link", name="Test the night shift").click()
    verifier.get_by_text("Verify it", exact=True).click()
    verifier.locator("#id_verify_password").fill(PASSWORD)
    _shoot(verifier, f"condition-verify-{scheme}-{width}")
    verifier.keyboard.press("Enter")
    verifier.get_by_text("Verified and signed.").wait_for()
    _is_sound(verifier, width)
    _shoot(verifier, f"condition-met-{scheme}-{width}")
    verifier.goto(f"{url}/projects/{project.key}/conditions/")
    _is_sound(verifier, width)
    _shoot(verifier, f"conditions-{scheme}-{width}")

    sweep(condition.due_on + timedelta(days=20))
    for path, name in (
        (f"/projects/{project.key}/stages/", "stages"),
        (f"/projects/{project.key}/stages/data_understanding/", "stage"),
        (condition.round.get_absolute_url(), "round-revoked"),
        (f"/projects/{project.key}/", "overview"),
    ):
        verifier.goto(f"{url}{path}")
        _is_sound(verifier, width)
        _shoot(verifier, f"{name}-{scheme}-{width}")
    assert said == []
