"""Spreadsheets to take away: tables as XLSX whose numbers are numbers and whose words never become formulas."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, Literal

from foundation.web.formats import minor_digits

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Kind = Literal["text", "money", "number", "percent", "date", "month", "count"]
_FORMATS = {"number": "#,##0.####", "percent": "0.0", "date": "yyyy-mm-dd", "month": "yyyy-mm", "count": "#,##0"}
_WIDEST, _NARROWEST = 60, 9
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Column:
    """A column by its heading. `currency`: of the amounts, for the places behind the point."""

    name: str
    kind: Kind = "text"
    currency: str = ""


@dataclass(frozen=True)
class Sheet:
    """One table. Rows hold plain values; None leaves a cell empty. `note` stands above the head."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    note: str = ""


def workbook(sheets: Sequence[Sheet], *, title: str, at: datetime | None = None) -> bytes:
    """The XLSX file. `at`: the instant that the file names as its own.

    Amounts are written with all their digits and shown in the currency's minor unit. A text that begins with = + - or @
    stays a text. Raises ValueError for rows that do not fit their columns.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=False)
    book.remove(book.worksheets[0])
    book.properties.title, book.properties.creator = title, "Tollgate"
    if at is not None:
        book.properties.created = book.properties.modified = at.replace(tzinfo=None)
    for sheet in sheets:
        _write(book.create_sheet(_name(sheet.title, book.sheetnames)), sheet)
    into = BytesIO()
    book.save(into)
    return into.getvalue()


def _write(page: Any, sheet: Sheet) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    top = 1
    if sheet.note:
        _put(page.cell(1, 1), sheet.note)
        page.cell(1, 1).font = Font(italic=True)
        top = 3
    for place, column in enumerate(sheet.columns, start=1):
        head = page.cell(top, place)
        _put(head, column.name)
        head.font = Font(bold=True)
        head.alignment = Alignment(wrap_text=True, vertical="top", horizontal="left" if _is_words(column) else "right")
    widths = [min(_WIDEST, max(_NARROWEST, len(column.name) // 2 + 2)) for column in sheet.columns]
    for number, row in enumerate(sheet.rows, start=top + 1):
        if len(row) != len(sheet.columns):
            raise ValueError(f"A row of {sheet.title!r} has {len(row)} cells for {len(sheet.columns)} columns.")
        for place, (column, value) in enumerate(zip(sheet.columns, row, strict=True), start=1):
            shown = page.cell(number, place)
            _put(shown, value)
            if not isinstance(value, str) and value is not None:
                shown.number_format = _format(column)
            if isinstance(value, str):
                shown.alignment = Alignment(wrap_text=True, vertical="top")
            if value is not None:
                widths[place - 1] = max(widths[place - 1], min(_WIDEST, len(str(value)) + 3))
    for place, width in enumerate(widths, start=1):
        page.column_dimensions[get_column_letter(place)].width = width
    page.freeze_panes = page.cell(top + 1, 2)


def _put(cell: Any, value: Any) -> None:
    """A value as it is; words as words, whatever sign they begin with."""
    if isinstance(value, str):
        cell.value = _UNPRINTED.sub(" ", value)[:32_000]
        cell.data_type = "s"
    elif value is None or isinstance(value, int | float | Decimal | date):
        cell.value = value
    else:
        raise ValueError(f"{type(value).__name__} is no value of a spreadsheet.")


def _format(column: Column) -> str:
    if column.kind == "money":
        digits = minor_digits(column.currency)
        return "#,##0" + ("." + "0" * digits if digits else "")
    return _FORMATS.get(column.kind, "General")


def _is_words(column: Column) -> bool:
    return column.kind == "text"


def _name(title: str, taken: Sequence[str]) -> str:
    """Sheet names hold 31 signs, none of []:*?/\\, and come once."""
    plain = re.sub(r"[\[\]:*?/\\]", " ", title).strip()[:31] or "Sheet"
    name, count = plain, 2
    while name.casefold() in {other.casefold() for other in taken}:
        name, count = f"{plain[:28]} {count}", count + 1
    return name
