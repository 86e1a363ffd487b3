"""Rows as people write them in spreadsheets: read when they mean one thing, asked when they may mean two."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import MAX_ROWS
from lifecycle.kpis.tables import read_text
from lifecycle.kpis.writings import COMMA, DAY_FIRST, MONTH_FIRST, POINT, Writing


@dataclass
class Measured:
    frequency: str = "day"
    unit: str = "min"


DAILY, WEEKLY, MONTHLY = Measured("day"), Measured("week"), Measured("month")


def values(text: str, kpi: Measured = DAILY, told: Writing | None = None) -> list[float]:
    return [one.value for one in read_text(text, kpi, told).good]


def codes(text: str, kpi: Measured = DAILY, told: Writing | None = None) -> list[tuple[int, str, str]]:
    return [(one.line, one.code, one.field) for one in read_text(text, kpi, told).faults]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-03-02", date(2026, 3, 2)),
        ("2026/3/2", date(2026, 3, 2)),
        ("2026-03-02 00:00:00", date(2026, 3, 2)),
        ("2.3.2026", date(2026, 3, 2)),
        ("02.03.26", date(2026, 3, 2)),
        ("2 Mar 2026", date(2026, 3, 2)),
        ("02-Mar-26", date(2026, 3, 2)),
        ("March 2, 2026", date(2026, 3, 2)),
        ("Mon, 2 March 2026", date(2026, 3, 2)),
        ("25/02/2026", date(2026, 2, 25)),
        ("2/25/2026", date(2026, 2, 25)),
        ("03/03/2026", date(2026, 3, 3)),
    ],
)
def test_usual_writings_of_a_day_are_read(written: str, day: date) -> None:
    assert [one.period for one in read_text(f"{written}\t5", DAILY).good] == [day]


@pytest.mark.parametrize(
    ("written", "kpi", "period"),
    [
        ("2026-W10", WEEKLY, date(2026, 3, 2)),
        ("W10/2026", WEEKLY, date(2026, 3, 2)),
        ("2026-03", MONTHLY, date(2026, 3, 1)),
        ("03/2026", MONTHLY, date(2026, 3, 1)),
        ("Mar 2026", MONTHLY, date(2026, 3, 1)),
        ("Mar-26", MONTHLY, date(2026, 3, 1)),
        ("17.3.2026", MONTHLY, date(2026, 3, 1)),
    ],
)
def test_weeks_and_months_are_read_for_kpis_that_have_them(written: str, kpi: Measured, period: date) -> None:
    assert [one.period for one in read_text(f"{written}\t5", kpi).good] == [period]
    assert codes(f"{written}\t5") in ([(1, "period_unreadable", "period")], [])


def test_a_date_that_can_be_two_is_asked_until_another_row_or_the_person_says() -> None:
    assert codes("03/04/2026\t1") == [(1, "period_ambiguous", "period")]
    assert read_text("03/04/2026\t1\n25/04/2026\t2", DAILY).good[0].period == date(2026, 4, 3)
    assert read_text("03/04/2026\t1\n04/25/2026\t2", DAILY).good[0].period == date(2026, 3, 4)
    for order, day in ((DAY_FIRST, date(2026, 4, 3)), (MONTH_FIRST, date(2026, 3, 4))):
        assert read_text("03/04/2026\t1", DAILY, Writing(order=order)).good[0].period == day
    # Proofs that contradict each other prove nothing.
    assert (1, "period_ambiguous", "period") in codes("03/04/2026\t1\n25/04/2026\t2\n04/26/2026\t3")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("12,5", 12.5),
        ("12.5", 12.5),
        ("1 234,5", 1234.5),
        ("1\u202f234.5", 1234.5),
        ("1'234.5", 1234.5),
        ("1.234,5", 1234.5),
        ("1,234.5", 1234.5),
        ("1.234.567", 1234567.0),
        ("0,125", 0.125),
        ("-3", -3.0),
        ("\u22123,5", -3.5),
        ("+5", 5.0),
        ("1e3", 1000.0),
        (".5", 0.5),
    ],
)
def test_usual_writings_of_a_number_are_read(written: str, value: float) -> None:
    assert values(f"2026-03-02\t{written}") == [value]


def test_a_number_that_can_be_two_is_asked_until_another_row_or_the_person_says() -> None:
    assert codes("2026-03-02\t1.234") == [(1, "value_ambiguous", "value")]
    assert values("2026-03-02\t1.234\n2026-03-03\t2,5") == [1234.0, 2.5]
    assert values("2026-03-02\t1.234\n2026-03-03\t2.5") == [1.234, 2.5]
    assert values("2026-03-02\t1,234", told=Writing(mark=POINT)) == [1234.0]
    assert values("2026-03-02\t1,234", told=Writing(mark=COMMA)) == [1.234]
    assert values("date,value\n2026-03-02,1.234") == [1.234]  # between commas a decimal comma cannot stand


@given(
    rows=st.dictionaries(
        st.dates(date(1990, 1, 1), date(2026, 1, 1)), st.decimals(-99999, 99999, places=2), min_size=1, max_size=20
    ),
    comma=st.booleans(),
    grouped=st.booleans(),
    how=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%d %b %Y", "%d-%b-%y"]),
)
def test_what_a_spreadsheet_writes_is_read_as_it_was(
    rows: dict[date, object], comma: bool, grouped: bool, how: str
) -> None:
    swap = str.maketrans(",.", ".,") if comma else str.maketrans("", "")
    lines = [
        f"{day.strftime(how)}\t{format(value, ',.2f' if grouped else '.2f').translate(swap)}"
        for day, value in rows.items()
        if how != "%d-%b-%y" or day.year >= 1970
    ]
    table = read_text("\n".join(["Tag\tWert", *lines]), DAILY)
    assert table.faults == []
    assert [one.value for one in table.good] == [float(str(value)) for value in rows.values()]
    assert [one.period for one in table.good] == list(rows)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("2026-03-02\t=A1", "cell_is_formula", "value"),
        ("2026-03-02\t5\t=A1", "cell_is_formula", "note"),
        ("2026-03-02\t#DIV/0!", "cell_is_error", "value"),
        ("####\t5", "cell_is_error", "period"),
        ("\t5", "period_missing", "period"),
        ("2026-03-02", "value_missing", "value"),
        ("2026-02-30\t5", "period_unreadable", "period"),
        ("46083\t5", "period_is_serial", "period"),
        ("2099-01-01\t5", "day_in_future", "period"),
        ("1902-01-01\t5", "day_too_early", "period"),
        ("2026-03-02\t12 min", "value_unreadable", "value"),
        ("2026-03-02\tnan", "value_unreadable", "value"),
        ("2026-03-02\t1e300", "value_too_large", "value"),
        ("2026-03-02\t5%", "value_is_percentage", "value"),
        ("2026-03-02\t5\t" + "x" * 201, "note_too_long", "note"),
        ("2026-01-01\t9", "period_twice", "period"),
    ],
)
def test_a_bad_row_is_named_with_code_field_and_a_sentence(row: str, code: str, field: str) -> None:
    table = read_text(f"2026-01-01\t7,5\n{row}", DAILY)
    assert [one.value for one in table.good] == [7.5]
    assert [(one.line, one.code, one.field) for one in table.faults] == [(2, code, field)]
    assert table.faults[0].sentence.endswith(".")


def test_a_percentage_is_read_for_a_kpi_in_percent() -> None:
    assert values("2026-03-02\t12.5%\n2026-03-03\t7 %", Measured(unit="%")) == [12.5, 7.0]


def test_row_numbers_are_those_of_the_spreadsheet_and_the_text_is_read_again_alike() -> None:
    text = 'Week\tDays\tWhy\n\n2026-01-05\t1,5\t"""late"" start"\n2026-01-12\tx\n'
    table = read_text(text, WEEKLY)
    assert (table.heading, [one.line for one in table.good], [one.line for one in table.faults]) == (1, [3], [4])
    assert table.good[0].note == '"late" start'
    again = read_text(table.text, WEEKLY)
    assert (again.good, again.faults) == (table.good, table.faults)
    assert read_text(table.without([4]), WEEKLY).faults == []


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_words_and_loses_no_row(text: str) -> None:
    try:
        table = read_text(text, DAILY)
    except Refused as refused:
        found = (refused.status, refused.message[-1:])
        assert found == (400, ".")
        return
    filled = [n for n, row in enumerate(table.rows, start=1) if not row.is_blank and n != table.heading]
    assert sorted(one.line for one in [*table.good, *table.faults]) == filled


def test_more_rows_than_can_be_recorded_are_refused_as_a_whole() -> None:
    with pytest.raises(Refused) as refused:
        read_text("2026-01-01\t1\n" * (MAX_ROWS + 1), DAILY)
    assert refused.value.code == "table_too_long"
    with pytest.raises(Refused, match="quotation mark"):
        read_text('2026-01-01\t1\t"open', DAILY)
