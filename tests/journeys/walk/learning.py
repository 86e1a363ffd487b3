"""A project is stopped; what it taught meets the next project at its gate."""

from __future__ import annotations

import time
from datetime import timedelta

from playwright.sync_api import expect

from demo.cast import DOMAIN
from tests.journeys.seat import Seat
from tests.journeys.walk.base import AT, FIRST, Base

STOPPED = "The laboratories number their samples differently, and nobody can join them."
LESSON = "Join ten samples by hand before a model is planned."
ASKED = "Which samples were joined by hand, and how many could not be?"
CAUGHT = "Two of ten samples could not be joined, so the plan was changed."
WRITTEN_WITHIN = 600.0  # seconds, by somebody who knows what happened
CLOSING = "No order of reading came of it, but both laboratories now number their samples alike."
HEEDED = "We asked both laboratories for the meaning of each number first."
NEXT, NEXT_AT = "next-samples", "/projects/next-samples/"


def prepare(walk: Base) -> None:
    """A project that is measured and planned, and whose first stage was approved."""
    api = walk.api
    for step in (api.start, api.criteria, api.count, api.baseline, api.plan):
        step()
    api.pass_stage(FIRST)


def stop(walk: Base) -> None:
    """The sponsor stops it; a post-mortem opens by itself, and waits for its owner."""
    sponsor, lead = walk.seat("sponsor"), walk.seat("lead")
    sponsor.go(f"{AT}edit/")
    stopping = sponsor.sheet("Stop the project")
    stopping.get_by_role("textbox").fill(STOPPED)
    sponsor.press("Stop the project", stopping)
    until = time.monotonic() + 60
    while True:
        lead.go("/")
        mine = lead.page.locator("main").get_by_role("link", name="Write PM-")
        if mine.count():
            break
        assert time.monotonic() < until, "No worker opened a post-mortem."
        time.sleep(1)
    lead.look("learning-inbox")
    lead.sees("It opened by itself because a project is stopped.")
    mine.first.click()
    expect(lead.page.locator(".head").get_by_text("PM-")).to_be_visible()
    walk.reference = lead.page.url.rstrip("/").rsplit("/", 1)[-1]


def write(walk: Base) -> None:
    """Only what people know is typed: a cause, a lesson, an action. It is fit for review within ten minutes."""
    began = time.monotonic()
    lead = walk.seat("lead")
    lead.look("learning-draft")
    steps = lead.sheet("Next step")
    for heading in ("What happened", "What it meant", "Timeline"):
        expect(steps.locator("li", has_text=heading).first.get_by_text("there", exact=True)).to_be_visible()
    assert steps.get_by_role("link", name="Write it").count() == 2, "More is left to write than a cause and a lesson."
    lead.sees(STOPPED)
    steps.locator("li", has_text="Causes").get_by_role("link", name="Write it").click()
    lead.field("Factor").select_option("missing_data_documentation")
    lead.enter({"How it showed here": "The numbering of samples stood nowhere."})
    lead.press("Save")
    lead.sheet("Next step").locator("li", has_text="What we learned").get_by_role("link", name="Write it").click()
    lead.enter({"What to keep, change or watch for": LESSON})
    lead.field("Could become a check").check()
    lead.press("Save")
    lead.follow("Propose an action")
    lead.enter(
        {
            "What is to be done": "Write down how samples are numbered",
            "Owner": "Dana Silva",
            "Due": (walk.today + timedelta(days=30)).isoformat(),
            "Done when": "Both laboratories have signed it",
        }
    )
    lead.press("Save")
    lead.press("Accept", lead.sheet("What we do"))
    expect(lead.sheet("Next step").get_by_text("there", exact=True)).to_have_count(6)
    lead.press("Submit for review")
    assert time.monotonic() - began < WRITTEN_WITHIN

    reviewer = walk.seat("reviewer")
    reviewer.go(f"/post-mortems/{walk.reference}/")
    for box in reviewer.sheet("Your review").get_by_label("yes", exact=True).all():
        box.check()
    reviewer.press("Publish")
    expect(reviewer.page.locator(".head").get_by_text("published")).to_be_visible()


def act(walk: Base) -> None:
    """The owner of the action finds it in the inbox and does it; somebody else verifies it; the case is closed."""
    scientist, lead = walk.seat("scientist"), walk.seat("lead")
    scientist.go("/")
    scientist.look("learning-my-actions")
    scientist.follow("Write down how samples are numbered")
    own = scientist.sheet("What we do")
    scientist.press("Done", own)
    expect(scientist.sheet("What we do").get_by_role("button", name="Verify")).to_have_count(0)
    lead.go(f"/post-mortems/{walk.reference}/")
    lead.press("Verify", lead.sheet("What we do"))
    expect(lead.sheet("What we do").get_by_text("Verified by Lars Brandt")).to_be_visible()
    lead.press("Close")
    expect(lead.page.locator(".head").get_by_text("closed")).to_be_visible()
    lead.look("learning-closed")


