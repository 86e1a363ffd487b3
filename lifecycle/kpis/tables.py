"""Rows of a table that a person pasted or uploaded, as readings. Every row is kept as written beside what it means."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import IO, NamedTuple, Protocol

from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import (
    DELIMITERS,
    MAX_NOTE,
    MAX_ROWS,
    Fault,
    Reading,
    delimiter_of,
    fault_of_day,
    is_formula,
    names_of,
    text_of,
)
from lifecycle.kpis.periods import aligned, organisation_today, period_text
from lifecycle.kpis.stated_units import are_units, figure_and_unit, figure_of, heading_parts, in_unit_of
from lifecycle.kpis.units import same_unit
from lifecycle.kpis.writings import AUTO, POINT, Unclear, Writing, parse_number, parse_period, writing_of

# What a spreadsheet shows where a figure could not be computed, or does not fit its column.
_ERRORS = ("#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#N/A", "#NUM!", "#NULL!", "#SPILL!", "#CALC!", "##")


class Measured(Protocol):
    """What must be known of a KPI to read a table of its readings."""

    @property
    def frequency(self) -> str: ...

    @property
    def unit(self) -> str: ...


class Cells(NamedTuple):
    """A row as it is written."""

    period: str
    value: str
    note: str = ""
    unit: str = ""

    @property
    def is_blank(self) -> bool:
        return not any(self)


@dataclass
class Table:
    """What was read. `rows` are all rows from the first on, blank ones too, so that row n is row n of the spreadsheet.

    `heading` is the number of the row that names the columns, 0 when there is none; `source` says what was read, such
    as the name of a sheet; `left_out` counts columns that are not read; `units` are those of rows, by number, whose
    values were turned into the KPI's.
    """

    rows: list[Cells]
    heading: int = 0
    writing: Writing = field(default_factory=Writing)
    good: list[Reading] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    source: str = ""
    left_out: int = 0
    units: dict[int, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The rows as tab-separated text, which a form can carry and read again: one line for each row."""
        return self.without(())

    def without(self, lines: Iterable[int]) -> str:
        """The same text without some rows."""
        gone = set(lines)
        return "\n".join(
            "\t".join(map(_as_cell, row)).rstrip("\t")
            for number, row in enumerate(self.rows, start=1)
            if number not in gone
        )


def read_text(source: str | bytes | IO[bytes], kpi: Measured, told: Writing | None = None) -> Table:
    """A pasted text or CSV file. Raises Refused when it is no table as a whole."""
    text = text_of(source)
    first = next((line for line in text.splitlines() if line.strip()), "")
    is_tabbed = "\t" in first or ("\t" in text and not set(";,") & set(first))
    sign = "\t" if is_tabbed else delimiter_of(first)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    rows: list[list[str]] = []
    filled = 0
    try:
        for cells in reader:
            rows.append(cells)
            filled += any(cell.strip() for cell in cells)
            if filled > MAX_ROWS + 1 or len(rows) > 10 * MAX_ROWS:
                raise too_many_rows()
    except csv.Error:
        raise Refused(
            f"Line {reader.line_num} cannot be split into columns; a quotation mark may be open. Mend it and try again.",
            code="table_unreadable", status=400, field="text",
        ) from None  # fmt: skip
    # Between commas a decimal comma could not stand, so a point is the decimal mark.
    return read_rows(rows, kpi, told or Writing(), mark_else=POINT if sign == DELIMITERS[-1] else AUTO)


def _as_cell(text: str) -> str:
    """A cell as spreadsheets put it on the clipboard: one that begins with a quotation mark is quoted."""
    return '"' + text.replace('"', '""') + '"' if text.startswith('"') else text


def too_many_rows() -> Refused:
    """The refusal of a table that is too long."""
    return Refused(
        f"The table has more than {MAX_ROWS:,} rows. Split it and record the parts one by one.",
        code="table_too_long", status=400, field="text",
    )  # fmt: skip


