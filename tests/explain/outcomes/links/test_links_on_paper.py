"""What the papers of a report say of a metric tied to a KPI."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from explain.outcomes.links.models import MetricLink
from explain.outcomes.models import OutcomeReport
from explain.outcomes.papers import spreadsheet_of
from explain.outcomes.papers.pdf import pdf_of, words_of

pytestmark = pytest.mark.django_db


def test_the_report_on_paper_draws_the_link(report: OutcomeReport) -> None:
    (told,) = words_of(report)["links"]
    assert told["title"] == "AUC and Defects"
    assert told["sentence"].startswith("Cannot be said yet")
    assert told["drawing"]["marks"]
    assert pdf_of(report).startswith(b"%PDF")


def test_a_report_of_a_former_version_tells_no_links(report: OutcomeReport) -> None:
    report.result.pop("links")
    assert words_of(report)["links"] == []
    assert pdf_of(report).startswith(b"%PDF")


def test_the_spreadsheet_holds_what_the_page_says_of_a_link(report: OutcomeReport, link: MetricLink) -> None:
    book = load_workbook(BytesIO(spreadsheet_of(report)))
    (head, row) = [[cell.value for cell in line] for line in book["Links"].iter_rows()][2:]
    cells, (told,) = dict(zip(head, row, strict=True)), report.result["links"]
    assert (cells["Metric"], cells["KPI"], cells["Hypothesis"]) == ("AUC", "Defects", link.hypothesis)
    assert (cells["Expected for each point"], cells["One point of the metric"]) == (link.expected, link.point)
    assert (cells["Seen for each point"], cells["Did it hold?"]) == (None, "cannot be said yet")
    assert cells["What may be said"] == told["sentence"]
    uses = [[cell.value for cell in line] for line in book["KPI by version"].iter_rows()][3:]
    assert [(row[2], row[5], row[6], row[10]) for row in uses] == [
        (use["version"], use["metric"], use["mean"], use["n"]) for use in told["uses"]
    ]


def test_what_was_seen_stands_on_paper_and_in_the_spreadsheet(report: OutcomeReport) -> None:
    told = report.result["links"][0]
    told |= {"held": "against", "status": "measured", "observed": 0.25, "interval": [0.125, 0.375], "against": True}
    facts = dict(words_of(report)["links"][0]["facts"])
    assert "0.25" in facts["Seen"]
    assert facts["Seen"].endswith("95 % interval 0.12 to 0.38: against the expectation")
    assert facts["Expected"].endswith("the team expects this KPI to get worse")
    (head, row) = [
        [c.value for c in line] for line in load_workbook(BytesIO(spreadsheet_of(report)))["Links"].iter_rows()
    ][2:]
    cells = dict(zip(head, row, strict=True))
    assert [cells[f"Seen {name}"] for name in ("for each point", "from (95 %)", "to (95 %)")] == [0.25, 0.125, 0.375]
    assert (cells["Did it hold?"], cells["Grade"]) == ("against the expectation", "measured")


def test_a_report_without_links_has_no_sheet_of_them(report: OutcomeReport) -> None:
    report.result["links"] = []
    assert not {"Links", "KPI by version"} & set(load_workbook(BytesIO(spreadsheet_of(report))).sheetnames)
