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
CellKind = Literal["text", "money", "number", "percent", "date", "month", "count"]
_FORMATS = {"number": "#,##0.####", "percent": "0.0", "date": "yyyy-mm-dd", "month": "yyyy-mm", "count": "#,##0"}
_WIDEST, _NARROWEST = 60, 9
_MEASURED = 200  # rows by which the width of a column is chosen
_SIDES = ("left", "right")
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


@dataclass(frozen=True)
class Column:
    """A column by its heading. `currency`: of the amounts, for the places behind the point."""

    name: str
    kind: CellKind = "text"
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

    # Written row by row: a table of ten thousand projects does not stand in memory as cells.
    book = Workbook(write_only=True)
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

    top = 3 if sheet.note else 1
    page.freeze_panes = f"B{top + 1}"
    for place, width in enumerate(_widths(sheet), start=1):
        page.column_dimensions[get_column_letter(place)].width = width
    if sheet.note:
        page.append([_cell(page, sheet.note, font=Font(italic=True))])
        page.append([])
    bold, left, right = Font(bold=True), *(Alignment(wrap_text=True, vertical="top", horizontal=h) for h in _SIDES)
    page.append(
        [
            _cell(page, column.name, font=bold, alignment=left if _is_words(column) else right)
            for column in sheet.columns
        ]
    )
    wrapped = Alignment(wrap_text=True, vertical="top")
    for row in sheet.rows:
        if len(row) != len(sheet.columns):
            raise ValueError(f"A row of {sheet.title!r} has {len(row)} cells for {len(sheet.columns)} columns.")
        page.append(
            [
                _cell(page, value, alignment=wrapped)
                if isinstance(value, str)
                else _cell(page, value, number_format=_format(column, value))
                for value, column in zip(row, sheet.columns, strict=True)
            ]
        )


def _widths(sheet: Sheet) -> list[int]:
    widths = [min(_WIDEST, max(_NARROWEST, len(column.name) // 2 + 2)) for column in sheet.columns]
    for row in sheet.rows[:_MEASURED]:
        for place, value in enumerate(row[: len(widths)]):
            if value is not None:
                widths[place] = max(widths[place], min(_WIDEST, len(str(value)) + 3))
    return widths


def _cell(page: Any, value: Any, **style: Any) -> Any:
    """A cell with its style; None stays empty."""
    from openpyxl.cell import WriteOnlyCell

    if value is None:
        return None
    cell = WriteOnlyCell(page)
    _put(cell, value)
    for name, given in style.items():
        setattr(cell, name, given)
    return cell


def _put(cell: Any, value: Any) -> None:
    """A value as it is; words as words, whatever sign they begin with."""
    if isinstance(value, str):
        cell.value = _UNPRINTED.sub(" ", value)[:32_000]
        cell.data_type = "s"
    elif isinstance(value, int | float | Decimal | date):
        cell.value = value
    else:
        raise ValueError(f"{type(value).__name__} is no value of a spreadsheet.")


def _format(column: Column, value: Any) -> str:
    if isinstance(value, date) and column.kind not in ("date", "month"):
        return _FORMATS["date"]  # a day among figures is not the number by which spreadsheets count it
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
