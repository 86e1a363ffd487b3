"""Costs and benefits, the outcome report, and the manager's view of all projects."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from demo.series import month_back
from tests.journeys.walk.base import AT, Base
from tests.journeys.walk.explaining import PATIENCE


def plan(walk: Base) -> None:
    """Planned and actual lines, month by month."""
    lead = walk.seat("lead")
    lead.go(f"{AT}money/")
    lead.look("money-empty")
    today = walk.today
    for basis, category, first, last, amount in (
        ("planned", "build", 12, 8, "6000"),
        ("planned", "run", 7, -20, "800"),
        ("planned", "benefit", 7, -20, "4500"),
        ("actual", "build", 12, 8, "6300.50"),
        ("actual", "run", 7, 1, "790.25"),
    ):
        adding = lead.sheet("Add a line")
        lead.field("Planned or actual", adding).select_option(basis)
        lead.field("What for", adding).select_option(category)
        lead.enter(
            {
                "Amount in each month": amount,
                "Currency": "EUR",
                "Month": month_back(today, first).isoformat()[:7],
                "Each month up to and with": month_back(today, last).isoformat()[:7],
            },
            adding,
        )
        lead.press("Add the line", adding)
    expect(lead.sheet("Lines")).to_contain_text("790.25")
    lead.look("money")


def report(walk: Base) -> None:
    """A worker computes the report; the page draws the curve and names ROI, and the manager sees it among all."""
    walk.api.pass_stage("deployment")
    lead, manager = walk.seat("lead"), walk.seat("manager")
    lead.go(f"{AT}value/")
    lead.look("value-empty")
    lead.press("Compute a report")
    expect(lead.page.get_by_role("heading", name="What may be said")).to_be_visible(timeout=PATIENCE)
    expect(lead.page.locator("#curve-chart .main-svg").first).to_be_visible()
    expect(lead.page.locator("#curve-chart .scatterlayer .js-line").first).to_be_attached()
    lead.sees("ROI to date", "Net present value", "Pays back", "indicative")
    # 5 × 6,300.50 and 7 × 790.25 actual, and the planned 800 of the running month.
    expect(lead.page.locator(".figs")).to_contain_text(re.compile("38.k€ spent"))
    lead.look("report")
    lead.go(f"{AT}value/")
    lead.look("value")
    manager.go("/value/")
    manager.sees("Which samples first")
    manager.look("portfolio")
    manager.go("/projects/")
    manager.look("projects")
