"""A post-mortem is written, reviewed and published by somebody else."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from tests.journeys.seat import Seat
from tests.journeys.walk.base import AT, Base


def look_back(walk: Base) -> None:
    """The lead writes it, part by part; the reviewer publishes it."""
    lead, reviewer, auditor = walk.seat("lead"), walk.seat("reviewer"), walk.seat("auditor")
    lead.go("/post-mortems/")
    lead.look("post-mortems-empty")
    lead.go(f"{AT}post-mortems/new/")
    lead.enter({"Title": "What made it work"})
    lead.look("post-mortem-new", again=False)
    lead.press("Open it")
    address = lead.page.url.removeprefix(lead.url)
    lead.look("post-mortem-draft")
    _edit(lead, "What happened", {"Summary": "It worked since the staff saw the reasons."})
    lead.follow("Edit", lead.sheet("Facts"))
    for label in ("What set it off", "How it was noticed"):
        lead.field(label).select_option(index=1)
    lead.press("Save")
    day = walk.today - timedelta(days=60)
    _add(lead, "What it meant", {"What it meant": "Two weeks of delay", "Amount": "2", "Unit": "weeks"})
    for text, days in (("The idea comes up", 300), ("First model", 120), ("It is in use", 60)):
        day = walk.today - timedelta(days=days)
        _add(lead, "Timeline", {"Day": day.isoformat(), "What happened": text})
    lead.follow("Add", lead.sheet("Causes"))
    lead.look("post-mortem-editing", again=False)
    lead.field("Factor").select_option("communication_gap")
    lead.enter({"How it showed here": "Reasons came late."})
    lead.press("Save")
    _add(lead, "What we learned", {"What to keep, change or watch for": "Reasons beside each sample."})
    lead.follow("Propose an action")
    lead.enter(
        {
            "What is to be done": "Put reasons into the template",
            "Owner": "Dana Silva",
            "Due": (walk.today + timedelta(days=30)).isoformat(),
            "Done when": "The template asks for them",
        }
    )
    lead.press("Save")
    lead.press("Accept", lead.sheet("What we do"))
    lead.press("Submit for review")
    expect(lead.page.get_by_role("button", name="Publish")).to_have_count(0)

    reviewer.go(address)
    reviewer.look("post-mortem-in-review")
    for box in reviewer.sheet("Your review").get_by_label("yes", exact=True).all():
        box.check()
    reviewer.press("Publish")
    expect(reviewer.page.locator(".head").get_by_text("published")).to_be_visible()
    reviewer.sees(
        "The idea comes up", "Reasons came late.", "Reasons beside each sample.", "Put reasons into the template"
    )
    reviewer.look("post-mortem")
    reviewer.go("/post-mortems/")
    reviewer.look("post-mortems")
    lead.go(f"{AT}trail/")
    lead.look("trail")
    auditor.go("/audit/")
    auditor.look("audit")


def _edit(seat: Seat, heading: str, values: dict[str, str]) -> None:
    seat.follow("Edit", seat.sheet(heading))
    seat.enter(values)
    seat.press("Save")


def _add(seat: Seat, heading: str, values: dict[str, str]) -> None:
    seat.follow("Add", seat.sheet(heading))
    seat.enter(values)
    seat.press("Save")
