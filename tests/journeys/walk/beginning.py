"""A project is started, its people are named, and the first stage is written."""

from __future__ import annotations

from playwright.sync_api import expect

from demo.cast import DOMAIN
from demo.journey.steps.traveller import KEY
from demo.series import month_back
from tests.journeys.walk.base import AT, FIRST, Base

LONG = "\n\n".join(f"Paragraph {number}: what the laboratory does today, and what it costs." for number in range(60))


def start(walk: Base) -> None:
    """The lead starts a project; a field that was not taken costs no text. Then names its people."""
    lead = walk.seat("lead")
    lead.look("inbox-empty")
    lead.go("/projects/")
    lead.look("projects-empty")
    lead.follow("Start a project")
    lead.enter(
        {
            "Name": "Which samples first",
            "Business question": "Which samples does a pathologist read first?",
            "Description": LONG,
            "Business unit": "Pathology",
            "Starts on": month_back(walk.today, 14).isoformat(),
        }
    )
    expect(lead.field("Key")).to_have_value("which-samples-first")
    lead.field("Key").fill("Not A Key")
    lead.page.get_by_role("radio", name="TDSP").check()
    lead.page.get_by_role("radio", name="Low:").check()
    lead.expects("400")
    lead.press("Start the project")
    lead.sees("small letters, digits, hyphens and underscores")
    expect(lead.field("Description")).to_have_value(LONG)
    lead.look("project-new-refused", again=False)
    lead.field("Key").fill(KEY)
    lead.press("Start the project")
    expect(lead.page).to_have_url(f"{lead.url}{AT}people/")
    for key, role in (
        ("sponsor", "sponsor"),
        ("customer", "customer"),
        ("scientist", "contributor"),
        ("reviewer", "reviewer"),
    ):
        adding = lead.sheet("Add a person")
        lead.field("E-mail address or name", adding).fill(f"{key}@{DOMAIN}")
        lead.field("Role", adding).select_option(role)
        lead.press("Add", adding)
        expect(lead.sheet("Who is in it").get_by_text(f"{key}@{DOMAIN}")).to_be_visible()
    lead.look("people")


def write(walk: Base) -> None:
    """A contributor writes in place and attaches a file, the lead answers the exit questions."""
    scientist, lead = walk.seat("scientist"), walk.seat("lead")
    scientist.go(f"{AT}stages/{FIRST}/")
    scientist.follow("Charter")
    scientist.enter({"Text": "# Charter\n\nThe laboratory reads samples in the order of arrival."})
    scientist.press("Preview")
    expect(scientist.page.locator("#preview").get_by_role("heading", name="Charter")).to_be_visible()
    scientist.look("deliverable-writing", again=False)
    scientist.press("Save as version 1", scientist.sheet("Write it in place"))
    expect(scientist.sheet("Versions").get_by_text("Version 1")).to_be_visible()

    scientist.go(f"{AT}stages/{FIRST}/")
    scientist.follow("Data sources")
    attach = scientist.sheet("Attach a file")
    scientist.field("File", attach).set_input_files(
        {"name": "sources.csv", "mimeType": "text/csv", "buffer": b"source,owner\nlaboratory system,pathology\n"}
    )
    scientist.press("Save as version 1", attach)
    with scientist.page.expect_download() as download:
        scientist.follow("Download sources.csv")
    assert download.value.path().read_bytes().startswith(b"source,owner")
    scientist.look("deliverable-file")

    lead.go(f"{AT}stages/{FIRST}/")
    questions = lead.page.locator(".ask")
    for number in range(questions.count()):
        question = questions.nth(number)
        if not question.locator("details[open]").count():
            question.locator("summary", has_text="Answer").click()
        lead.field("Answer", question).fill("Yes: the head of pathology answers for it.")
        lead.press("Save the answer", question)
        expect(question.locator(".prose").first).to_contain_text("the head of pathology answers for it")
    lead.look("stage")


def keep_what_was_typed(walk: Base) -> None:
    """The session ends while a long text is being written: after signing in again it is there, and can be saved."""
    scientist = walk.seat("scientist")
    scientist.go(f"{AT}stages/{FIRST}/")
    scientist.follow("Data dictionaries")
    address = scientist.page.url
    scientist.enter({"Text": LONG, "What changed": "All fields of it"}, scientist.sheet("Write it in place"))
    # Without the copy that the browser keeps, so that only the portal can bring the text back.
    scientist.page.evaluate("localStorage.clear()")
    cookies = [each for each in scientist.context.cookies() if "session" not in each.get("name", "")]
    scientist.context.clear_cookies()
    scientist.context.add_cookies(cookies)  # type: ignore[arg-type]
    scientist.press("Save as version 1", scientist.sheet("Write it in place"))
    expect(scientist.page.get_by_role("heading", name="Sign in")).to_be_visible()
    scientist.sign_in()
    expect(scientist.page).to_have_url(address)
    expect(scientist.field("Text")).to_have_value(LONG)
    scientist.press("Save as version 1", scientist.sheet("Write it in place"))
    expect(scientist.sheet("Versions").get_by_text("Version 1")).to_be_visible()
    scientist.share_session()
