"""Reading measurements from an XLSX workbook, within bounds: a file of a few kB must not fill the memory.

Cells are told as a person would have typed them, so that everything after is the same as for a paste. What a paste
could not show is said here: formulas, merged cells, numbers and dates that are stored as text.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import MAX_ROWS
from lifecycle.kpis.tables import Measured, Table, columns_of, read_rows, too_many_rows
from lifecycle.kpis.writings import AUTO, Unclear, Writing, mark_of, number_under, parse_period, writing_of

MAX_BYTES = 5_000_000
MAX_UNPACKED = 30_000_000
MAX_PARTS = 1_000
MAX_COLUMNS = 50
MAX_SHEET_ROW = 100_000  # rows so far down are blank, or the table is no list of readings
_MERGED = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}mergeCell"
_MERGED_STRICT = "{http://purl.oclc.org/ooxml/spreadsheetml/main}mergeCell"
_AMBIGUOUS = re.compile(r"-?[1-9]\d{0,2}\.\d{3}")


def is_workbook(head: bytes) -> bool:
    """Whether a file begins as a ZIP does, which an XLSX is."""
    return head[:4] == b"PK\x03\x04"


def is_old_workbook(head: bytes) -> bool:
    """Whether a file begins as the XLS of former days, or as an encrypted workbook."""
    return head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def read_workbook(source: IO[bytes], kpi: Measured, told: Writing | None = None) -> Table:
    """The first sheet of a workbook that holds anything. Raises Refused when the file cannot be read as a whole."""
    content = source.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise _refused(
            f"The workbook is larger than {MAX_BYTES // 1_000_000} MB. Copy the sheet with the readings into one of its own.",
            "workbook_too_large",
        )
    _bounded(content)
    told = told or Writing()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and dates out of range, which become error cells
            title, count, cells, merged = _first_sheet(content)
    except Refused:
        raise
    except Exception:  # a foreign file can break a reader in as many ways as it has parts
        raise _refused(
            "The file cannot be read as a workbook. Open it in your spreadsheet, save it as XLSX and upload it again.",
            "workbook_unreadable",
        ) from None
    if not cells:
        raise _refused("The workbook holds no rows. It needs a date and a value in each row.", "workbook_empty")
    known = {
        row: Unclear(
            f"Cells {where} are merged, so they stand for several rows or columns at once. Unmerge them and fill each cell.",
            code="cells_merged", field="",
        )
        for row, where in merged.items()
    }  # fmt: skip
    table = read_rows(_settled(cells, kpi, told), kpi, told, known=known)
    table.source = f"the sheet “{title}”" + (f", the first of {count} that holds anything" if count > 1 else "")
    return table


def _refused(sentence: str, code: str) -> Refused:
    return Refused(sentence, code=code, status=400, field="file")


def _bounded(content: bytes) -> None:
    """Refuse what would unpack to more than is read. The sizes a ZIP declares are held to when it is read."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise _refused(
            "The file is damaged. Save it as XLSX once more and upload it again.", "workbook_damaged"
        ) from None
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise _refused(
            "The workbook unpacks to more than a list of readings can be. Copy the columns with the readings into a new one.",
            "workbook_too_large",
        )


def _first_sheet(content: bytes) -> tuple[str, int, list[list[str]], dict[int, str]]:
    """(title, number of sheets, rows of cells, merged cells by row) of the first sheet that holds anything."""
    from openpyxl import load_workbook

    book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"] or book.worksheets
        for sheet in sheets:
            sheet.reset_dimensions()  # what a file says of its size may be untrue
            cells = list(_rows(sheet))
            if cells:
                return sheet.title, len(sheets), cells, _merged(sheet, len(cells))
        return "", len(sheets), [], {}
    finally:
        book.close()


def _rows(sheet: Any) -> Iterator[list[str]]:
    """Rows up to the last one that holds anything."""
    blank, filled = 0, 0
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
        if all(cell.value is None or cell.value == "" for cell in row):
            blank += 1
            continue
        filled += 1
        if filled > MAX_ROWS + 1 or number > MAX_SHEET_ROW:
            raise too_many_rows()
        for _ in range(blank):
            yield []
        blank = 0
        yield [_written(cell) for cell in row]


def _merged(sheet: Any, rows: int) -> dict[int, str]:
    """Row -> the merged cells that touch it. Merged titles above a table do not matter: their rows hold no reading."""
    from defusedxml.ElementTree import iterparse
    from openpyxl.utils import range_boundaries

    found: dict[int, str] = {}
    with sheet._get_source() as part:
        for _, element in iterparse(part):
            if element.tag in (_MERGED, _MERGED_STRICT):
                where = element.get("ref", "")
                left, top, _, bottom = (edge or 1 for edge in range_boundaries(where))
                if left <= MAX_COLUMNS:
                    for row in range(top, min(bottom, rows) + 1):
                        found.setdefault(row, where)
            element.clear()
    return found


class _Text(str):
    """A cell that holds text, not a number or a date."""


def _written(cell: Any) -> str:
    """A cell as a person would type it."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        text = value if isinstance(value, str) else getattr(value, "text", "")
        return f"={str(text).lstrip('=')[:40]}"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        if "%" in (cell.number_format or ""):
            return f"{_undoubted(f'{(Decimal(repr(value)) * 100).normalize():f}')}%"
        return _undoubted(repr(value))
    return _Text(value)


def _settled(rows: list[list[str]], kpi: Measured, told: Writing) -> list[list[str]]:
    """Dates and numbers that are stored as text, judged among themselves: number cells prove nothing about them."""
    columns, _ = columns_of(rows)
    judged = {columns["date"], columns["value"]}
    texts = [cell.strip() for row in rows for at, cell in enumerate(row) if at in judged and isinstance(cell, _Text)]
    writing = writing_of(texts, texts, kpi.frequency, told)
    return [
        [
            _plain(cell, kpi, writing) if at in judged and isinstance(cell, _Text) else cell
            for at, cell in enumerate(row)
        ]
        for row in rows
    ]


def _plain(cell: str, kpi: Measured, writing: Writing) -> str:
    text = " ".join(cell.split()).removeprefix("'")
    point, comma = number_under(text, "."), number_under(text, ",")
    if point is None and comma is None:
        try:
            return parse_period(text, writing.order, kpi.frequency).isoformat()
        except Unclear:
            return text
    mark = mark_of(text) or writing.mark
    if point != comma and mark == AUTO:
        return f"'{text}"
    value = point if comma is None or (mark == "." and point is not None) else comma
    return _undoubted(repr(value))


def _undoubted(text: str) -> str:
    """A number with a decimal point that nobody takes for a group of thousands further on: 1.234 becomes 1.2340."""
    plain = text.removesuffix(".0")
    return f"{plain}0" if _AMBIGUOUS.fullmatch(plain) else plain
