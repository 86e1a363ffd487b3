"""Acceptance in Chromium: overdue conditions, a receiver from outside, an issued report; on a phone and a wide screen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from foundation.people.models import User
from lifecycle.acceptance.models import ITEMS, Acceptance, AcceptanceCondition, HandOff
from lifecycle.acceptance.report_template import report_of
from lifecycle.acceptance.services import (
    close_condition,
    decide_acceptance,
    hand_over,
    invite_signatory,
    issue_report,
    write_handoff,
    write_report,
)
from lifecycle.projects.models import Project
from lifecycle.signoff import days
from lifecycle.signoff.services.sweeping import sweep
from tests.conftest import PASSWORD
from tests.lifecycle.acceptance.outside import EMAIL, NAME, code_in_mail, link_in_mail, run_mails
from tests.lifecycle.signoff.test_signoff_in_the_browser import _is_sound, _shoot, _signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BASE = "/projects/triage/acceptance/"


def look(page: Page, name: str, scheme: str) -> None:
    """Sound at both widths."""
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 900})
        _shoot(page, f"{name}-{scheme}-{width}")
        _is_sound(page, width)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_overdue_condition_says_what_happens_and_who_was_told(
    live_server: Any, browser: Browser, offered: Acceptance, customer: User, contributor: User, lead: User, scheme: Any
) -> None:
    due = days.today() + timedelta(days=1)
    texts = ["Hang the runbook up at the ward, and show the night shift where it is.", "Name who answers for labels."]
    decide_acceptance(
        actor=customer, acceptance_id=offered.pk, verdict="accepted_with_conditions", password=PASSWORD,
        digest=offered.digest, comment="It helps us **each morning**.",
        conditions=[
            {"text": text, "due_on": due, "owner": owner}
            for text, owner in zip(texts, ("cora contributor", "Head of the ward"), strict=True)
        ],
    )  # fmt: skip
    for later in (0, 1, 5, 12):
        sweep(due + timedelta(days=later))
    AcceptanceCondition.objects.update(due_on=days.today() - timedelta(days=14))
    named = AcceptanceCondition.objects.get(number=2)
    close_condition(actor=lead, condition_id=named.pk, proof="It is *Ann*, from May on.", link="/projects/triage/")

    page, said = _signed_in(browser, live_server.url, customer, color_scheme=scheme)
    page.goto(f"{live_server.url}{BASE}")
    expect(page.locator("#conditions")).to_contain_text("2 conditions are overdue. The acceptance stays")
    page.locator("#condition-1 summary", has_text="reminders").click()
    look(page, "acceptance-overdue", scheme)
    owner, more = _signed_in(browser, live_server.url, contributor, color_scheme=scheme)
    owner.goto(f"{live_server.url}{BASE}")
    owner.locator("#condition-1 summary", has_text="Give the proof").click()
    look(owner, "acceptance-proof", scheme)
    assert said == more == []


@pytest.fixture
def handed(project: Project, lead: User) -> HandOff:
    words = {key: {"text": f"{label} of the ward: see the **wiki**, page 4."} for key, label in ITEMS.items()}
    words["runbook"] = {"text": "1. Stop the queue\n2. Call the laboratory", "link": "https://wiki.example.org/runbook"}
    words["retraining"] = {"not_applicable": "It is retrained by the maker once a year."}
    draft = write_handoff(
        actor=lead, project=project, receiving_party="Ward IT", handed_on=date(2026, 3, 1), items=words
    )
    handed = hand_over(actor=lead, handoff_id=draft.pk, password=PASSWORD, comment="All keys are in the safe.")
    invite_signatory(
        actor=lead, handoff_id=handed.pk, purpose="receipt", name=NAME, email=EMAIL, organisation="Ward IT"
    )
    return handed


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_receiver_from_outside_sends_it_back_and_the_lead_begins_anew(
    live_server: Any, browser: Browser, handed: HandOff, lead: User, scheme: Any
) -> None:
    run_mails()
    page = browser.new_context(color_scheme=scheme).new_page()
    page.goto(f"{live_server.url}{link_in_mail()}")
    look(page, "receipt-link", scheme)
    page.get_by_role("button", name="Send me the code").click()
    run_mails()
    page.get_by_label("Code from the mail").fill(code_in_mail())
    page.get_by_role("button", name="Open what I am asked to sign").click()
    look(page, "receipt-open", scheme)
    page.get_by_label("Your name, typed as your signature").fill(NAME)
    page.get_by_role("button", name="Send it back").click()
    expect(page.get_by_role("alert")).to_contain_text("Say in your words what is missing")
    look(page, "receipt-refused", scheme)
    page.get_by_label("Your words").fill("The key of the *monitoring* is missing.")
    page.get_by_role("button", name="Send it back").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sent back")
    look(page, "receipt-sent-back", scheme)

    inside, said = _signed_in(browser, live_server.url, lead, color_scheme=scheme)
    expect(inside.locator("main")).to_contain_text("Hand Tumour triage over again")
    inside.goto(f"{live_server.url}{BASE}hand-off/")
    expect(inside.locator("main")).to_contain_text("It was sent back.")
    look(inside, "handoff-sent-back", scheme)
    inside.locator("main").get_by_role("link", name="Begin version 2").first.click()
    expect(inside.get_by_label("Receiving party")).to_have_value("Ward IT")
    look(inside, "handoff-next", scheme)
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_issued_exit_report_is_read_inside_and_by_the_customer(
    live_server: Any, browser: Browser, project: Project, lead: User, customer: User, scheme: Any
) -> None:
    text = (
        "We compared **two models** over 26 weeks.\n\n- Waiting time fell from 11.6 to 9.0 days\n- Nobody was missed\n\n"
        "| KPI | Baseline | Measured | Difference |\n|---|--:|--:|--:|\n| Waiting time | 11.6 | 9.0 | -2.6 |\n\n"
        "> The ward asked for it.\n\nSee [the log](https://log.example.org/)."
    )
    _, sections = report_of(project.methodology)
    words = {
        part["key"]: {"not_applicable": "It is a pilot."} if place == 3 else {"text": text if place < 3 else "As agreed."}
        for place, part in enumerate(sections)
    }  # fmt: skip
    write_report(actor=lead, project=project, sections=words)
    issue_report(actor=lead, project=project)
    for person, name in ((lead, "inside"), (customer, "customer")):
        page, said = _signed_in(browser, live_server.url, person, color_scheme=scheme)
        page.goto(f"{live_server.url}{BASE}exit-report/")
        expect(page.locator("main")).to_contain_text("Waiting time fell from 11.6 to 9.0 days")
        look(page, f"report-{name}", scheme)
        assert said == []
