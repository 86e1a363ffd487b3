"""The slider in Chromium: what the script says is what the server says, and the page is accessible."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from explain.attributions.models import Explanation
from foundation.people.models import User
from tests.lifecycle.signoff.test_signoff_in_the_browser import _is_sound, _shoot, _signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def _told(page: Page) -> list[str]:
    """Every text that the slider moves, and the table under the chart of costs."""
    return page.evaluate(
        "[...document.querySelectorAll('[data-answers]')].map((one) => one.textContent.trim().replace(/\\s+/g, ' '))"
        ".concat([...document.querySelectorAll('#cost-chart ~ .chart-table tr')].map((row) => row.textContent))"
    )


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_script_says_what_the_server_says(
    scheme: str, width: int, done: Explanation, viewer: User, live_server: Any, browser: Browser
) -> None:
    url = f"{live_server.url}{done.get_absolute_url()}"
    page, said = _signed_in(
        browser, live_server.url, viewer, color_scheme=scheme, viewport={"width": width, "height": 900}
    )
    page.goto(url)
    page.wait_for_selector("#cost-chart[data-drawn]")
    _is_sound(page, width)
    _shoot(page, f"answers-{scheme}-{width}")
    for threshold, alarm, miss in (("0.3", "", ""), ("0.07", "12.5", "340"), ("0.9", "0", "7.25"), ("1", "3", "2")):
        page.fill("#answers-false_alarm", alarm)
        page.fill("#answers-miss", miss)
        page.evaluate(
            "(value) => { const slider = document.getElementById('answers-threshold'); slider.value = value;"
            " slider.dispatchEvent(new Event('input', { bubbles: true })); }",
            threshold,
        )
        expect(page.locator("output[data-answers=at]")).to_have_text(threshold)
        page.wait_for_url(lambda address, wanted=threshold: f"threshold={wanted}" in address)
        live = _told(page)
        page.goto(page.url)
        page.wait_for_selector("#cost-chart[data-drawn]")
        assert _told(page) == live, threshold
    assert said == []


def test_the_cheapest_threshold_is_a_click_away(
    done: Explanation, viewer: User, live_server: Any, browser: Browser
) -> None:
    page, said = _signed_in(browser, live_server.url, viewer)
    page.goto(f"{live_server.url}{done.get_absolute_url()}?threshold=0.99")
    page.wait_for_selector("#cost-chart[data-drawn]")
    page.click("a[data-answers=best]")
    expect(page.locator("[data-answers=best]")).to_have_text("No other is better")
    assert said == []
