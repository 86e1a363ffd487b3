"""Tables to take away as CSV, in UTF-8 with a mark, as spreadsheets expect it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from foundation.web.workbook import Sheet

MEDIA_TYPE = "text/csv; charset=utf-8"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def comma_separated(sheet: Sheet) -> bytes:
    """One sheet with its headings; its note stays out, so that the first line is the head."""
    return written([column.name for column in sheet.columns], sheet.rows)


def written(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """Rows of plain values under their names. A text that a spreadsheet would run gets a ' before it."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_cell(name) for name in names])
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return format(value, "f") if isinstance(value, Decimal) else value
