"""A decision by three roles, one of them through a stand-in; its condition falls due, and the approval is revoked."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

from playwright.sync_api import Locator, Page, expect

from demo.cast import DOMAIN, PASSWORD
from demo.journey.person import Person
from demo.journey.stack import ROOT
from demo.journey.steps.traveller import KEY
from demo.series import month_back
from tests.journeys.walk.base import AT, FIRST, QUESTION, SECOND, Base

FOLD = 800
CONDITION = "Name who looks after the data once the project has ended."
REVOKED = "The approval no longer holds."
RESTS = "rests on a lapsed approval"


def begin(walk: Base) -> None:
    """The lead starts a project of high risk; what is put forward is handed in over the API."""
    lead = walk.seat("lead")
    lead.go("/projects/new/")
    lead.enter(
        {
            "Name": "Which samples first",
            "Business question": "Which samples does a pathologist read first?",
            "Business unit": "Pathology",
            "Starts on": month_back(walk.today, 14).isoformat(),
        }
    )
    lead.field("Key").fill(KEY)
    lead.page.get_by_role("radio", name="TDSP").check()
    lead.page.get_by_role("radio", name="High:").check()
    lead.press("Start the project")
    for key, role in (
        ("sponsor", "sponsor"),
        ("scientist", "contributor"),
        ("reviewer", "reviewer"),
        ("risk", "risk_officer"),
    ):
        adding = lead.sheet("Add a person")
        lead.field("E-mail address or name", adding).fill(f"{key}@{DOMAIN}")
        lead.field("Role", adding).select_option(role)
        lead.press("Add", adding)
        expect(lead.sheet("Who is in it").get_by_text(f"{key}@{DOMAIN}")).to_be_visible()
    lead.look("signoff-people")
    walk.api.people["risk"] = Person(walk.api.url, "risk")
    walk.api.deciders = ("reviewer", "risk", "sponsor")
    walk.api.criteria()
    walk.api.count()
    walk.api.baseline()
    walk.api.fill(FIRST)


def submit(walk: Base) -> None:
    """The lead asks; three roles are to answer, and the lead is none of them."""
    lead = walk.seat("lead")
    lead.go(f"{AT}stages/{FIRST}/")
    lead.follow("Submit for decision")
    lead.enter({"What do you ask?": QUESTION, "Comment": "Charter and data sources are **there**."})
    lead.sees("independent reviewer", "risk officer")
    lead.look("signoff-submit", again=False)
    lead.press("Submit for decision")
    walk.round = lead.page.url.removeprefix(lead.url)
    expect(lead.page.get_by_role("button", name="Sign:")).to_have_count(0)
    lead.look("signoff-asked")


def review(walk: Base) -> None:
    """The reviewer says yes: one of three signatures approves nothing."""
    reviewer = walk.seat("reviewer")
    reviewer.go("/")
    reviewer.look("signoff-inbox")
    reviewer.follow(QUESTION)
    above_the_fold(reviewer.page)
    reviewer.look("signoff-deciding")
    _answer(reviewer.page, "Approve", "Sign: approve", {"Comment": "The data can answer the question."})
    reviewer.sees("Approved and signed.")
    expect(reviewer.page.locator(".head").get_by_text("awaiting decision")).to_be_visible()
    assert walk.api.stage(SECOND)["stage"]["state"] == "waiting"


def stand_in(walk: Base) -> None:
    """The sponsor is away and names the manager, who has no role of their own here and answers in the sponsor's seat."""
    sponsor, manager = walk.seat("sponsor"), walk.seat("manager")
    sponsor.go("/cover/")
    naming = sponsor.sheet("Name a stand-in")
    sponsor.enter({"Who stands in": f"manager@{DOMAIN}", "Why": "On leave."}, naming)
    sponsor.look("signoff-cover-naming", again=False)
    sponsor.press("Name the stand-in", naming)
    sponsor.sees("Marta Jensen for Susanne Okafor")
    sponsor.look("signoff-cover")

    manager.go("/")
    manager.follow(QUESTION)
    manager.look("signoff-deciding-for-another")
    _answer(manager.page, "Approve", "Sign: approve", {"Comment": "Agreed with Susanne before she left."})
    manager.sees("Approved and signed.", "answered by Marta Jensen")
    expect(manager.sheet("Signed")).to_contain_text("Marta Jensen for Susanne Okafor")
    manager.look("signoff-two-of-three")