def teach(walk: Base) -> None:
    """The lead makes a check of the lesson; an administrator takes it into the methodology, as a new version."""
    lead, admin = walk.seat("lead"), walk.seat("admin")
    lead.go(f"/post-mortems/{walk.reference}/")
    lead.unfold("Make a check of a lesson or a cause")
    lead.sheet("Checks made of it").locator("li", has_text=LESSON).get_by_role("link", name="Make this a check").click()
    lead.field("Asked at the end of").select_option(f"tdsp:{FIRST}")
    lead.enter({"The question": ASKED})
    lead.look("learning-propose", again=False)
    lead.press("Propose it")
    lead.sees("The check is proposed.")
    address = lead.page.url.removeprefix(lead.url)
    admin.go(address)
    admin.look("learning-check-proposed")
    admin.field("Key of your own copy").fill("our_tdsp")
    admin.press("Accept")
    admin.follow("Open the draft")
    admin.enter({"What changed": "Asks what was joined by hand."})
    admin.press("Publish")
    expect(admin.page).to_have_url(f"{admin.url}/methodologies/our_tdsp/1/")
    walk.check = address


def meet(walk: Base) -> None:
    """The next project is shown the case when it starts, and is asked at its first gate."""
    lead, sponsor = walk.seat("lead"), walk.seat("sponsor")
    person = walk.api.people["lead"]
    person.post(
        "projects/",
        {
            "key": NEXT,
            "name": "Samples of two laboratories",
            "question": "Which samples of both laboratories are read first?",
            "methodology": {"key": "our_tdsp"},
            "started_on": walk.today.isoformat(),
            "currency": "EUR",
        },
    )
    for key, role in (("sponsor", "sponsor"), ("scientist", "contributor"), ("reviewer", "reviewer")):
        person.post(f"projects/{NEXT}/members/", {"person": f"{key}@{DOMAIN}", "role": role})
    lead.go(f"{NEXT_AT}stages/{FIRST}/")
    question = lead.page.locator(".ask", has_text=ASKED)
    expect(question.get_by_role("link", name=walk.reference)).to_be_visible()
    _answer(lead, "Yes or no: ten by hand, two could not be joined.")
    offer = lead.sheet("Projects like this one failed on …")
    expect(offer.get_by_role("link", name="Journey was stopped")).to_be_visible()
    lead.unfold("Answer", offer)
    lead.field("What do you do about it, or why does it not apply?", offer).fill(HEEDED)
    lead.press("Taken to heart", offer)
    lead.look("learning-stage")
    walk.api.fill(FIRST, NEXT)
    lead.go(f"{NEXT_AT}stages/{FIRST}/")
    lead.follow("Submit for decision")
    lead.enter({"What do you ask?": "May the second project begin?"})
    lead.press("Submit for decision")
    sponsor.go(lead.page.url.removeprefix(lead.url))
    sponsor.sees(ASKED, "two could not be joined", HEEDED, "taken to heart")
    expect(sponsor.page.locator("main").get_by_role("link", name=walk.reference).first).to_be_visible()
    sponsor.look("learning-deciding")
    lead.go(walk.check)
    lead.unfold("It caught something")
    lead.field("What did it catch?").fill(CAUGHT)
    lead.press("Write it down")
    lead.sees(CAUGHT)
    lead.look("learning-check")
    lead.go("/post-mortems/checks/")
    lead.sees("1 project", "1 answered, 0 decided", "something, once")
    lead.look("learning-way")


def close(walk: Base) -> None:
    """With its post-mortem published, the stopped project is closed with what came of it."""
    sponsor = walk.seat("sponsor")
    sponsor.go(AT)
    sponsor.look("learning-stopped-project")
    sponsor.follow("close the project")
    sponsor.field("What came of it").fill(CLOSING)
    sponsor.look("learning-closing", again=False)
    sponsor.press("Close the project")
    expect(sponsor.page.locator(".head").get_by_text("closed")).to_be_visible()
    sponsor.sees(CLOSING, STOPPED)
    sponsor.look("learning-closed-project")


def _answer(seat: Seat, text: str) -> None:
    question = seat.page.locator(".ask", has_text=ASKED)
    if not question.locator("details[open]").count():
        question.locator("summary", has_text="Answer").click()
    seat.field("Answer", question).fill(text)
    seat.press("Save the answer", question)
    expect(question.locator(".prose").first).to_contain_text(text)
