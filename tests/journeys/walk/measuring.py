"""A KPI: defined, read from a file, compared with a baseline that somebody else approves."""

from __future__ import annotations

import re
from datetime import date, timedelta

from playwright.sync_api import Page, expect

from demo.journey.steps.traveller import AFTER, BEFORE, COURSE
from demo.series import weeks_back
from tests.journeys.walk.base import AT, Base

NAME = "Waiting time"


def measure(walk: Base) -> None:
    """A file with bad rows: each is named and nothing is recorded; then a paste is previewed and recorded."""
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
    scientist.follow("Paste or upload many")
    scientist.page.get_by_label("Or a file").set_input_files(
        {"name": "readings.csv", "mimeType": "text/csv", "buffer": _csv([*good, (date(2199, 1, 5), "=1+1")], "x;y")}
    )
    scientist.expects("400")
    scientist.press("Preview")
    scientist.sees("Nothing has been recorded yet.", f"2 of {BEFORE + 2} rows cannot be recorded")
    faults = scientist.sheet("Row by row").locator("tbody tr", has_text="fault")
    expect(faults).to_have_count(2)
    expect(faults.first).to_contain_text(str(BEFORE + 2))
    scientist.look("kpi-bad-rows", again=False)
    scientist.press("Leave out 2 rows")
    scientist.sees(f"Preview of {BEFORE} rows")
    assert walk.api.people["lead"].get(f"{AT.lstrip('/')}kpis/waiting-time/measurements/")["count"] == 0

    # The same again as most people have it: copied from a spreadsheet, with decimal commas.
    scientist.go(f"{walk.kpi}paste/")
    scientist.look("kpi-paste")
    _paste(scientist.page, _copied(good))
    expect(scientist.page.get_by_label("Value, row 2", exact=True)).to_have_value(_comma(good[0][1]))
    scientist.press("Preview")
    scientist.sees(f"Preview of {BEFORE} rows")
    scientist.look("kpi-preview", again=False)
    scientist.press(f"Record {BEFORE} readings")
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
    lead.enter({"Go-live on": walk.weeks[BEFORE].isoformat()}, lead.sheet("Go-live and retirement"))
    lead.press("Record", lead.sheet("Go-live and retirement"))

    after = list(zip(walk.weeks[BEFORE:], walk.values[BEFORE:], strict=True))
    # Without scripts the rows are a text, and all else is the same.
    plain = scientist.without_scripts()
    plain.goto(f"{scientist.url}{walk.kpi}paste/")
    plain.locator("textarea[name=text]").fill(_csv(after).decode())
    plain.get_by_role("button", name="Preview").click()
    expect(plain.get_by_role("heading", name=f"Preview of {AFTER} rows")).to_be_visible()
    plain.get_by_role("button", name=f"Record {AFTER} readings").click()
    expect(plain.get_by_text(f"{AFTER} readings recorded")).to_be_visible()
    plain.context.close()
    scientist.go(walk.kpi)
    scientist.sees("8 d")
    expect(scientist.sheet("Value per unit")).to_contain_text(re.compile(r"2.600"))
    expect(scientist.page.locator("#kpi-run .main-svg").first).to_be_visible()
    expect(scientist.page.locator("#kpi-run .scatterlayer .point").first).to_be_attached()
    scientist.look("kpi")
    scientist.go(f"{AT}kpis/")
    scientist.look("kpis")


def _csv(rows: list[tuple[date, object]], *more: str) -> bytes:
    lines = ["date,value", *(f"{day.isoformat()},{value}" for day, value in rows), *more]
    return ("\n".join(lines) + "\n").encode()


def _comma(value: object) -> str:
    return str(value).replace(".", ",")


def _copied(rows: list[tuple[date, object]]) -> str:
    """What a spreadsheet puts on the clipboard: cells between tabs, as they are shown."""
    return "\r\n".join(["Week\tDays", *(f"{day:%d.%m.%Y}\t{_comma(value)}" for day, value in rows)]) + "\r\n"


def _paste(page: Page, text: str) -> None:
    """Paste into the first cell of the grid."""
    page.get_by_label("Period, row 1", exact=True).focus()
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(paste);
        }""",
        text,
    )
