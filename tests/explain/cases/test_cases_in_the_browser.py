"""Writing a business case in Chromium: what was typed outlives the page, the session and the power."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from explain.cases.models import CaseVersion
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.conftest import PASSWORD
from tests.lifecycle.signoff.test_signoff_in_the_browser import _is_sound, _shoot, _signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_lost_session_loses_no_text(
    scheme: str, width: int, project: Project, lead: User, live_server: Any, browser: Browser
) -> None:
    url = str(live_server)
    address = f"{url}/projects/triage/case/parts/stakeholder-map/"
    page, said = _signed_in(browser, url, lead, color_scheme=scheme, viewport={"width": width, "height": 900})
    page.goto(address)
    expect(page.locator("#draft")).to_be_hidden()
    page.click("button:has-text('More rows')")
    for place, who in ((0, "Nurses"), (2, "Porters & cleaners")):
        page.fill(f"[name=stakeholders-{place}-who]", who)
        page.select_option(f"[name=stakeholders-{place}-influence]", "3")
        page.select_option(f"[name=stakeholders-{place}-interest]", "4")
    page.fill("[name=note]", "First talks")
    page.context.clear_cookies()
    page.goto(f"{url}/accounts/login/")
    assert not CaseVersion.objects.exists()

    page.fill("[name=login]", lead.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{url}/")
    page.goto(address)
    expect(page.locator("#draft")).to_be_visible()
    _is_sound(page, width)
    _shoot(page, f"case-draft-{scheme}-{width}")
    page.click("text=Put it back")
    expect(page.locator("[name=stakeholders-2-who]")).to_have_value("Porters & cleaners")
    expect(page.locator("[name=note]")).to_have_value("First talks")
    expect(page.locator("#draft")).to_be_hidden()
    page.click("main button.btn-primary")
    page.wait_for_url("**/case/")
    rows = CaseVersion.objects.get().content["stakeholder_map"]["stakeholders"]
    assert [row["who"] for row in rows] == ["Nurses", "Porters & cleaners"]

    page.goto(address)
    expect(page.locator("#draft")).to_be_hidden()
    page.fill("[name=stakeholders-0-who]", "Night nurses")
    page.goto(address)
    page.click("text=Forget it")
    page.reload()
    expect(page.locator("#draft")).to_be_hidden()
    assert said == []
