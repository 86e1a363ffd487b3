"""Writing in Chromium: kept while it is typed, merged and settled in sight, accessible at both widths."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.base import ContentFile
from playwright.sync_api import Browser, Page, expect

from foundation.people.models import User
from lifecycle.postmortems.models import PostMortem, UnsavedText
from lifecycle.postmortems.services import (
    WhyValues,
    add_row,
    attach_file,
    edit_postmortem,
    open_postmortem,
    start_new_version,
    template_of,
)
from tests.conftest import PASSWORD
from tests.lifecycle.postmortems.test_files import DOT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def signed_in(browser: Browser, url: str, person: User, scheme: Any, width: int) -> Page:
    page = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 900}).new_page()
    page.goto(f"{url}/accounts/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{url}/")
    return page


def look(page: Page, name: str) -> None:
    """No fault that axe finds, nothing wider than the screen; a picture where somebody asks for it."""
    if os.environ.get("TOLLGATE_PICTURES"):
        page.screenshot(path=Path(os.environ["TOLLGATE_PICTURES"]) / f"{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert not found, (name, [(item["id"], item["nodes"][0]["html"][:200]) for item in found])
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_what_is_typed_is_kept_offered_merged_and_settled(
    live_server: Any,
    browser: Browser,
    filled: PostMortem,
    contributor: User,
    lead: User,
    manager: User,
    scheme: Any,
    width: int,
) -> None:
    factor = filled.factors.get()
    above = None
    for question, answer in (
        ("Why were samples read late?", "The new codes sorted **last**."),
        ("Why did nobody notice averylongwordwithoutanyspacesthatgoesonandon?", "No check on codes existed."),
        ("Why was there no check?", "Nobody owned the interface."),
        ("Why that?", ""),
    ):
        above = add_row(
            actor=contributor,
            postmortem=filled,
            values=WhyValues(question, answer, above.pk if above else None, None if answer else factor.pk),
        )
    kept = attach_file(actor=contributor, postmortem=filled, file=ContentFile(DOT, name="A long name of a picture.png"))
    light = open_postmortem(
        actor=contributor, project=filled.project, kind="near_miss", title="Nearly", template=template_of("light")
    )
    page = signed_in(browser, live_server.url, contributor, scheme, width)
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
    base = live_server.url + filled.get_absolute_url()

    page.goto(f"{base}?edit=story")
    page.fill("#id_summary", f"The lab changed its codes at noon.\n\n![The dot](file:{kept.pk})")
    expect(page.locator("[data-kept-note]")).to_contain_text("not saved yet", timeout=10_000)
    assert UnsavedText.objects.get().place == "story"
    page.goto(base)
    look(page, f"offered-{width}")
    page.get_by_role("link", name="Put it back").click()
    assert "at noon" in page.input_value("#id_summary")
    edit_postmortem(
        actor=lead,
        postmortem=filled,
        lock=PostMortem.objects.get(pk=filled.pk).lock,
        changes={"summary": "The lab changed its codes and told nobody.", "background": "People by role."},
    )
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="Theirs").wait_for()
    look(page, f"clash-{width}")
    page.fill("#id_summary", f"The lab changed its codes at noon and told nobody.\n\n![The dot](file:{kept.pk})")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url(f"{base}#story")
    assert page.get_by_role("img", name="The dot").count() == 1
    assert not UnsavedText.objects.exists()
    look(page, f"page-{width}")
    for name, path in (
        ("why", f"{base}?edit=whys:{filled.whys.first().pk}"),  # type: ignore[union-attr]
        ("changes", f"{base}changes/?since=1"),
        ("light", live_server.url + light.get_absolute_url()),
        ("new", f"{live_server.url}/projects/triage/post-mortems/new/"),
        ("templates", f"{live_server.url}/post-mortems/templates/"),
    ):
        page.goto(path)
        look(page, f"{name}-{width}")
    assert said == []
    page = signed_in(browser, live_server.url, manager, scheme, width)
    page.goto(f"{live_server.url}/post-mortems/templates/new/?from=light")
    look(page, f"template-{width}")


def test_a_session_that_ends_while_somebody_types_loses_nothing(
    live_server: Any, browser: Browser, draft: PostMortem, contributor: User
) -> None:
    page = signed_in(browser, live_server.url, contributor, "light", 1280)
    base = live_server.url + draft.get_absolute_url()
    page.goto(f"{base}?edit=story")
    page.context.clear_cookies(name="sessionid")
    page.fill("#id_summary", "Typed after the session had ended.")
    expect(page.locator("[data-kept-note]")).to_contain_text("in this browser only", timeout=10_000)
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("[name=login]", contributor.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{base}?edit=story")
    page.get_by_role("link", name="Put it back").click()
    assert page.input_value("#id_summary") == "Typed after the session had ended."


def test_each_line_of_a_difference_is_a_line_of_the_page(
    live_server: Any, browser: Browser, published_one: PostMortem, contributor: User
) -> None:
    start_new_version(actor=contributor, postmortem=published_one, reason="More is known.")
    edit_postmortem(
        actor=contributor, postmortem=published_one, lock=published_one.lock,
        changes={"summary": "The lab told nobody.\n\nThe team did not ask."},
    )  # fmt: skip
    page = signed_in(browser, live_server.url, contributor, "light", 360)
    page.goto(f"{live_server.url}{published_one.get_absolute_url()}differences/")
    lines = page.locator("main .diff").first.locator("del, ins")
    boxes = [box for box in (lines.nth(number).bounding_box() for number in range(lines.count())) if box]
    assert len(boxes) == 4
    assert {(box["x"], box["width"]) for box in boxes} == {(boxes[0]["x"], boxes[0]["width"])}
    assert [box["y"] for box in boxes] == sorted({box["y"] for box in boxes})
    look(page, "differences")
