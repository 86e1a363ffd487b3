"""In Chromium, from the start of a project to its decision: cases like it are offered, answered with reasons, and the
sponsor reads the answers beside the evidence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from foundation.jobs.models import Job
from foundation.people.models import User
from lifecycle.lessons.models import CaseOffer
from lifecycle.lessons.offers.runs import offer_cases as run
from lifecycle.lessons.offers.services import OFFER
from lifecycle.projects.models import Deliverable, Project, Role, Stage
from lifecycle.projects.services import add_member, answer_question, write_version
from lifecycle.signoff.models import Round
from tests.conftest import PASSWORD
from tests.lifecycle.lessons.conftest import MakeCase

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("TOLLGATE_PICTURES", "")
DISMISSED = "We buy from one supplier only, who writes to us."
TAKEN = "We ask each depot for notice of new units."


def signed_in(browser: Browser, address: str, person: User, look: dict[str, Any], said: list[str]) -> Page:
    """A page of the person; what its console says of errors and warnings goes to `said`."""
    page = browser.new_context(**look).new_page()
    page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
    page.goto(f"{address}/accounts/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{address}/")
    return page


def look_for_cases() -> None:
    """What the worker does."""
    for job in Job.objects.filter(kind=OFFER, state=Job.State.QUEUED):
        assert run(job.pk) == "done"


def looked_at(page: Page, name: str, width: int) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"offers-{name}-{width}.png"), full_page=True)
    found = Axe().run(page).response["violations"]
    assert not found, (name, [(item["id"], item["nodes"][0]["html"][:200]) for item in found])
    assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def answer(page: Page, title: str, button: str, reason: str) -> None:
    """Open the form below a case, write, press one of its buttons."""
    row = page.locator("#lessons li", has_text=title)
    row.get_by_text("Answer", exact=True).click()
    row.get_by_label("What do you do about it, or why does it not apply?").fill(reason)
    row.get_by_role("button", name=button).click()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_team_answers_the_cases_that_it_is_offered_and_the_sponsor_reads_it(
    live_server: Any, browser: Browser, project: Project, make_case: MakeCase, lead: User, sponsor: User,
    scheme: str, width: int,
) -> None:  # fmt: skip
    make_case(project, "Supplier changed its delivery codes")
    look: dict[str, Any] = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    said: list[str] = []
    page = signed_in(browser, live_server.url, lead, look, said)

    # A project starts, and a case like it is offered on its first page.
    page.goto(f"{live_server.url}/projects/new/")
    page.fill("[name=name]", "Delivery forecast")
    page.fill("[name=question]", "Which supplier delivers late? Delivery codes of each supplier tell.")
    page.locator("[name=risk][value=low]").check()
    page.locator("[name=methodology]").first.check()
    page.get_by_role("button", name="Start the project").click()
    page.wait_for_url("**/projects/delivery-forecast/people/")
    fresh = Project.objects.get(key="delivery-forecast")
    look_for_cases()
    page.goto(f"{live_server.url}/projects/delivery-forecast/")
    offered = page.locator("#lessons")
    expect(offered).to_contain_text("Projects like this one failed on")
    expect(offered).to_contain_text("at the start · alike in")
    expect(offered).to_contain_text("1 not answered yet")

    # Without a reason nothing is sent; with one the case is dismissed.
    answer(page, "delivery codes", "Does not apply", "")
    assert CaseOffer.objects.get().state == "offered"
    page.get_by_label("What do you do about it, or why does it not apply?").fill(DISMISSED)
    page.get_by_role("button", name="Does not apply").click()
    expect(page.locator(".notes")).to_contain_text("The answer is saved. It stands on the page of the decision.")
    expect(page.locator("#lessons")).to_contain_text(DISMISSED)
    expect(page.locator("#lessons")).to_contain_text("all answered")

    # Meanwhile another case is published; what the stage's work says finds it.
    make_case(project, "Depot sent gallons for litres", summary="Delivery codes of a supplier came in other units.")
    add_member(actor=lead, project=fresh, user=sponsor, role=Role.SPONSOR)
    stage = Stage.objects.get(project=fresh, order=1)
    for question in stage.questions.all():
        answer_question(actor=lead, question=question, text="Two of three did.", expected_number=0)
    for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED):
        write_version(
            actor=lead, deliverable=deliverable, expected_number=0, text="Codes of each supplier's deliveries."
        )
    look_for_cases()
    page.goto(live_server.url + stage.get_absolute_url())
    page.get_by_role("link", name="One earlier case is not answered; that does not hold up the decision").click()
    looked_at(page, "stage", width)
    answer(page, "gallons", "Taken to heart", TAKEN)
    page.wait_for_url(f"**{stage.get_absolute_url()}#lessons")
    expect(page.locator("#lessons li", has_text="gallons")).to_contain_text("taken to heart")

    # The stage is put to its decision, and the sponsor reads both answers.
    page.goto(f"{live_server.url}{stage.get_absolute_url()}submit/")
    page.fill("[name=title]", "May we begin?")
    page.get_by_role("button", name="Submit for decision").click()
    page.wait_for_url("**/rounds/*/")
    review = Round.objects.get(project=fresh)
    decision = signed_in(browser, live_server.url, sponsor, look, said)
    decision.goto(live_server.url + review.get_absolute_url())
    decision.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
    main = decision.locator("main")
    for words in ("2 of 2 answered", DISMISSED, TAKEN, "does not apply", "taken to heart"):
        expect(main).to_contain_text(words)
    looked_at(decision, "decision", width)
    assert said == []
