"""Similar cases, offers and the way of a lesson in Chromium: accessible, never wider than the screen, quiet in the console."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from foundation.people.models import User
from lifecycle.lessons.checks.services import accept_check, propose_check, tell_catch
from lifecycle.lessons.offers.services import answer_offer, offer_cases
from lifecycle.lessons.similar.services import compare_with_all, say_of_pair
from lifecycle.methodologies.models import MethodologyDraft
from lifecycle.methodologies.services import publish_draft
from lifecycle.postmortems.models import PostMortem
from lifecycle.projects.models import Deliverable, ExitQuestion, Member, Project, Role, Stage
from lifecycle.projects.services import answer_question, write_version
from lifecycle.signoff.services import submit_round
from tests.conftest import PASSWORD
from tests.lifecycle.lessons.conftest import MakeCase, MakeProject

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PICTURES = os.environ.get("TOLLGATE_PICTURES", "")


@dataclass
class Told:
    """The pages of the whole loop, by name."""

    pages: dict[str, str]


@pytest.fixture
def told(
    project: Project,
    make_project: MakeProject,
    make_case: MakeCase,
    lead: User,
    sponsor: User,
    manager: User,
    administrator: User,
) -> Told:
    case = make_case(
        project,
        "Supplier changed its delivery codes without notice",
        tags=(("domain", "logistics"), ("data_source", "delivery notes of suppliers"), ("technique", "time series")),
    )
    fuel = make_project("fuel", "Fuel depots")
    twin = make_case(fuel, "Depot sent gallons in place of litres", summary="Delivery codes of a supplier changed.")
    third = make_case(fuel, "Averyveryverylongtitlewithoutanyspacesthatgoesonandonandon of a supplier")
    compare_with_all(case.pk)
    say_of_pair(actor=lead, case=case, other=twin, verdict="similar")
    say_of_pair(actor=lead, case=case, other=third, verdict="not_similar")
    asked = "Which suppliers told us how they give notice before codes change, and what did they say?"
    check = propose_check(
        actor=manager, case=case, methodology_key="crisp_dm", phase_key="business_understanding", text=asked,
        lesson=case.lessons.get(),
    )  # fmt: skip
    waiting = propose_check(
        actor=lead, case=twin, methodology_key="crisp_dm", phase_key="data_understanding", text="Who tells us?",
        lesson=twin.lessons.get(),
    )  # fmt: skip
    accept_check(actor=administrator, check=check, copy_key="house_way")
    draft = MethodologyDraft.objects.get()
    version = publish_draft(actor=manager, draft=draft, expected_version=draft.version)
    fresh = make_project(
        "fresh", "Delivery forecast", methodology=version, question="Which supplier delivers late? Codes of each tell."
    )
    Member.objects.create(project=fresh, user=sponsor, role=Role.SPONSOR)
    first, *_ = offer_cases(project=fresh, stage=None)
    answer_offer(actor=lead, offer=first, answer="taken", reason="We ask each supplier for notice **in writing**.")
    stage = Stage.objects.get(project=fresh, order=1)
    for question in stage.questions.all():
        answer_question(actor=lead, question=question, text="Two of three did.", expected_number=0)
    for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED):
        write_version(actor=lead, deliverable=deliverable, expected_number=0, text="Written.")
    review = submit_round(actor=lead, stage=Stage.objects.get(pk=stage.pk), title="May we begin?")
    check.refresh_from_db()
    question = ExitQuestion.objects.get(stage=stage, key=check.question_key)
    tell_catch(actor=sponsor, check=check, question=question, text="One supplier had planned new codes for July.")
    return Told(
        {
            "case": PostMortem.objects.get(pk=case.pk).get_absolute_url(),
            "propose": f"{case.get_absolute_url()}checks/new/",
            "checks": "/post-mortems/checks/",
            "check": f"/post-mortems/checks/{check.pk}/",
            "proposed": f"/post-mortems/checks/{waiting.pk}/",
            "overview": fresh.get_absolute_url(),
            "stage": stage.get_absolute_url(),
            "decision": review.get_absolute_url(),
        }
    )


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_pages_of_the_loop_are_accessible_and_quiet(
    live_server: Any, browser: Browser, told: Told, lead: User, administrator: User, scheme: Any, width: int
) -> None:
    for person, names in ((lead, [name for name in told.pages if name != "proposed"]), (administrator, ["proposed"])):
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
        for name in names:
            page.goto(live_server.url + told.pages[name])
            page.evaluate("document.querySelectorAll('main details').forEach(each => each.open = true)")
            if PICTURES:
                page.screenshot(path=str(Path(PICTURES) / f"{name}-{scheme}-{width}.png"), full_page=True)
            found = Axe().run(page).response["violations"]
            assert not found, (name, [(item["id"], item["nodes"][0]["html"][:200]) for item in found])
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert said == []
