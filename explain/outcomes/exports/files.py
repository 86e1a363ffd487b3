"""Tables as files. Numbers are numbers; text is text, whatever sign it begins with."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.money import minor_units, round_money
from explain.outcomes.exports.tables import Kind, Table

# What XML cannot hold.
_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_WIDEST = 60


def as_xlsx(tables: Sequence[Table]) -> bytes:
    """A workbook with one sheet for each table."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook(write_only=True)
    bold = Font(bold=True)
    for table in tables:
        sheet = book.create_sheet(table.title)
        sheet.freeze_panes = "A2"
        for place, (header, _) in enumerate(table.columns):
            sheet.column_dimensions[_letter(place)].width = _width(header, [row[place] for row in table.rows[:200]])
        heads = []
        for header, kind in table.columns:
            cell = WriteOnlyCell(sheet, value=_headed(header, kind, table.currency))
            cell.font = bold
            heads.append(cell)
        sheet.append(heads)
        formats = [_format(kind, table.currency) for _, kind in table.columns]
        for row in table.rows:
            cells = []
            for value, kind, number_format in zip(row, _kinds(table), formats, strict=True):
                plain = _plain(value, kind, _currency(table, row))
                cell = WriteOnlyCell(sheet, value=plain)
                if isinstance(plain, str):
                    cell.data_type = "s"  # never a formula
                elif number_format:
                    cell.number_format = number_format
                cells.append(cell)
            sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(table: Table) -> bytes:
    """One table in UTF-8 with a mark, as spreadsheets expect it. A text that a spreadsheet would run gets a ' before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_headed(header, kind, table.currency) for header, kind in table.columns])
    for row in table.rows:
        plain = [_plain(value, kind, _currency(table, row)) for value, kind in zip(row, _kinds(table), strict=True)]
        writer.writerow(
            [f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value for value in plain]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _kinds(table: Table) -> list[Kind]:
    return [kind for _, kind in table.columns]


def _currency(table: Table, row: Sequence[Any]) -> str:
    """Of the row where it names one, else of the table."""
    for (header, _), value in zip(table.columns, row, strict=True):
        if header == "Currency" and value:
            return str(value)
    return table.currency


def _headed(header: str, kind: Kind, currency: str) -> str:
    if kind == "percent":
        return f"{header} (%)"
    return f"{header} ({currency})" if kind == "money" and currency else header


def _plain(value: Any, kind: Kind, currency: str) -> Any:
    """The value as a cell holds it: money in the minor unit of its currency, as reports round it."""
    if value is None:
        return None
    if kind == "money":
        return round_money(value, currency) if currency else value
    if kind == "percent":
        return round(Decimal(value), 1)
    if isinstance(value, int | date) and not isinstance(value, bool):
        return value
    return _NOT_IN_XML.sub("", str(value))


def _format(kind: Kind, currency: str) -> str:
    if kind == "money":
        places = minor_units(currency or "EUR")
        return "#,##0" + ("." + "0" * places if places else "")
    return {"whole": "0", "percent": "0.0", "day": "yyyy-mm-dd"}.get(kind, "")


def _width(header: str, values: Sequence[Any]) -> float:
    return min(_WIDEST, max([len(header) + 6, *(len(str(value)) for value in values if value is not None)])) + 2


def _letter(place: int) -> str:
    """A, B, ... Z, AA: the name of a column counted from 0."""
    before, last = divmod(place, 26)
    return (_letter(before - 1) if before else "") + chr(ord("A") + last)
