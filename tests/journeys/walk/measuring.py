"""A KPI: defined, read from a file, compared with a baseline that somebody else approves."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from demo.journey.steps.traveller import AFTER, BEFORE, COURSE
from demo.series import weeks_back
from tests.journeys.walk.base import AT, Base

NAME = "Waiting time"


def measure(walk: Base) -> None:
    """A file with bad rows: each is named and nothing is recorded; then the good ones are."""
    lead, scientist = walk.seat("lead"), walk.seat("scientist")
    lead.go(f"{AT}kpis/")
    lead.look("kpis-empty")
    lead.follow("Define a KPI")
    lead.enter({"What do you count?": NAME, "Unit": "d"})
    lead.page.get_by_role("checkbox", name="This is the KPI on which").check()
    lead.press("Define the KPI")
    expect(lead.page.get_by_role("heading", name=NAME, level=1)).to_be_visible()
    lead.look("kpi-empty")

    walk.kpi = lead.page.url.removeprefix(lead.url)
    walk.weeks = [weeks_back(walk.today, AFTER + BEFORE - number) for number in range(BEFORE + AFTER)]
    walk.values = COURSE.values(BEFORE + AFTER, BEFORE)
    good = list(zip(walk.weeks[:BEFORE], walk.values[:BEFORE], strict=True))
    scientist.go(walk.kpi)
    scientist.unfold("Many at once")
    form = scientist.page.locator("form", has=scientist.page.get_by_role("button", name="Upload"))
    scientist.field("File", form).set_input_files(
        {"name": "readings.csv", "mimeType": "text/csv", "buffer": _csv([*good, (date(2199, 1, 5), "=1+1")], "x;y")}
    )
    scientist.expects("400")
    scientist.press("Upload", form)
    scientist.sees("Nothing has been recorded yet.")
    rows = scientist.sheet("Row by row").locator("tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(str(BEFORE + 2))
    assert walk.api.people["lead"].get(f"{AT.lstrip('/')}kpis/waiting-time/measurements/")["count"] == 0
    scientist.look("kpi-bad-rows", again=False)
    scientist.press(f"Import the {BEFORE} good rows")
    scientist.sees(f"{BEFORE} readings recorded")


def freeze(walk: Base) -> None:
    """The lead proposes a baseline, the sponsor approves it; target, value of a unit and go-live follow."""
    lead, sponsor, scientist = walk.seat("lead"), walk.seat("sponsor"), walk.seat("scientist")
    lead.go(walk.kpi)
    baseline = lead.sheet("Baseline")
    lead.enter(
        {
            "From": walk.weeks[0].isoformat(),
            "Up to and with": (walk.weeks[BEFORE - 1] + timedelta(days=6)).isoformat(),
        },
        baseline,
    )
    lead.press("Propose", baseline)
    expect(baseline.get_by_role("button", name="Approve and freeze")).to_have_count(0)
    sponsor.go("/")
    sponsor.look("inbox-with-baseline")
    sponsor.go(walk.kpi)
    sponsor.press("Approve and freeze")
    expect(sponsor.sheet("Baseline").get_by_text("frozen").first).to_be_visible()

    lead.go(walk.kpi)
    lead.enter({"Target in d": "8", "By": (walk.today + timedelta(days=90)).isoformat()}, lead.sheet("Target"))
    lead.press("Set the target")
    lead.unfold("is worth")
    lead.enter(
        {
            "One unit of improvement is worth": "2600", "At least": "2000", "At most": "3200", "Currency": "EUR",
            "Holds from": walk.weeks[0].isoformat(),
        },
        lead.sheet("Value per unit"),
    )  # fmt: skip
    lead.press("Set the value")
    lead.unfold("Record go-live")
    lead.enter({"Go-live on": walk.weeks[BEFORE].isoformat()}, lead.sheet("Go-live"))
    lead.press("Record", lead.sheet("Go-live"))

    scientist.go(walk.kpi)
    scientist.unfold("Many at once")
    form = scientist.page.locator("form", has=scientist.page.get_by_role("button", name="Upload"))
    after = list(zip(walk.weeks[BEFORE:], walk.values[BEFORE:], strict=True))
    scientist.field("Or paste rows", form).fill(_csv(after).decode())
    scientist.press("Upload", form)
    scientist.sees(f"{AFTER} readings recorded", "8 d")
    expect(scientist.sheet("Value per unit")).to_contain_text(re.compile(r"2.600"))
    expect(scientist.page.locator("#kpi-run .main-svg").first).to_be_visible()
    expect(scientist.page.locator("#kpi-run .scatterlayer .point").first).to_be_attached()
    scientist.look("kpi")
    scientist.go(f"{AT}kpis/")
    scientist.look("kpis")


def _csv(rows: list[tuple[date, object]], *more: str) -> bytes:
    lines = ["date,value", *(f"{day.isoformat()},{value}" for day, value in rows), *more]
    return ("\n".join(lines) + "\n").encode()
