"""Deciding in Chromium: accessible, narrow enough for a phone, and possible with the keyboard alone."""

from __future__ import annotations

import os
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from foundation.people.models import User
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Stage
from lifecycle.signoff.models import Round
from lifecycle.signoff.services import submit_round
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def second_round(
    first: Stage, kpi: Kpi, lead: User, sponsor: User, answer: Any, rewrite: Any, second_sponsor: User
) -> Round:
    """An open round after one that asked for changes."""
    former = submit_round(actor=lead, stage=first, title="May we begin?")
    answer(sponsor, former, "request_changes", "Price the risks, then ask again.")
    rewrite(first)
    return submit_round(
        actor=lead, stage=first, title="May we begin in three regions?", comment="The risks are **priced** now."
    )


def _signed_in(browser: Browser, url: str, person: User, **options: Any) -> tuple[Page, list[str]]:
    page = browser.new_context(**options).new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(f"{url}/accounts/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{url}/")
    return page, said


def _is_sound(page: Page, width: int) -> None:
    violations = Axe().run(page).response["violations"]
    assert [(row["id"], [node["html"] for node in row["nodes"]]) for row in violations] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def _shoot(page: Page, name: str) -> None:
    folder = os.environ.get("TOLLGATE_SHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_page_of_a_round_is_accessible(
    live_server: Any, browser: Browser, second_round: Round, sponsor: User, lead: User, rewrite: Any, first: Stage,
    scheme: Any, width: int,
) -> None:  # fmt: skip
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    page, said = _signed_in(browser, live_server.url, sponsor, **options)
    page.goto(f"{live_server.url}/rounds/{second_round.pk}/")
    _shoot(page, f"round-{scheme}-{width}")
    _is_sound(page, width)
    page.click("summary:has-text('Not yet')")
    _is_sound(page, width)
    _shoot(page, f"round-open-{scheme}-{width}")
    page.click("summary:has-text('Approve')")
    page.fill("#id_approve_password", PASSWORD)
    page.click("button:has-text('Sign: approve')")
    page.wait_for_selector("text=Approved and signed.")
    rewrite(first)
    page.reload()
    _is_sound(page, width)
    _shoot(page, f"round-stale-{scheme}-{width}")
    mine, _ = _signed_in(browser, live_server.url, lead, **options)
    for name in ("business_understanding/submit", "data_understanding/submit", "data_understanding/go-back"):
        mine.goto(f"{live_server.url}/projects/triage/stages/{name}/")
        _is_sound(mine, width)
        _shoot(mine, f"{name.replace('/', '-')}-{scheme}-{width}")
    assert said == []


def test_a_decision_needs_two_clicks_and_the_password(
    live_server: Any, browser: Browser, second_round: Round, sponsor: User
) -> None:
    page, _ = _signed_in(browser, live_server.url, sponsor)
    page.goto(f"{live_server.url}/")
    page.click("a:has-text('May we begin in three regions?')")
    page.click("summary:has-text('Approve')")
    page.fill("#id_approve_password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Approved and signed.")


def test_a_decision_is_possible_with_the_keyboard_and_without_javascript(
    live_server: Any, browser: Browser, second_round: Round, sponsor: User
) -> None:
    page, _ = _signed_in(browser, live_server.url, sponsor, java_script_enabled=False)
    page.goto(f"{live_server.url}/rounds/{second_round.pk}/")
    page.focus("summary:has-text('Reject')")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("The savings are counted twice.")
    page.keyboard.press("Tab")  # to whom it goes back: who asked
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Rejected and signed.")
    second_round.refresh_from_db()
    assert second_round.state == Round.State.REJECTED