def approve_with_condition(walk: Base) -> None:
    """The risk officer's yes has a condition, given in a browser that runs no JavaScript. The next stage opens."""
    risk, lead = walk.seat("risk"), walk.seat("lead")
    risk.go("/")
    risk.follow(QUESTION)
    risk.unfold("Approve with conditions")
    risk.look("signoff-conditions-form", again=False)

    page = risk.without_scripts()
    page.goto(risk.url + walk.round)
    choice = _choice(page, "Approve with conditions", "Sign: approve with conditions")
    condition = choice.locator("fieldset", has=page.get_by_text("Condition 1", exact=True))
    risk.enter(
        {
            "What must be done": CONDITION,
            "Done by": "Dana Silva",
            "Verified by": "Ravi Menon",
            "Until": (walk.today + timedelta(days=7)).isoformat(),
        },
        condition,
    )
    choice.get_by_label("Your password").fill(PASSWORD)
    choice.get_by_role("button", name="Sign: approve with conditions").click()
    expect(page.locator("main").get_by_text("Approved with conditions, and signed.")).to_be_visible()
    page.context.close()

    risk.go(walk.round)
    expect(risk.page.locator(".head").get_by_text("approved with conditions")).to_be_visible()
    risk.look("signoff-approved-with-conditions")
    assert walk.api.stage(SECOND)["stage"]["state"] == "open"
    lead.go(f"{AT}conditions/")
    lead.look("signoff-conditions")
    lead.follow(CONDITION)
    lead.look("signoff-condition")


def fall_due(walk: Base) -> None:
    """On a later day nobody has met it: the approval is revoked, once, and the stage that was begun on it is marked."""
    lead = walk.seat("lead")
    said = _sweep(walk, 7)
    assert "Due today" in said or "due today" in said, said
    assert "revoked. " not in said, said
    said = _sweep(walk, 30)
    assert "the approval of Business understanding is revoked" in said, said
    assert "revoked" not in _sweep(walk, 31)

    lead.go(walk.round)
    lead.sees(REVOKED)
    lead.look("signoff-revoked")
    lead.go(f"{AT}stages/")
    expect(lead.page.locator(".board li").nth(1)).to_contain_text(RESTS)
    lead.look("signoff-board")
    lead.go(f"{AT}stages/{SECOND}/")
    lead.sees("It rests on a lapsed approval")
    lead.look("signoff-stage-after")
    lead.go(AT)
    expect(lead.page.locator(".track li").nth(0)).to_contain_text("revoked")
    expect(lead.page.locator(".track li").nth(1)).to_contain_text(RESTS)
    lead.look("signoff-project-revoked")


def go_back(walk: Base) -> None:
    """Back to the first stage, with a reason; the former iteration stays, and all stages are passed anew."""
    lead = walk.seat("lead")
    lead.go(f"{AT}stages/{SECOND}/")
    lead.follow("Go back to an earlier stage")
    lead.page.get_by_role("radio", name="Business understanding, for another reason").check()
    lead.enter({"Why?": "Nobody was named for the data, so the scope must be decided again."})
    lead.look("signoff-go-back", again=False)
    lead.press("Go back")
    lead.sees("is open again, as iteration 2.")
    lead.look("signoff-gone-back")
    for stage in (FIRST, SECOND, "modeling", "deployment"):
        walk.api.pass_stage(stage)


def above_the_fold(page: Page) -> None:
    """What a decision needs ends where a laptop's screen of 800 pixels ends, before anything is scrolled."""
    main = page.locator("main")
    for part in (
        main.get_by_role("heading", level=1),
        main.locator(".lead-figures"),
        main.locator(".brief"),
        main.locator("details[name=verdict] > summary").last,
        main.locator("section").filter(has=page.get_by_role("heading", name="Still open", exact=True)),
    ):
        box = part.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= FOLD, f"{part} ends at {box['y'] + box['height']:.0f} of {FOLD} pixels."


def _choice(page: Page, summary: str, button: str) -> Locator:
    """Unfold one of the four answers."""
    page.locator("details[name=verdict] > summary").filter(has_text=summary).first.click()
    return page.locator("details[open]").filter(has=page.get_by_role("button", name=button, exact=True)).first


def _answer(page: Page, summary: str, button: str, values: dict[str, str]) -> None:
    choice = _choice(page, summary, button)
    for label, value in values.items():
        choice.get_by_label(label).fill(value)
    choice.get_by_label("Your password").fill(PASSWORD)
    choice.get_by_role("button", name=button, exact=True).click()


def _sweep(walk: Base, later: int) -> str:
    """What the timers say when they run so many days later."""
    done = subprocess.run(
        [sys.executable, "manage.py", "sweep_signoff", "--on", (walk.today + timedelta(days=later)).isoformat()],
        cwd=ROOT, env=walk.stack.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout
