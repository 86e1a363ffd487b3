"""A stage is submitted, sent back, approved; what changes later is shown, and the stage is begun again."""

from __future__ import annotations

from playwright.sync_api import expect

from demo.cast import PASSWORD
from tests.journeys.seat import Seat, tab_to
from tests.journeys.walk.base import AT, FIRST, QUESTION, SECOND, Base

REASON = "Name what a wrong order costs, then ask again."


def send_back(walk: Base) -> None:
    """The lead submits; the sponsor finds it in the inbox and asks for changes, at first with a wrong password."""
    lead, sponsor = walk.seat("lead"), walk.seat("sponsor")
    lead.go(f"{AT}stages/{FIRST}/")
    lead.follow("Submit for decision")
    lead.enter({"What do you ask?": QUESTION, "Comment": "All three documents are **there**."})
    lead.look("submit", again=False)
    lead.press("Submit for decision")
    lead.sees("Submitted. Those who may decide have been told.")
    walk.round = lead.page.url.removeprefix(lead.url)
    lead.look("round-for-the-lead")
    expect(lead.page.get_by_role("button", name="Sign:")).to_have_count(0)

    sponsor.go("/")
    sponsor.look("inbox")
    sponsor.follow(QUESTION)
    sponsor.look("round")
    sponsor.unfold("Not yet")
    choice = sponsor.page.locator("details[open]").filter(
        has=sponsor.page.get_by_role("button", name="ask for changes")
    )
    sponsor.enter({"Reason": REASON, "Your password": "not the password"}, choice)
    sponsor.press("Sign:", choice)
    expect(sponsor.page.get_by_role("alert")).to_contain_text("password")
    expect(sponsor.field("Reason", choice)).to_have_value(REASON)
    expect(sponsor.field("Your password", choice)).to_have_value("")
    sponsor.look("round-password-refused", again=False)
    sponsor.field("Your password", choice).fill(PASSWORD)
    sponsor.press("Sign:", choice)
    sponsor.sees("Sent back with your reason.")


def approve_by_keyboard(walk: Base) -> None:
    """The team changes what was asked, submits again, and the sponsor decides without a mouse. The next stage opens."""
    scientist, lead, sponsor = walk.seat("scientist"), walk.seat("lead"), walk.seat("sponsor")
    _rewrite(scientist, "# Charter\n\nA wrong order costs two days for each urgent sample.", 2)
    lead.go(walk.round)
    lead.sees(REASON)
    lead.follow("Submit again")
    lead.enter({"What do you ask?": QUESTION})
    lead.press("Submit for decision")
    walk.round = lead.page.url.removeprefix(lead.url)

    sponsor.go("/")
    page = sponsor.page
    tab_to(page, page.locator("main").get_by_role("link", name=QUESTION))
    page.keyboard.press("Enter")
    expect(page).to_have_url(sponsor.url + walk.round)
    sponsor.sees("Changed since round 1")
    tab_to(page, page.locator("summary", has_text="Approve").first)
    page.keyboard.press("3")
    expect(page.locator("details[open]").get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("1")
    expect(page.locator("details[open]").get_by_label("Comment")).to_be_focused()
    page.keyboard.type("It is worth it.")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    sponsor.sees("Approved and signed.")
    sponsor.look("round-approved")
    sponsor.go(f"{AT}stages/{SECOND}/")
    expect(page.locator(".head").get_by_text("in progress")).to_be_visible()
    sponsor.go(AT)
    sponsor.look("project-early")


def begin_again(walk: Base) -> None:
    """A change makes the approval stale and is named; the lead goes back, and the sponsor decides without JavaScript."""
    scientist, lead, sponsor = walk.seat("scientist"), walk.seat("lead"), walk.seat("sponsor")
    _rewrite(scientist, "# Charter\n\nThe scope is two laboratories now.", 3)
    sponsor.go(walk.round)
    expect(sponsor.page.locator(".diff li", has_text="Charter").first).to_be_visible()
    sponsor.sees("The approval no longer holds.")
    sponsor.look("round-stale")

    lead.go(f"{AT}stages/{SECOND}/")
    lead.follow("Go back to an earlier stage")
    lead.page.get_by_role("radio", name="Business understanding, for another reason").check()
    lead.enter({"Why?": "The scope was widened and must be decided again."})
    lead.look("go-back", again=False)
    lead.press("Go back")
    lead.sees("is open again, as iteration 2.")
    lead.look("stage-second-iteration")
    lead.follow("Charter")
    lead.press("Take over the former text")
    lead.sees("The scope is two laboratories now.")

    walk.api.fill(FIRST)
    asked = walk.api.submit(FIRST)
    page = sponsor.without_scripts()
    page.goto(f"{sponsor.url}/rounds/{asked['id']}/")
    page.locator("summary", has_text="Approve").first.click()
    choice = page.locator("details[open]").filter(has=page.get_by_role("button", name="Sign: approve"))
    sponsor.field("Your password", choice).fill(PASSWORD)
    choice.get_by_role("button", name="Sign: approve").click()
    expect(page.locator("main").get_by_text("Approved and signed.")).to_be_visible()
    page.context.close()
    assert walk.api.stage(SECOND)["stage"]["state"] == "open"


def _rewrite(scientist: Seat, text: str, number: int) -> None:
    scientist.go(f"{AT}stages/{FIRST}/")
    scientist.follow("Charter")
    scientist.follow("Edit")
    scientist.enter({"Text": text})
    scientist.press(f"Save as version {number}", scientist.sheet(f"Write version {number}"))
    expect(scientist.sheet("Versions").get_by_text(f"Version {number}")).to_be_visible()
