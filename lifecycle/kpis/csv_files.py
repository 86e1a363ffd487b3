"""Reading measurements from a text file that people made in a spreadsheet.

Never guesses silently: whatever is not plainly a date and a number becomes a sentence with its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from datetime import date
from typing import IO, NamedTuple, Protocol

from foundation.web.refused import Refused
from lifecycle.kpis.figures import is_reading
from lifecycle.kpis.periods import aligned, organisation_today, period_text
from lifecycle.kpis.stated_units import UNIT_NAMES, figure_and_unit, figure_of, heading_parts, in_unit_of

MAX_ROWS = 10_000
MAX_BYTES = 2_000_000
MAX_NOTE = 200
EARLIEST = date(1950, 1, 1)
DELIMITERS = (";", "\t", ",")
DATE_NAMES = {"date", "day", "period", "week", "month", "datum"}
VALUE_NAMES = {"value", "reading", "wert"}
NOTE_NAMES = {"note", "remark"}
_ROLES = (("date", DATE_NAMES), ("value", VALUE_NAMES), ("note", NOTE_NAMES), ("unit", UNIT_NAMES))

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_YEAR_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR_WEEK = re.compile(r"(\d{4})-?W(\d{2})")
_NUMBER = re.compile(r"[-\u2212]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{1,3})?", re.ASCII)
_COMMA = re.compile(r"[-\u2212]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+", re.ASCII)
_GROUPED = re.compile(r"[-\u2212]?\d{1,3}(?:\.\d{3})+", re.ASCII)


class Reading(NamedTuple):
    """One row to record: `period` is the first day of its period, `line` the line of the file or list (0: none)."""

    period: date
    value: float
    note: str = ""
    line: int = 0


class Fault(NamedTuple):
    """What is wrong with a row, in a sentence; `code` is stable, `field` is period, value, note or unit."""

    line: int
    sentence: str
    code: str = "row_invalid"
    field: str = ""


class Counted(Protocol):
    """What must be known of a KPI to read its file."""

    @property
    def frequency(self) -> str: ...

    @property
    def unit(self) -> str: ...


def text_of(source: str | bytes | IO[bytes]) -> str:
    """The text of the file. Raises Refused when it is too large, not UTF-8, or not a text."""
    if not isinstance(source, str | bytes):
        source = source.read(MAX_BYTES + 1)
    size = len(source.encode()) if isinstance(source, str) else len(source)
    if size > MAX_BYTES:
        raise Refused(
            f"The file is larger than {MAX_BYTES // 1_000_000} MB. Split it and upload the parts one by one.",
            code="csv_too_large", status=400, field="file",
        )  # fmt: skip
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Refused(
                'The file is not in UTF-8. Save it as "CSV UTF-8" and upload it again.',
                code="csv_not_utf8", status=400, field="file",
            ) from None  # fmt: skip
    if "\x00" in source:
        raise Refused(
            "The file holds null bytes, so it is no text file. Save it as CSV and upload it again.",
            code="csv_not_text", status=400, field="file",
        )  # fmt: skip
    return source.removeprefix("\ufeff")


def names_of(cells: Sequence[str]) -> dict[str, int]:
    """Columns that a header names: date, value, note, unit."""
    found: dict[str, int] = {}
    for number, cell in enumerate(cells):
        name = heading_parts(cell)[0].casefold()
        for role, names in _ROLES:
            if name in names:
                found.setdefault(role, number)
    return found


def delimiter_of(line: str) -> str:
    """The sign between columns, from the first line: the one that makes a known header, else the first that splits."""
    for sign in DELIMITERS:
        if {"date", "value"} <= set(names_of(line.split(sign))):
            return sign
    return next((sign for sign in DELIMITERS if sign in line), ",")


def parse_day(text: str, frequency: str) -> date:
    """A date from ISO (2026-03-02), dotted (2.3.2026), month (2026-03) or ISO week (2026-W10) writing.

    Raises ValueError with a sentence for the person.
    """
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    elif match := _DOTTED.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif frequency == "month" and (match := _YEAR_MONTH.fullmatch(text)):
        year, month, day = int(match[1]), int(match[2]), 1
    elif frequency == "week" and (match := _YEAR_WEEK.fullmatch(text)):
        try:
            return date.fromisocalendar(int(match[1]), int(match[2]), 1)
        except ValueError:
            raise ValueError(f"{text} is no week of the calendar.") from None
    else:
        raise ValueError(f"“{text[:40]}” is no date that can be read. Write it as 2026-03-02 or 02.03.2026.")
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"{text} is no day of the calendar.") from None


def parse_value(text: str, *, decimal_comma: bool, commas_seen: bool = False) -> float:
    """A finite number. `decimal_comma`: 12,5 is allowed; `commas_seen`: the file uses it, so 1.234 is ambiguous.

    Raises ValueError with a sentence for the person.
    """
    plain = text
    if decimal_comma and "," in text:
        if not _COMMA.fullmatch(text):
            raise ValueError(f"“{text[:40]}” is no number. Write it without a unit, such as 12,5.")
        plain = text.replace(".", "").replace(",", ".")
    elif commas_seen and _GROUPED.fullmatch(text):
        raise ValueError(
            f"“{text}” may mean thousands or a fraction, as the file has decimal commas. Write it without the point, or with a comma."
        )
    if not _NUMBER.fullmatch(plain):
        raise ValueError(f"“{text[:40]}” is no number. Write it without a unit, such as 12.5.")
    value = float(plain.replace("\u2212", "-"))
    if not is_reading(value):
        raise ValueError(f"{text[:40]} is too large to be a reading.")
    return value


def is_formula(text: str) -> bool:
    """Cells that a spreadsheet would run instead of show."""
    return text[:1] in {"=", "@", "+"}


def fault_of_day(day: date, today: date) -> str:
    """Why a reading cannot be of this day; empty when it can."""
    if day > today:
        return f"{day.isoformat()} lies in the future. Record what was measured, not what is expected."
    if day < EARLIEST:
        return f"{day.isoformat()} is before {EARLIEST.year}. Check the year."
    return ""


def read_csv(source: str | bytes | IO[bytes], kpi: Counted) -> tuple[list[Reading], list[Fault]]:
    """Good rows and faults of a file with a date and a value in each row, and a note if there is one.

    Columns are found by name (date or period, value, note, unit) or are the first two; the sign between them is
    a semicolon, a tab or a comma; with a semicolon numbers may have a decimal comma. Values in another unit than the
    KPI's, as a column or the heading of the values states, are converted. A period may come
    once. Lines count from 1. Raises Refused when the file as a whole cannot be read.
    """
    text = text_of(source)
    first = next((line for line in text.splitlines() if line.strip()), "")
    sign = delimiter_of(first)
    rows: list[tuple[int, list[str]]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, [cell.strip() for cell in cells]))
            if len(rows) > MAX_ROWS + 1:
                break
    except csv.Error:
        raise Refused(
            f"Line {reader.line_num} cannot be split into columns; a quotation mark may be open. Mend it and upload the file again.",
            code="csv_unreadable", status=400, field="file",
        ) from None  # fmt: skip
    columns, stated = {"date": 0, "value": 1, "note": 2}, ""
    if rows:
        header = rows[0][1]
        names = names_of(header)
        if {"date", "value"} <= set(names):
            columns = names
            stated = heading_parts(header[names["value"]])[1]
            rows = rows[1:]
        elif not any(character.isdigit() for cell in header[:2] for character in heading_parts(cell)[0]):
            rows = rows[1:]  # a header in other words: the first two columns count
            stated = heading_parts(header[1])[1] if len(header) > 1 else ""
            if names.get("unit", 0) > 1:
                columns = {"date": 0, "value": 1, "unit": names["unit"], "note": names.get("note", -1)}
    if not rows:
        raise Refused(
            "The file holds no rows. It needs a date and a value in each row.",
            code="csv_empty", status=400, field="file",
        )  # fmt: skip
    if len(rows) > MAX_ROWS:
        raise Refused(
            f"The file has more than {MAX_ROWS:,} rows. Split it and upload the parts one by one.",
            code="csv_too_many_rows", status=400, field="file",
        )  # fmt: skip
    return _read_rows(rows, columns, sign, kpi, stated)


def _read_rows(
    rows: list[tuple[int, list[str]]], columns: dict[str, int], sign: str, kpi: Counted, stated: str
) -> tuple[list[Reading], list[Fault]]:
    """`stated`: the unit in the heading of the values, empty for none."""
    decimal_comma, frequency = sign == ";", kpi.frequency
    says_units = bool(stated) or "unit" in columns
    today = organisation_today()

    def cell(cells: list[str], role: str) -> str:
        number = columns.get(role, -1)
        return cells[number] if 0 <= number < len(cells) else ""

    commas_seen = decimal_comma and any("," in figure_of(cell(cells, "value")) for _, cells in rows)
    good: list[Reading] = []
    faults: list[Fault] = []
    lines: dict[date, int] = {}
    for line, cells in rows:
        when, value, note = cell(cells, "date"), cell(cells, "value"), cell(cells, "note")
        try:
            if any(is_formula(text) for text in (when, value, note)):
                raise ValueError("A cell holds a formula. Export the values, not the formulas.")
            if not when:
                raise ValueError("The date is missing.")
            if not value:
                raise ValueError("The value is missing. Leave the row out when nothing was measured.")
            if len(note) > MAX_NOTE:
                raise ValueError(f"The note is longer than {MAX_NOTE} characters.")
            day = parse_day(when, frequency)
            if fault := fault_of_day(day, today):
                raise ValueError(fault)
            figure, unit = figure_and_unit(value, cell(cells, "unit") or stated, says_units=says_units)
            number = parse_value(figure, decimal_comma=decimal_comma, commas_seen=commas_seen)
            number = in_unit_of(number, unit, kpi.unit)
            period = aligned(day, frequency)
            if period in lines:
                raise ValueError(
                    f"The period {period_text(period, frequency)} stands on line {lines[period]} already. Keep one of the two."
                )
        except ValueError as fault_found:
            faults.append(Fault(line, str(fault_found)))
            continue
        lines[period] = line
        good.append(Reading(period, number, note, line))
    return good, faults
