"""Criteria are agreed and judged, and the customer signs a verdict."""

from __future__ import annotations

from playwright.sync_api import expect

from demo.cast import PASSWORD
from tests.journeys.walk.base import AT, Base


def agree(walk: Base) -> None:
    """The lead enters a criterion while the first stage is open."""
    lead = walk.seat("lead")
    lead.go(f"{AT}acceptance/criteria/")
    lead.enter(
        {"What is judged": "Waiting time", "Today": "9.6 days", "Accepted when": "8.5 days or less", "Who judges": "Head of pathology"}
    )  # fmt: skip
    lead.press("Add")
    expect(lead.sheet("In force").get_by_text("8.5 days or less")).to_be_visible()
    lead.look("criteria")


def accept(walk: Base) -> None:
    """The reviewer judges the criterion, the lead offers, the customer accepts with the password."""
    lead, reviewer, customer = walk.seat("lead"), walk.seat("reviewer"), walk.seat("customer")
    lead.go(f"{AT}acceptance/")
    lead.look("acceptance-empty")
    lead.press("Prepare an acceptance")

    reviewer.go(f"{AT}acceptance/")
    reviewer.follow("Judge")
    judging = reviewer.page.locator("#judge")
    reviewer.enter({"Observed": "7.7 days", "Other evidence": "Outcome report 1"}, judging)
    judging.get_by_role("radio", name="met", exact=True).check()
    reviewer.look("acceptance-judging")
    reviewer.press("Save the judgement")
    reviewer.sees("7.7 days")

    lead.go(f"{AT}acceptance/")
    lead.enter({"Approved use": "Order of the reading list at one laboratory.", "Limits": "Not for diagnosis."})
    lead.look("acceptance-offering")
    lead.press("Offer it")
    lead.sees("Approved use and its limits")
    expect(lead.page.get_by_role("button", name="Reject")).to_have_count(0)

    customer.go("/")
    customer.look("inbox-of-the-customer")
    customer.go(f"{AT}acceptance/")
    customer.look("acceptance-deciding")
    comment = "It helps us each morning."
    customer.enter({"Comment": comment, "Your password": "not the password"})
    customer.press("Accept the project is in use")
    expect(customer.page.get_by_role("alert")).to_contain_text("password")
    expect(customer.field("Comment")).to_have_value(comment)
    customer.enter({"Your password": PASSWORD})
    customer.press("Accept the project is in use")
    expect(customer.sheet("Signed")).to_contain_text("Clara Weiss")
    customer.sees(comment)
    customer.look("acceptance-signed")
    walk.api.pass_stage("customer_acceptance")
    customer.go(AT)
    customer.look("project-late")
