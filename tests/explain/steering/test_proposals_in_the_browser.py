"""Proposing and answering in Chromium: accessible, and narrow enough for a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from explain.outcomes.models import OutcomeReport
from foundation.people.models import User
from tests.conftest import PASSWORD
from tests.lifecycle.signoff.test_signoff_in_the_browser import _is_sound, _shoot, _signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WHY = "The users left for the new laboratory system, which sorts samples by itself since October. What runs here costs more than it saves."


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_stop_is_proposed_signed_and_done(
    scheme: str, width: int, reported: OutcomeReport, lead: User, sponsor: User, live_server: Any, browser: Browser
) -> None:
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    url, look = str(live_server), f"{scheme}-{width}"
    page, said = _signed_in(browser, url, lead, **options)
    page.goto(f"{url}/projects/triage/proposals/")
    _is_sound(page, width)
    _shoot(page, f"propose-{look}")
    page.check("[name=what][value=stop]")
    page.fill("[name=reasons]", WHY)
    page.click("main button:has-text('Propose')")
    page.wait_for_url("**/proposals/1/")
    _is_sound(page, width)
    _shoot(page, f"proposal-of-lead-{look}")
    page.goto(f"{url}/projects/triage/value/")
    _is_sound(page, width)
    _shoot(page, f"value-{look}")
    theirs, told = _signed_in(browser, url, sponsor, **options)
    _shoot(theirs, f"inbox-{look}")
    theirs.click("text=Stop Tumour triage?")
    _is_sound(theirs, width)
    _shoot(theirs, f"proposal-{look}")
    theirs.check("[name=verdict][value=approve]")
    theirs.fill("[name=password]", PASSWORD)
    theirs.click("button:has-text('Sign the answer')")
    theirs.wait_for_selector("text=You signed: the proposal is approved.")
    _is_sound(theirs, width)
    _shoot(theirs, f"approved-{look}")
    theirs.click("main button:has-text('Stop the project')")
    theirs.wait_for_selector("text=is stopped")
    theirs.goto(f"{url}/projects/triage/proposals/")
    _is_sound(theirs, width)
    _shoot(theirs, f"stopped-{look}")
    assert said == told == []
