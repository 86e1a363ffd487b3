"""A report as PDF and as spreadsheet: the numbers of the page, and nothing computed anew."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from explain.outcomes.models import OutcomeReport
from explain.outcomes.papers import pdf_of, spreadsheet_of
from explain.outcomes.papers.pdf import words_of
from foundation.people.models import User
from foundation.web.pdf import found
from lifecycle.projects.models import Project
from tests.conftest import SignIn


def rows_of(report: OutcomeReport, sheet: str) -> list[list[Any]]:
    book = load_workbook(BytesIO(spreadsheet_of(report)))
    return [[cell.value for cell in row] for row in book[sheet].iter_rows()]


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def test_the_spreadsheet_holds_the_figures_of_the_report(reported: OutcomeReport) -> None:
    shown = {row[0]: row[1] for row in rows_of(reported, "Summary")}
    figures = reported.result["figures"]
    for label, name in (
        ("Net benefit to date", "net_to_date"), ("Costs to date", "costs_to_date"),
        ("Net present value, 24 months", "npv_horizon"), ("ROI to date", "roi_percent"),
    ):  # fmt: skip
        assert Decimal(str(shown[label])) == Decimal(figures[name]), label
    assert shown["Fingerprint of the content"] == reported.content_hash
    assert shown["Grade"] == "measured"


def test_the_months_of_the_spreadsheet_add_up_to_its_head(reported: OutcomeReport) -> None:
    head, *rows = rows_of(reported, "Months")[2:]
    cost, benefit = head.index("Cost"), head.index("Realised benefit")
    past = [row for row in rows if "forecast" not in (row[-1] or "")]
    assert sum(row[benefit] or 0 for row in past) - sum(row[cost] for row in past) == 600
    assert len(rows) == len(reported.result["months"])


def test_every_reading_that_was_judged_is_in_the_spreadsheet(reported: OutcomeReport) -> None:
    rows = rows_of(reported, "Readings")[1:]
    assert [row[4] for row in rows].count("baseline") == 12
    assert [row[4] for row in rows].count("after") == 12


def test_the_pdf_says_what_the_page_says(reported: OutcomeReport, lead: User, sign_in: SignIn) -> None:
    words = words_of(reported)
    page = plain(sign_in(lead).get(reported.get_absolute_url()).content.decode())
    for _, value, _ in words["figures"]:
        assert plain(value) in page
    for sentence in words["statements"]:
        assert sentence in page
    assert [chart["title"] for chart in words["charts"]] == [
        "Is it paying back?", "Where did it go?", "Planned and realised benefits"
    ]  # fmt: skip


def test_the_pdf_has_a_figure_with_words_for_each_chart_and_the_same_bytes_each_time(reported: OutcomeReport) -> None:
    figures = found("explain/outcomes/report.typ", words_of(reported), "figure")
    assert len(figures) == 4
    assert all(figure["alt"] for figure in figures)
    made = pdf_of(reported)
    assert made.startswith(b"%PDF-")
    assert made == pdf_of(OutcomeReport.objects.select_related("project", "verified_by").get(pk=reported.pk))


@pytest.mark.parametrize(
    ("ending", "begins", "media"),
    [("pdf", b"%PDF-", "application/pdf"), ("xlsx", b"PK", "application/vnd.openxmlformats")],
)
def test_both_files_are_downloads_on_page_and_api(
    ending: str, begins: bytes, media: str, reported: OutcomeReport, viewer: User, sign_in: SignIn, api: Any
) -> None:
    for answer in (
        sign_in(viewer).get(f"/projects/triage/outcomes/1/report.{ending}"),
        api(viewer).get(f"/api/v1/projects/triage/outcome-reports/1/files/{ending}/"),
    ):
        assert answer.status_code == 200
        assert answer.content.startswith(begins)
        assert answer["Content-Type"].startswith(media)
        assert f'filename="triage-outcome-report-1.{ending}"' in answer["Content-Disposition"]


def test_a_report_without_a_result_and_an_unknown_ending_have_no_file(
    reported: OutcomeReport, project: Project, lead: User, sign_in: SignIn, api: Any
) -> None:
    OutcomeReport.objects.create(project=project, number=2, as_of=reported.as_of, currency="EUR")
    assert sign_in(lead).get("/projects/triage/outcomes/2/report.pdf").status_code == 404
    assert api(lead).get("/api/v1/projects/triage/outcome-reports/2/files/xlsx/").status_code == 404
    assert api(lead).get("/api/v1/projects/triage/outcome-reports/1/files/doc/").status_code == 404


def test_what_one_may_not_see_has_no_file(reported: OutcomeReport, outsider: User, sign_in: SignIn) -> None:
    assert sign_in(outsider).get("/projects/triage/outcomes/1/report.pdf").status_code == 404
    assert sign_in(outsider).get("/projects/triage/outcomes/1/report.xlsx").status_code == 404
