"""A second factor in Chromium: set up, sign out, sign in with a code, decide with password and code."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from foundation.people.models import User
from lifecycle.signoff.models import Round
from tests.conftest import PASSWORD
from tests.factors import App, set_up
from tests.lifecycle.signoff.test_signoff_in_the_browser import _is_sound, _shoot, _signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("scheme", "width", "scripts"), [("light", 1280, True), ("dark", 360, True), ("light", 360, False)]
)
def test_a_sponsor_sets_it_up_signs_in_with_it_and_decides_with_it(
    scheme: Any, width: int, scripts: bool, live_server: Any, browser: Browser, review: Round, sponsor: User
) -> None:
    url = str(live_server)
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}, "java_script_enabled": scripts}
    page, said = _signed_in(browser, url, sponsor, **options)

    def look(name: str) -> None:
        if scripts:  # without them nothing can be measured in the page
            _is_sound(page, width)
            _shoot(page, f"second-factor-{name}-{scheme}")

    page.goto(f"{url}/profile/")
    page.get_by_role("link", name="Second factor").click()
    secret = (page.locator("code.text-break").text_content() or "").replace(" ", "")
    assert re.fullmatch("[A-Z2-7]{32}", secret)
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    look("set-up")
    app = App(secret)
    page.get_by_label("Code that your app shows").fill(app.code())
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Set it up").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    app.recovery = [text.strip() for text in page.locator("ol.codes li").all_text_contents()]
    assert len(app.recovery) == 10
    look("codes")

    page.goto(f"{url}/accounts/logout/")
    page.locator("main button").click()
    page.goto(f"{url}/rounds/{review.pk}/")
    page.fill("[name=login]", sponsor.email)
    page.fill("[name=password]", PASSWORD)
    page.locator("main form button").first.click()
    page.wait_for_url(f"{url}/accounts/code/")
    look("sign-in")
    page.get_by_label("Code of your second factor").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_text("This is no code of your second factor now")).to_be_visible()
    look("sign-in-refused")
    page.get_by_label("Code of your second factor").fill(app.code())
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{url}/rounds/{review.pk}/")

    page.locator("summary", has_text="Approve").first.click()
    choice = page.locator("details[open]").filter(has=page.get_by_role("button", name="Sign: approve"))
    look("decide")
    choice.get_by_label("Your password").fill(PASSWORD)
    choice.get_by_label("Code of your second factor").fill(app.recovery[0])
    choice.get_by_role("button", name="Sign: approve").click()
    expect(page.get_by_text("authenticated by password and recovery code")).to_be_visible()
    look("signed")
    page.goto(f"{url}/profile/second-factor/")
    expect(page.get_by_text("9 recovery codes left")).to_be_visible()
    look("as-it-stands")
    assert said == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_page_of_a_person_who_lost_theirs_is_sound(
    scheme: Any, width: int, live_server: Any, browser: Browser, sponsor: User, administrator: User
) -> None:
    set_up(sponsor)
    url = str(live_server)
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 900}}
    page, said = _signed_in(browser, url, administrator, **options)
    set_up(administrator)  # from now on the form asks for their own code too
    page.goto(f"{url}/people/{sponsor.pk}/")
    page.locator("summary", has_text="They lost it").click()
    _is_sound(page, width)
    _shoot(page, f"second-factor-lost-{scheme}")
    assert said == []
