"""Rates as people and machines send them: one, a list, a file, or what was pasted from a spreadsheet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NamedTuple

from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import DELIMITERS, EARLIEST, MAX_ROWS, Fault, is_formula, parse_day, text_of
from lifecycle.kpis.currencies import ISO_4217
from lifecycle.kpis.periods import aligned, organisation_today
from lifecycle.kpis.rates.lookup import MONTH, SPOT, month_end

MAX_SOURCE = 200
LARGEST = Decimal(10) ** 10  # numeric(20, 10)
SMALLEST = Decimal("1e-10")
KINDS = {"spot": SPOT, "day": SPOT, "of the day": SPOT, "month": MONTH, "mean": MONTH, "average": MONTH}
NAMES = {
    "base": {"base", "from", "currency", "1 unit of"},
    "quote": {"quote", "to", "in"},
    "on": {"date", "day", "month", "on"},
    "rate": {"rate", "value"},
    "kind": {"kind", "type"},
    "source": {"source"},
}
_MONTH = re.compile(r"\d{4}-\d{2}")
_RATE = re.compile(r"\d{1,12}(?:[.]\d{1,12})?", re.ASCII)


class Rate(NamedTuple):
    """One unit of `base` is worth `rate` units of `quote`; `line` is the line of the file or list (0: none)."""

    base: str
    quote: str
    on: date
    rate: Decimal
    kind: str
    source: str
    line: int = 0

    @property
    def key(self) -> tuple[str, str, str, date]:
        return self.base, self.quote, self.kind, self.on


def rate_of(value: object) -> Decimal:
    """A rate from its text, exactly. Raises ValueError with a sentence for a JSON number and for what is no rate."""
    if isinstance(value, float | int):
        raise ValueError('Rates are exact, and a number of JSON may have been rounded. Send text, such as "0.9213".')
    if isinstance(value, str):
        text = value.strip()
        if not _RATE.fullmatch(text):
            raise ValueError(f"“{text[:30]}” is no rate. Write it with a point, such as 0.9213.")
        try:
            value = Decimal(text)
        except InvalidOperation:
            value = None
    if not isinstance(value, Decimal) or not value.is_finite():
        raise ValueError("This is no rate. Write it as text with a point, such as 0.9213.")
    if not SMALLEST <= value < LARGEST:
        raise ValueError("A rate lies above zero, and below ten thousand million.")
    if value != value.quantize(SMALLEST):
        raise ValueError(
            "A rate has at most ten digits after the point. Round it, or give the rate the other way round."
        )
    return value


def checked(base: str, quote: str, on: date, rate: Decimal, kind: str, source: str, line: int = 0) -> Rate:
    """The row when it can be recorded. Raises ValueError with a sentence otherwise."""
    base, quote, source = base.strip().upper(), quote.strip().upper(), source.strip()
    for code in (base, quote):
        if code not in ISO_4217:
            raise ValueError(f"“{code[:20]}” is no currency code. Use three letters of ISO 4217, such as USD.")
    if base == quote:
        raise ValueError(f"A rate has two currencies; both are {base}.")
    if kind not in (SPOT, MONTH):
        raise ValueError(f"“{kind[:20]}” is no kind of rate. Use spot for a day, or month for the mean of a month.")
    if not source:
        raise ValueError("Say where the rate comes from, such as “European Central Bank”.")
    if len(source) > MAX_SOURCE:
        raise ValueError(f"The source is longer than {MAX_SOURCE} characters. Shorten it.")
    day, today = aligned(on, "month") if kind == MONTH else on, organisation_today()
    if day < EARLIEST:
        raise ValueError(f"{day.isoformat()} is too early. Rates begin in {EARLIEST.year}.")
    if day > today:
        raise ValueError(f"{day.isoformat()} lies in the future. A rate is recorded when it is known.")
    if kind == MONTH and month_end(day) >= today:
        raise ValueError(f"{day:%Y-%m} is not over, so it has no mean yet. Record the rate of a day.")
    return Rate(base, quote, day, rate_of(rate), kind, source, line)


def from_json(body: Sequence[Any]) -> tuple[list[Rate], list[Fault]]:
    """Rows of a JSON list, the good ones and what is wrong with the others."""
    return _sorted_out([(line, _object(row)) for line, row in enumerate(body, start=1)])


def from_text(source: str | bytes | IO[bytes], named: str = "") -> tuple[list[Rate], list[Fault]]:
    """Rows of a CSV file or of a pasted table; `named`: the source of rows that name none.

    Columns by their heading, else base, quote, date, rate, kind, source. A month such as 2026-03 is a mean, a day is a
    rate of the day, unless a column says otherwise. Raises Refused when the file as a whole cannot be read.
    """
    text = text_of(source)
    first = next((line for line in text.splitlines() if line.strip()), "")
    sign = next((mark for mark in DELIMITERS if mark in first), ",")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, [cell.strip() for cell in cells]))
            if len(rows) > MAX_ROWS + 1:
                break
    except csv.Error:
        raise _file(
            f"Line {reader.line_num} cannot be split into columns; a quotation mark may be open. Mend it and send it again.",
            "csv_unreadable",
        ) from None
    columns = {name: place for place, name in enumerate(NAMES)}
    if rows and (named_columns := _columns(rows[0][1])):
        columns, rows = named_columns, rows[1:]
    if not rows:
        raise _file("There are no rows. Each needs two currencies, a date and a rate.", "csv_empty")
    if len(rows) > MAX_ROWS:
        raise _file(f"There are more than {MAX_ROWS:,} rows. Send them in parts.", "csv_too_many_rows")
    return _sorted_out([(line, _cells(cells, columns, sign, named)) for line, cells in rows])


def _file(sentence: str, code: str) -> Refused:
    return Refused(sentence, code=code, status=400, field="file")


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """Columns that a heading names; none unless it names the four that matter."""
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        for name, words in NAMES.items():
            if cell.casefold() in words:
                found.setdefault(name, place)
    return found if {"base", "quote", "on", "rate"} <= set(found) else {}


def _cells(cells: Sequence[str], columns: dict[str, int], sign: str, named: str) -> dict[str, str] | str:
    """A row of a file by the names of its columns, or what is wrong with it."""
    row = {name: cells[place] if place < len(cells) else "" for name, place in columns.items()}
    if any(is_formula(cell) for cell in row.values()):
        return "A cell holds a formula. Export the values, not the formulas."
    if "," in row["rate"] and "." not in row["rate"] and sign != ",":
        row["rate"] = row["rate"].replace(",", ".")
    row["source"] = row.get("source") or named
    return row


def _object(row: object) -> Mapping[str, Any] | str:
    if not isinstance(row, Mapping):
        return 'A rate is an object such as {"base": "USD", "quote": "EUR", "on": "2026-03-02", "rate": "0.9213", ...}.'
    return row


def _sorted_out(rows: Sequence[tuple[int, Mapping[str, Any] | str]]) -> tuple[list[Rate], list[Fault]]:
    good: list[Rate] = []
    faults: list[Fault] = []
    lines: dict[tuple[str, str, str, date], int] = {}
    for line, row in rows:
        try:
            if isinstance(row, str):
                raise ValueError(row)
            rate = _read(row, line)
            if rate.key in lines:
                raise ValueError(
                    f"{rate.base} to {rate.quote} of {rate.on.isoformat()} stands on line {lines[rate.key]} already. Keep one."
                )
        except ValueError as fault:
            faults.append(Fault(line, str(fault)))
            continue
        lines[rate.key] = line
        good.append(rate)
    return good, faults


def _read(row: Mapping[str, Any], line: int) -> Rate:
    texts = {name: row.get(name) or "" for name in ("base", "quote", "on", "kind", "source")}
    wrong = next((name for name, value in texts.items() if not isinstance(value, str)), "")
    if wrong:
        raise ValueError(f"“{wrong}” has to be text.")
    if row.get("rate") in (None, ""):
        raise ValueError("The rate is missing.")
    when = texts["on"].strip()
    is_month = bool(_MONTH.fullmatch(when))
    word = texts["kind"].strip().casefold()
    kind = KINDS.get(word, word) if word else MONTH if is_month else SPOT
    if is_month and kind == SPOT:
        raise ValueError(f"{when} is a month. A rate of a day needs a day, such as 2026-03-02.")
    on = parse_day(when, "month" if kind == MONTH else "day")
    return checked(texts["base"], texts["quote"], on, rate_of(row["rate"]), kind, texts["source"], line)
