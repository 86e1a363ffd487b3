"""Workbooks: figures as they stand, everything else named with its row; and nothing that fills the memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import Workbook

from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import MAX_ROWS
from lifecycle.kpis.tables import Table
from lifecycle.kpis.workbooks import read_workbook
from tests.lifecycle.kpis.test_kpi_tables import WEEKLY, Measured


def book(*rows: tuple[Any, ...], change: Callable[[Any], None] | None = None) -> io.BytesIO:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    if change:
        change(sheet)
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    return file


def read(*rows: tuple[Any, ...], kpi: Measured = WEEKLY, change: Callable[[Any], None] | None = None) -> Table:
    return read_workbook(book(*rows, change=change), kpi)


def test_dates_and_numbers_are_read_as_the_cells_hold_them() -> None:
    table = read(
        ("Week", "Days", "Note"),
        (date(2026, 1, 5), 11.5, "first"),
        (datetime(2026, 1, 12), 1.234, None),  # noqa: DTZ001 - a cell knows no time zone
        (date(2026, 1, 19), 1234, None),
    )
    assert table.faults == []
    assert [(one.period, one.value, one.note, one.line) for one in table.good] == [
        (date(2026, 1, 5), 11.5, "first", 2),
        (date(2026, 1, 12), 1.234, "", 3),
        (date(2026, 1, 19), 1234.0, "", 4),
    ]
    assert table.source == "the sheet “Sheet”"


def test_text_that_is_a_number_or_a_date_is_judged_by_text_alone() -> None:
    table = read((date(2026, 1, 5), 11.5), ("12.01.2026", "1.234,5"), ("2026-01-19", "2.345"))
    assert [one.value for one in table.good] == [11.5, 1234.5, 2345.0]
    # Number cells prove nothing about a text: 1.234 stays in doubt beside 11.5.
    table = read((date(2026, 1, 5), 11.5), ("2026-01-12", "1.234"))
    assert [(one.line, one.code) for one in table.faults] == [(2, "value_ambiguous")]


def test_a_note_is_kept_as_it_is_written() -> None:
    assert read((date(2026, 1, 5), 1, "1,5"), (date(2026, 1, 12), 2, "3/4/2026")).good[0].note == "1,5"


def test_formulas_errors_and_truth_values_are_no_figures() -> None:
    def error(sheet: Any) -> None:
        sheet["B2"].data_type, sheet["B2"].value = "e", "#REF!"

    table = read(
        (date(2026, 1, 5), "=SUM(A1:A9)"),
        (date(2026, 1, 12), "#REF!"),
        (date(2026, 1, 19), True),
        (date(2026, 1, 26), 5),
        change=error,
    )
    assert [(one.line, one.code) for one in table.faults] == [
        (1, "cell_is_formula"),
        (2, "cell_is_error"),
        (3, "value_unreadable"),
    ]
    assert len(table.good) == 1


def test_merged_cells_are_named_unless_they_are_a_title() -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("B3:B4")

    table = read(
        ("Waiting time", None, None),
        ("date", "value"),
        (date(2026, 1, 5), 1),
        (date(2026, 1, 12), 2),
        (date(2026, 1, 19), 3),
        change=merge,
    )
    assert {(one.line, one.code) for one in table.faults if one.line > 2} == {(3, "cells_merged"), (4, "cells_merged")}
    assert [one.value for one in table.good] == [3.0]


def test_a_percentage_is_read_as_it_is_shown() -> None:
    def shown(sheet: Any) -> None:
        sheet["B1"].number_format = "0.0%"

    assert read((date(2026, 1, 5), 0.125), kpi=Measured("week", "%"), change=shown).good[0].value == 12.5
    assert read((date(2026, 1, 5), 0.125), change=shown).faults[0].code == "value_is_percentage"


def test_the_first_sheet_that_holds_anything_is_read() -> None:
    made = Workbook()
    made.create_sheet("Weeks").append((date(2026, 1, 5), 7))
    file = io.BytesIO()
    made.save(file)
    file.seek(0)
    table = read_workbook(file, WEEKLY)
    assert (table.good[0].value, table.source) == (7.0, "the sheet “Weeks”, the first of 2 that holds anything")


def _changed(part: str, old: bytes, new: bytes) -> io.BytesIO:
    """A workbook in which one part says something else."""
    made = io.BytesIO()
    with zipfile.ZipFile(book((date(2026, 1, 5), 7))) as whole, zipfile.ZipFile(made, "w") as copy:
        for one in whole.infolist():
            content = whole.read(one)
            copy.writestr(one.filename, content.replace(old, new) if one.filename == part else content)
    made.seek(0)
    return made


def _bomb() -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 40_000_000)
    file.seek(0)
    return file


def _crowd() -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(1_100):
            archive.writestr(f"part{number}", b"")
    file.seek(0)
    return file


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (_bomb, "workbook_too_large"),
        (_crowd, "workbook_too_large"),
        (lambda: io.BytesIO(b"PK\x03\x04" + b"\x00" * 200), "workbook_damaged"),
        (lambda: io.BytesIO(b"0" * 5_000_001), "workbook_too_large"),
        (lambda: book(), "workbook_empty"),
        (lambda: _changed("xl/workbook.xml", b"<workbook", b"<x>&y;</x><workbook"), "workbook_unreadable"),
        (
            lambda: _changed(
                SHEET, b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet'
            ),
            "workbook_unreadable",
        ),
        (lambda: book(*[(date(2026, 1, 5), 7)] * (MAX_ROWS + 2)), "table_too_long"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(file: Callable[[], io.BytesIO], code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_workbook(file(), WEEKLY)
    assert (refused.value.code, refused.value.status) == (code, 400)


def test_what_a_sheet_says_of_its_size_is_not_believed() -> None:
    file = _changed(SHEET, b'<dimension ref="A1:B1"', b'<dimension ref="A1:XFD1048576"')
    assert [one.value for one in read_workbook(file, WEEKLY).good] == [7.0]
