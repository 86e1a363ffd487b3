"""Spreadsheets to take away: numbers are numbers, words never become formulas."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from foundation.web.workbook import Column, Sheet, workbook


def opened(*sheets: Sheet) -> Any:
    return load_workbook(BytesIO(workbook(sheets, title="A test", at=datetime(2026, 11, 1, tzinfo=UTC))))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@now", '=HYPERLINK("x")', "\t=1"])
def test_words_that_look_like_a_formula_stay_words(text: str) -> None:
    cell = opened(Sheet("Words", [Column("Note")], [[text]])).active["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_amounts_keep_their_digits_and_are_shown_in_the_currency() -> None:
    columns = [Column("Euro", "money", "EUR"), Column("Yen", "money", "JPY"), Column("Dinar", "money", "KWD")]
    page = opened(Sheet("Money", columns, [[Decimal("1234.5678"), Decimal(900), Decimal("0.125")]])).active
    assert [page.cell(2, k).value for k in (1, 2, 3)] == [1234.5678, 900, 0.125]
    assert [page.cell(2, k).number_format for k in (1, 2, 3)] == ["#,##0.00", "#,##0", "#,##0.000"]


def test_days_are_days_and_what_is_not_known_is_empty() -> None:
    page = opened(Sheet("Days", [Column("Day", "date"), Column("Value", "number")], [[date(2024, 2, 29), None]])).active
    assert page["A2"].value.date() == date(2024, 2, 29)
    assert page["B2"].value is None


def test_a_day_among_figures_is_shown_as_a_day() -> None:
    page = opened(
        Sheet("Summary", [Column("Figure"), Column("Value", "number")], [["As of", date(2026, 11, 21)], ["Net", 3]])
    ).active
    assert page["B2"].value.date() == date(2026, 11, 21)
    assert (page["B3"].value, page["B3"].number_format) == (3, "#,##0.####")


def test_a_note_stands_above_the_head_and_the_head_stays_in_sight() -> None:
    page = opened(Sheet("Noted", [Column("Step")], [["Build"]], note="Amounts in EUR")).active
    assert [page["A1"].value, page["A3"].value, page["A4"].value] == ["Amounts in EUR", "Step", "Build"]
    assert page.freeze_panes == "B4"


def test_names_of_sheets_are_made_fit_and_told_apart() -> None:
    long = "Days: from [first] to last/of the whole year"
    book = opened(*(Sheet(long, [Column("A")], [[1]]) for _ in range(2)))
    assert len(set(book.sheetnames)) == 2
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)


def test_signs_that_no_file_can_hold_become_blanks() -> None:
    assert opened(Sheet("Signs", [Column("A")], [["a\x00b\x1fc"]])).active["A2"].value == "a b c"


def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 cells for 1 columns"):
        workbook([Sheet("Rows", [Column("A")], [[1, 2]])], title="A test")
