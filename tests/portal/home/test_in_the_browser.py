"""The furniture in Chromium: accessible, wide enough for a phone, quiet in the console under the strict policy."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from playwright.sync_api import Browser, Page

from foundation.calendar.selectors import today
from foundation.calendar.services import add_own_day, change_calendar
from foundation.notices.models import Delivery
from foundation.notices.services import tell
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = [
    "/", "/projects/triage/", "/projects/triage/trail/", "/components/", "/search/?q=t", "/profile/", "/notices/",
    "/notices/mail/", "/calendar/",
]  # fmt: skip


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


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_pages_are_accessible_and_quiet(
    live_server: Any, browser: Browser, project: Project, lead: User, scheme: Any, width: int
) -> None:
    assert "unsafe-inline" not in str(django_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["style-src"])
    lead.is_administrator = True  # so that the forms of the calendar and the whole log of e-mails are looked at
    lead.save()
    change_calendar(actor=lead, weekend=[5, 6], country="HU")
    add_own_day(actor=lead, day=today(), name="Company holiday")
    (notice,) = tell(people=[lead], kind="x", subject="Look", comment="Please.", why="You lead it.")
    Delivery.objects.create(
        user=lead, notice=notice, address=lead.email, subject="Look", result="failed", error="451 try later"
    )
    page, said = _signed_in(
        browser, live_server.url, lead, color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    for path in PAGES:
        page.goto(live_server.url + path)
        if path == "/components/":
            page.wait_for_selector(".chart[data-drawn] .main-svg")
        page.wait_for_load_state("networkidle")
        violations = Axe().run(page).response["violations"]
        assert [(row["id"], [node["html"] for node in row["nodes"]]) for row in violations] == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert said == [], path


def test_the_switch_of_themes_is_kept_and_charts_follow(
    live_server: Any, browser: Browser, project: Project, lead: User
) -> None:
    page, _ = _signed_in(browser, live_server.url, lead, color_scheme="light")
    page.goto(f"{live_server.url}/components/")
    page.wait_for_selector(".chart[data-drawn]")
    line = page.locator("#sample .scatterlayer .js-line").first
    light = line.get_attribute("style")
    page.click("[data-switches-theme]")
    page.wait_for_function(
        "before => document.querySelector('#sample .scatterlayer .js-line').getAttribute('style') !== before",
        arg=light,
    )
    page.goto(f"{live_server.url}/search/")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"


def test_the_table_of_a_chart_is_offered_as_csv(
    live_server: Any, browser: Browser, project: Project, lead: User
) -> None:
    page, _ = _signed_in(browser, live_server.url, lead)
    page.goto(f"{live_server.url}/components/")
    page.click(".chart-table summary")
    with page.expect_download() as download:
        page.click("[data-csv]")
    text = download.value.path().read_text("utf-8-sig")
    assert text.splitlines()[:2] == ["Month,Days", "2026-01,11.9"]


def test_keys_move_between_rows_and_open_the_list_of_keys(
    live_server: Any, browser: Browser, project: Project, lead: User
) -> None:
    page, _ = _signed_in(browser, live_server.url, lead)
    page.goto(f"{live_server.url}/projects/triage/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate("document.activeElement === document.querySelector('[data-keys] .what')")
    page.keyboard.press("?")
    assert page.locator("dialog#keys").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.wait_for_url(re.compile("/search/$"))
    # The address changes before the page is there; the field takes the focus when it is.
    page.wait_for_function("document.activeElement.type === 'search'")


def test_without_scripts_the_table_stands_open_and_deeds_work(
    live_server: Any, browser: Browser, project: Project, lead: User
) -> None:
    page, _ = _signed_in(browser, live_server.url, lead, java_script_enabled=False)
    page.goto(f"{live_server.url}/components/")
    assert page.locator(".chart-table table").is_visible()
    assert not page.locator(".chart").is_visible()
    page.goto(f"{live_server.url}/profile/")
    page.fill("[name=name]", "Lea L.")
    page.click("text=Save")
    assert "Saved." in page.content()
