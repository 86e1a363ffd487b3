"""A person before a browser: signs in, walks through pages, and looks at each one twice, wide and narrow."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from demo.cast import DOMAIN, PASSWORD

SHOTS = Path(os.environ.get("TOLLGATE_SCREENSHOTS") or Path(__file__).resolve().parents[2] / "screenshots")
WIDE, NARROW, HEIGHT = 1280, 360, 900
# Axe's rules for WCAG 2.0, 2.1 and 2.2, A and AA, and what its makers hold for good practice.
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
    },
}
DRAWN = """() => [...document.querySelectorAll('.chart[data-figure]')].every(
    (chart) => chart.dataset.drawn && chart.querySelector('.main-svg') && !chart.hidden)"""


class Seat:
    """`page` is wide and light; `look` also opens a narrow and dark one with the same session.

    An empty `key` is somebody without an account, who signs in nowhere.
    """

    def __init__(self, chromium: Browser, url: str, key: str) -> None:
        self.chromium, self.url = chromium, url
        self.email = f"{key}@{DOMAIN}"
        self.said: list[str] = []
        self.expected = ""
        self.phone: Page | None = None
        self.context = self._context(WIDE, "light")
        self.page = self._page(self.context)
        if key:
            self.go("/accounts/login/")
            self.sign_in()
            expect(self.page).to_have_url(f"{url}/")
            self.share_session()

    def sign_in(self) -> None:
        """On the sign-in page."""
        self.page.locator("[name=login]:not([type=hidden])").fill(self.email)
        self.page.locator("[name=password][type=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def share_session(self) -> None:
        """Give the present session to the narrow browser too."""
        if self.phone is not None:
            self.phone.context.close()
        self.phone = self._page(self._context(NARROW, "dark", storage_state=self.context.storage_state()))

    def without_scripts(self) -> Page:
        """A page of the same session in a browser that runs no JavaScript."""
        return self._page(
            self._context(WIDE, "light", java_script_enabled=False, storage_state=self.context.storage_state())
        )

    # -- walking

    def go(self, path: str) -> None:
        """Open an address of the portal."""
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.ok, f"{path} answered {answer.status}"

    def follow(self, name: str, within: Locator | None = None) -> None:
        """Click the link of this name."""
        (within or self.page.locator("main")).get_by_role("link", name=name).first.click()

    def press(self, name: str, within: Locator | None = None) -> None:
        """Click the button of this name."""
        (within or self.page.locator("main")).get_by_role("button", name=name).click()

    def unfold(self, words: str, within: Locator | None = None) -> None:
        """Open what is folded under these words."""
        (within or self.page.locator("main")).locator("details:not([open]) > summary", has_text=words).first.click()

    def field(self, label: str, within: Locator | None = None) -> Locator:
        """The field of a form, by its label."""
        return (within or self.page).get_by_label(re.compile(rf"^{re.escape(label)}(\s+optional)?$"))

    def enter(self, values: dict[str, str], within: Locator | None = None) -> None:
        """Fill fields by their labels."""
        for label, value in values.items():
            field = self.field(label, within)
            if field.evaluate("element => element.tagName") == "SELECT":
                field.select_option(label=value)
            else:
                field.fill(value)

    def sheet(self, heading: str) -> Locator:
        """The part of the page under this heading."""
        there = self.page.get_by_role("heading", name=heading, exact=True)
        return self.page.locator("main section").filter(has=there).last

    def sees(self, *texts: str) -> None:
        """Each text stands on the page, in sight."""
        for text in texts:
            expect(self.page.locator("main").get_by_text(text).filter(visible=True).first).to_be_visible()

    def expects(self, status: str) -> None:
        """The next page answers so, which the browser's console reports by itself."""
        self.expected = f"status of {status}"

    # -- looking

    def look(self, name: str, *, again: bool = True) -> None:
        """The page as it is, and narrow and dark: accessible, no wider than the screen, drawn; both are kept as images.

        `again`: the narrow one is opened anew; a page that answers a POST is only made narrow.
        """
        self._judge(self.page, name, WIDE, "light")
        if again and self.phone is not None:
            self.phone.goto(self.page.url)
            self._judge(self.phone, name, NARROW, "dark")
            return
        self.page.set_viewport_size({"width": NARROW, "height": HEIGHT})
        self.page.emulate_media(color_scheme="dark")
        self._judge(self.page, name, NARROW, "dark")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": WIDE, "height": HEIGHT})

    def keep(self, name: str, page: Page | None = None) -> None:
        """Save an image of the whole page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        (page or self.page).screenshot(path=SHOTS / f"{name}.png", full_page=True)

    def _judge(self, page: Page, name: str, width: int, scheme: str) -> None:
        expect(page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        page.wait_for_function(DRAWN)
        self.keep(f"{name}-{width}-{scheme}", page)
        faults = [
            f"{row['id']}: {node['html'][:300]} ({node.get('failureSummary', '')[:300]})"
            for row in Axe().run(page, options=RULES).response["violations"]
            for node in row["nodes"]
        ]
        broad = page.evaluate("document.documentElement.scrollWidth")
        if broad > width:
            faults.append(f"The page is {broad} pixels wide.")
        faults += [f"The console says: {text}" for text in self.said]
        assert not faults, f"{name}, {width} {scheme}, {page.url}:\n" + "\n".join(faults)

    def _hear(self, text: str) -> None:
        if self.expected and self.expected in text:
            self.expected = ""
        else:
            self.said.append(text)

    def _context(self, width: int, scheme: Any, **options: Any) -> BrowserContext:
        return self.chromium.new_context(
            viewport={"width": width, "height": HEIGHT}, color_scheme=scheme, reduced_motion="reduce", **options
        )

    def _page(self, context: BrowserContext) -> Page:
        page = context.new_page()
        page.on("console", lambda said: self._hear(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        return page


def tab_to(page: Page, target: Locator, *, at_most: int = 120) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(at_most):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} is not reached by {at_most} presses of Tab")