def read_rows(
    rows: Sequence[Sequence[str]],
    kpi: Measured,
    told: Writing,
    *,
    mark_else: str = AUTO,
    known: Mapping[int, Unclear] | None = None,
) -> Table:
    """Readings and faults of rows of cells. `known` holds rows that were found at fault before, by number from 1.

    Columns are found by the names of a heading (date or period, value, note, unit), else they are the first three; a
    third or fourth one that holds nothing but units states them.
    """
    table, says_units = _arranged(rows)
    stated = heading_parts(table.rows[table.heading - 1].value)[1] if table.heading else ""
    says_units = says_units or bool(stated)
    filled = [row for number, row in _filled(table)]
    if not filled:
        raise Refused(
            "There are no rows yet. Each needs a date and a value.", code="table_empty", status=400, field="text"
        )
    if len(filled) > MAX_ROWS:
        raise too_many_rows()
    figures = (figure_of(row.value) if says_units else row.value for row in filled)
    found = writing_of((row.period for row in filled), figures, kpi.frequency, told)
    table.writing = Writing(found.mark or mark_else, found.order)
    today = organisation_today()
    lines: dict[date, int] = {}
    for number, row in _filled(table):
        try:
            if known and number in known:
                raise known[number]
            figure, unit = figure_and_unit(row.value, row.unit or stated, says_units=says_units)
            reading = _reading(row._replace(value=figure, unit=unit), number, kpi, table.writing, told, today)
            if reading.period in lines:
                raise Unclear(
                    f"The period {period_text(reading.period, kpi.frequency)} stands on row {lines[reading.period]} "
                    "already. Keep one of the two.",
                    code="period_twice", field="period",
                )  # fmt: skip
        except Unclear as fault:
            table.faults.append(Fault(number, str(fault), fault.code, fault.field))
            continue
        lines[reading.period] = number
        if unit and not same_unit(unit, kpi.unit):
            table.units[number] = unit
        table.good.append(reading)
    return table


def _filled(table: Table) -> list[tuple[int, Cells]]:
    return [
        (number, row) for number, row in enumerate(table.rows, start=1) if number != table.heading and not row.is_blank
    ]


def columns_of(rows: Sequence[Sequence[str]]) -> tuple[dict[str, int], int]:
    """(role -> column from 0, number of the row that names them, 0 for none): by name, else the first three."""
    top = next((number for number, row in enumerate(rows, start=1) if any(cell.strip() for cell in row)), 0)
    columns = {"date": 0, "value": 1, "note": 2}
    if not top:
        return columns, 0
    names = names_of(rows[top - 1])
    if {"date", "value"} <= set(names):
        return names, top
    if any(character.isdigit() for cell in rows[top - 1][:2] for character in heading_parts(cell)[0]):
        units = next((at for at in (2, 3) if are_units(row[at].strip() for row in rows if len(row) > at)), None)
        return columns if units is None else _with_units(columns, units), 0
    # A heading in other words.
    at = names.get("unit", 0)
    return _with_units(columns, at, names.get("note")) if at > 1 else columns, top


def _with_units(columns: dict[str, int], units: int, note: int | None = None) -> dict[str, int]:
    """The columns with one of units, which is no column of notes."""
    found = {**columns, "unit": units, "note": columns["note"] if note is None else note}
    return {role: at for role, at in found.items() if role == "unit" or at != units}


def _arranged(rows: Sequence[Sequence[str]]) -> tuple[Table, bool]:
    """The columns that count, in their order, with the row that names them; and whether one of them is of units."""
    plain = [[" ".join(cell.split()) for cell in row] for row in rows]
    while plain and not any(plain[-1]):
        plain.pop()
    columns, heading = columns_of(plain)
    chosen = [columns.get(role, -1) for role in ("date", "value", "note", "unit")]
    read = {number for number in chosen if number >= 0}
    others = {number for row in plain for number, cell in enumerate(row) if cell and number not in read}
    arranged = [Cells(*(row[at] if 0 <= at < len(row) else "" for at in chosen)) for row in plain]
    return Table(arranged, heading, left_out=len(others)), "unit" in columns


def _reading(row: Cells, number: int, kpi: Measured, writing: Writing, told: Writing, today: date) -> Reading:
    """`row.value` is a figure without a unit behind it, `row.unit` what the table states, empty for the KPI's own."""
    for name, text in zip(row._fields, row, strict=True):
        if is_formula(text) and not (name == "value" and text[0] == "+"):
            raise Unclear(
                "A formula is no figure: tomorrow it may give another one. Paste or save the values.",
                code="cell_is_formula", field=name,
            )  # fmt: skip
        if name != "note" and text.upper().startswith(_ERRORS):
            raise Unclear(
                f"The cell shows {text[:12]}: the spreadsheet could not compute it. Mend it there, or leave the row out.",
                code="cell_is_error", field=name,
            )  # fmt: skip
    if not row.period:
        raise Unclear("The date is missing.", code="period_missing", field="period")
    if not row.value:
        raise Unclear(
            "The value is missing. Leave the row out when nothing was measured.", code="value_missing", field="value"
        )
    if len(row.note) > MAX_NOTE:
        raise Unclear(f"The note is longer than {MAX_NOTE} characters. Shorten it.", code="note_too_long", field="note")
    day = parse_period(row.period, writing.order, kpi.frequency)
    if sentence := fault_of_day(day, today):
        raise Unclear(sentence, code="day_in_future" if day > today else "day_too_early", field="period")
    # A leading apostrophe marks a number kept as text: other cells prove nothing about it.
    is_text = row.value.startswith("'")
    mark = told.mark if is_text else writing.mark
    value = parse_number(row.value[1:] if is_text and mark else row.value, mark, row.unit or kpi.unit)
    return Reading(aligned(day, kpi.frequency), in_unit_of(value, row.unit, kpi.unit), row.note, number)
