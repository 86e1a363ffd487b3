"""Files that people made in a spreadsheet."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import MAX_BYTES, MAX_ROWS, Fault, Reading, read_csv


@dataclass
class Counted:
    frequency: str = "day"
    unit: str = "min"


DAILY = Counted("day")


def outcome_of(source: Any) -> Refused | tuple[list[Reading], list[Fault]]:
    try:
        return read_csv(source, DAILY)
    except Refused as refused:
        return refused


days = st.dates(date(1990, 1, 1), date(2026, 1, 1))
numbers = st.floats(-1e12, 1e12, allow_nan=False, allow_infinity=False)


@given(
    rows=st.dictionaries(days, numbers, min_size=1, max_size=30),
    sign=st.sampled_from([",", ";", "\t"]),
    bom=st.booleans(),
)
def test_what_was_written_is_read_again(rows: dict[date, float], sign: str, bom: bool) -> None:
    text = f"date{sign}value\r\n" + "".join(f"{day.isoformat()}{sign}{value!r}\r\n" for day, value in rows.items())
    good, faults = read_csv(text.encode("utf-8-sig" if bom else "utf-8"), DAILY)
    assert faults == []
    assert {row.period: row.value for row in good} == rows
    assert [row.line for row in good] == list(range(2, len(rows) + 2))


@given(rows=st.dictionaries(days, st.decimals(-10000, 10000, places=2), min_size=1, max_size=20))
def test_decimal_commas_and_dotted_dates_are_read_with_a_semicolon(rows: dict[date, object]) -> None:
    text = "Datum;Wert\n" + "".join(f"{day:%d.%m.%Y};{str(value).replace('.', ',')}\n" for day, value in rows.items())
    good, faults = read_csv(text, DAILY)
    assert faults == []
    assert {row.period: row.value for row in good} == {day: float(str(value)) for day, value in rows.items()}


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    read = outcome_of(text)
    if isinstance(read, Refused):
        assert read.code.startswith("csv_")
        assert read.message.endswith(".")
    else:
        good, faults = read
        assert all(fault.sentence for fault in faults)
        assert len({row.period for row in good}) == len(good)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(content: bytes) -> None:
    read = outcome_of(io.BytesIO(content))
    assert not isinstance(read, Refused) or read.status == 400


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ("2026-02-30,1", "no day of the calendar"),
        ("03/04/2026,1", "no date"),
        ("2026-01-05,", "value is missing"),
        (",4", "date is missing"),
        ("2026-01-05,=1+1", "formula"),
        ("2026-01-05,@SUM(A1)", "formula"),
        ("2026-01-05,12 min", "no number"),
        ("2026-01-05,nan", "no number"),
        ("2026-01-05,inf", "no number"),
        ("2026-01-05,1e308", "too large"),
        ("2026-01-05,1e999", "no number"),
        ("2099-01-05,1", "future"),
        ("0202-01-05,1", "before 1950"),
    ],
)
def test_a_bad_row_is_named_with_its_line(row: str, word: str) -> None:
    good, faults = read_csv(f"date,value\n2026-01-01,7\n{row}\n", DAILY)
    assert [one.value for one in good] == [7.0]
    assert [fault.line for fault in faults] == [3]
    assert word in faults[0].sentence or (word == "no number" and "too large" in faults[0].sentence)


def test_a_period_may_come_once_and_the_first_line_is_named() -> None:
    good, faults = read_csv("date,value\n2026-01-05,1\n2026-01-07,2\n", Counted("week"))
    assert [row.period for row in good] == [date(2026, 1, 5)]
    assert faults[0].line == 3
    assert "line 2" in faults[0].sentence


def test_a_point_between_decimal_commas_is_not_guessed() -> None:
    _, faults = read_csv("date;value\n2026-01-05;1.234\n2026-01-06;2,5\n", DAILY)
    assert "thousands or a fraction" in faults[0].sentence


def test_grouped_thousands_with_a_decimal_comma_are_read() -> None:
    good, _ = read_csv("date;value\n2026-01-05;1.234,5\n", DAILY)
    assert good[0].value == 1234.5


def test_columns_may_stand_anywhere_and_a_note_is_kept() -> None:
    good, _ = read_csv('site,Note,Value,Period\nA,"strike, two days",4,2026-01-05\n', DAILY)
    assert (good[0].value, good[0].note) == (4.0, "strike, two days")


def test_a_file_without_a_header_takes_the_first_two_columns() -> None:
    good, faults = read_csv("2026-01-05;4,5\n2026-01-06;5\n", DAILY)
    assert ([row.value for row in good], faults) == ([4.5, 5.0], [])


def test_months_and_weeks_may_be_written_as_such() -> None:
    assert read_csv("month,value\n2026-02,3\n", Counted("month"))[0][0].period == date(2026, 2, 1)
    assert read_csv("week,value\n2026-W02,3\n", Counted("week"))[0][0].period == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xfed\x00a\x00", "csv_not_utf8"),
        (b"date,value\n2026-01-05,\x00", "csv_not_text"),
        (b"", "csv_empty"),
        (b"date,value\n", "csv_empty"),
        (b"x" * (MAX_BYTES + 1), "csv_too_large"),
        (b'date,value\n2026-01-05,"4\n', "csv_unreadable"),
        (b"date,value\n" + b"2026-01-05,4\n" * (MAX_ROWS + 1), "csv_too_many_rows"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(content: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read_csv(io.BytesIO(content), DAILY)
    assert refused.value.code == code


def test_ten_thousand_rows_are_the_most() -> None:
    first = date(1990, 1, 1)
    text = "date,value\n" + "".join(f"{first + timedelta(days=n)},{n}\n" for n in range(MAX_ROWS))
    good, faults = read_csv(text, DAILY)
    assert (len(good), faults) == (MAX_ROWS, [])
