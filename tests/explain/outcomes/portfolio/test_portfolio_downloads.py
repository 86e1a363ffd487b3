"""The portfolio as a spreadsheet and as tables."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest

from explain.outcomes.models import OutcomeReport
from foundation.people.models import User
from lifecycle.projects.models import Project
from tests.conftest import SignIn
from tests.explain.outcomes.portfolio.conftest import Another, text


def test_an_unknown_table_is_refused(reported: OutcomeReport, manager: User, sign_in: SignIn) -> None:
    answer = sign_in(manager).get("/value/portfolio.csv?table=salaries")
    assert answer.status_code == 400
    assert "There is no table “salaries”" in text(answer)


def test_the_spreadsheet_holds_the_numbers_of_the_page(
    reported: OutcomeReport, another: Another, manager: User, sign_in: SignIn
) -> None:
    another("churn", improvement=-5.0, unit="Claims")
    client = sign_in(manager)
    page = client.get("/value/").context["portfolio"]
    book = openpyxl.load_workbook(io.BytesIO(client.get("/value/portfolio.xlsx").content))

    def rows(sheet: str) -> list[dict[str, Any]]:
        head, *body = book[sheet].iter_rows(values_only=True)
        return [dict(zip(head, row, strict=True)) for row in body]

    assert [(row["Key"], row["Net (EUR)"], row["Shortfall (EUR)"]) for row in rows("Projects")] == [
        (row.key, float(row.net), float(row.shortfall)) for row in page.rows
    ]
    assert [(row["Grade of evidence"], row["Net to date (EUR)"], row["P10 (EUR)"]) for row in rows("Net by grade")] == [
        (total.grade, float(total.net), float(total.low)) for total in page.totals
    ]
    assert [row["Realised net (EUR)"] for row in rows("Months")] == [float(a) for a in page.realised] + [None] * (
        len(page.planned) - len(page.realised)
    )
    cell = book["Projects"]["N2"]
    assert (cell.data_type, cell.number_format) == ("n", "#,##0.00")
    about = {(row["What"], row["Name"]): row["Meaning"] for row in rows("About these figures")}
    assert about["Formula", "versions of the reports"] == "report-3"
    assert about["As of", "days of the reports"] == "2025-12-31 to 2025-12-31"
    assert "Benefits less costs to date" in about["Definition", "Net benefit"]
    shown = text(client.get("/value/"))
    assert "+600 €" in shown or "−600 €" in shown


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\x07Bell=1"])
def test_text_never_becomes_a_formula(
    name: str, reported: OutcomeReport, another: Another, manager: User, sign_in: SignIn
) -> None:
    another("bad", name="Bad")
    Project.objects.filter(key="bad").update(name=name, unit=name)
    client = sign_in(manager)
    book = openpyxl.load_workbook(io.BytesIO(client.get("/value/portfolio.xlsx").content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    plain = name.replace("\x07", "")
    assert plain in [cell.value for cell in book["Projects"]["A"]]
    written = client.get("/value/portfolio.csv?table=projects").content.decode("utf-8-sig")
    names = [row["Project"] for row in csv.DictReader(io.StringIO(written))]
    assert (f"'{plain}" if plain[0] in "=+-@" else plain) in names


def test_every_table_is_there_as_csv(reported: OutcomeReport, manager: User, sign_in: SignIn) -> None:
    client = sign_in(manager)
    for name in ("about", "totals", "units", "months", "projects", "top", "shortfalls", "stages", "times", "waiting",
                 "accuracy", "cases"):  # fmt: skip
        answer = client.get(f"/value/portfolio.csv?table={name}")
        assert answer.status_code == 200
        assert answer.content.decode("utf-8-sig").count("\r\n") >= 1
