"""Acceptance and post-mortem in Chromium: accessible, never wider than the screen, quiet in the console."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from foundation.people.models import User
from lifecycle.acceptance.services import judge_criterion, offer_acceptance, open_acceptance, set_criterion
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.services import ActionValues, EventValues, FactorValues, add_row, edit_postmortem
from lifecycle.projects.models import Project
from tests.conftest import PASSWORD
from tests.lifecycle.acceptance.conftest import put_in_last_stage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def story(filled: PostMortem, project: Project, lead: User, sponsor: User, contributor: User) -> PostMortem:
    """A post-mortem with long words and an acceptance that waits for the customer."""
    edit_postmortem(
        actor=contributor,
        postmortem=filled,
        lock=filled.lock,
        changes={
            "summary": "The laboratory changed the codes of two stains. Cora should have been told, and nobody told "
            "the team.\n\n- 41 samples were read late\n- averylongwordwithoutanyspacesthatgoesonandonandonandonandon",
            "started_on": datetime(2026, 3, 1, tzinfo=UTC).date(),
            "detected_on": datetime(2026, 3, 9, tzinfo=UTC).date(),
            "resolved_on": datetime(2026, 3, 20, tzinfo=UTC).date(),
            "trigger": "data_source_change",
            "detection": "customer_report",
        },
    )
    add_row(
        actor=contributor,
        postmortem=filled,
        values=EventValues(
            moment=datetime(2026, 3, 9, 8, 30, tzinfo=UTC),
            text="A pathologist asked why a sample came last.",
            precision="minute",
            marker="detection",
            role="customer",
            evidence="https://example.org/ticket/1",
        ),
    )
    add_row(
        actor=contributor,
        postmortem=filled,
        values=FactorValues(node="missing_monitoring", text="No check on codes.", why_unnoticed="Scores looked alike."),
    )
    add_row(actor=contributor, postmortem=filled, values=ActionValues(title="A runbook", kind="process"))
    for measure in ("Waiting time for a first reading", "Tumours that were read late"):
        set_criterion(
            actor=lead, project=project, measure=measure, threshold="below 9.5 days", baseline="11.6 days",
            how_measured="Weekly, from the laboratory's log.",
        )  # fmt: skip
    put_in_last_stage(project)
    acceptance = open_acceptance(actor=lead, project=project)
    for result in acceptance.results.all():
        judge_criterion(
            actor=contributor, result_id=result.pk, verdict="met", observed="9.0 days", evidence="Report of *May*."
        )
    offer_acceptance(
        actor=lead, acceptance_id=acceptance.pk, approved_use="Order of samples.", limits="Not for children."
    )
    return filled


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_pages_are_accessible_and_quiet(
    live_server: Any,
    browser: Browser,
    story: PostMortem,
    contributor: User,
    customer: User,
    sponsor: User,
    scheme: Any,
    width: int,
) -> None:
    base = story.get_absolute_url()
    action = story.actions.first()
    assert action is not None
    views: list[tuple[User, list[str]]] = [
        (
            contributor,
            [
                "/post-mortems/", "/projects/triage/post-mortems/new/", base, f"{base}?edit=story", f"{base}?edit=facts",
                f"{base}?add=timeline", f"{base}?add=factors", f"{base}?change={action.pk}",
                "/projects/triage/acceptance/",
            ],
        ),
        (customer, ["/projects/triage/acceptance/", "/projects/triage/acceptance/criteria/"]),
        (sponsor, ["/projects/triage/edit/", "/projects/triage/close/"]),
    ]  # fmt: skip
    for person, paths in views:
        page = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800}).new_page()
        said: list[str] = []
        page.on(
            "console", lambda line, said=said: said.append(line.text) if line.type in ("error", "warning") else None
        )
        page.goto(f"{live_server.url}/accounts/login/")
        page.fill("[name=login]", person.email)
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        page.wait_for_url(f"{live_server.url}/")
        for path in paths:
            page.goto(live_server.url + path)
            found = Axe().run(page).response["violations"]
            assert not found, (path, [(item["id"], item["nodes"][0]["html"][:200]) for item in found])
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert said == []
