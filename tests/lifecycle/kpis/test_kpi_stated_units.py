"""Tables that state another unit than the KPI's: turned by a rule, or a row at fault; never taken as they stand."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pytest
from openpyxl import Workbook

from foundation.people.models import User
from lifecycle.kpis.csv_files import read_csv
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.stated_units import heading_parts
from lifecycle.kpis.tables import read_text
from lifecycle.kpis.workbooks import read_workbook
from tests.lifecycle.kpis.test_kpi_paste import PASTE, fields, words
from tests.lifecycle.kpis.test_kpi_tables import DAILY, Measured, codes, values


def test_a_column_of_units_turns_each_row_by_its_own_rule() -> None:
    text = "date\tvalue\tunit\n2026-03-02\t2\th\n2026-03-03\t90\ts\n2026-03-04\t7\t\n2026-03-05\t3\tminutes"
    assert values(text) == [120, 1.5, 7, 3]
    assert read_text(text, DAILY).units == {2: "h", 3: "s"}


def test_a_unit_without_a_rule_is_a_fault_of_its_row_only() -> None:
    text = "date\tvalue\tunit\n2026-03-02\t2\tkg\n2026-03-03\t2\tmni\n2026-03-04\t7\tmin"
    assert codes(text) == [(2, "unit_mismatch", "unit"), (3, "unit_mismatch", "unit")]
    assert values(text) == [7]


@pytest.mark.parametrize(
    ("heading", "name", "unit"),
    [
        ("Value (min)", "Value", "min"),
        ("value [kWh]", "value", "kWh"),
        ("Waiting time in hours", "Waiting time", "hours"),
        ("Value (median)", "Value (median)", ""),
        ("Value in full", "Value in full", ""),
        ("Value", "Value", ""),
        ("Volume (m3)", "Volume", "m3"),
    ],
)
def test_a_heading_names_a_unit_only_where_it_is_a_known_one(heading: str, name: str, unit: str) -> None:
    assert heading_parts(heading) == (name, unit)


@pytest.mark.parametrize("heading", ["value (h)", "Reading [hours]", "Waiting time (h)"])
def test_a_heading_turns_all_rows_and_a_cell_may_say_it_again(heading: str) -> None:
    text = f"date\t{heading}\n2026-03-02\t2\n2026-03-03\t1,5 h\n2026-03-04\t0.5hours"
    assert values(text) == [120, 90, 30]


def test_a_cell_that_contradicts_the_table_is_asked() -> None:
    text = "date\tvalue (h)\tunit\n2026-03-02\t2 s\t\n2026-03-03\t2 s\th\n2026-03-04\t2\ts"
    assert codes(text) == [(2, "unit_contradicted", "value"), (3, "unit_contradicted", "value")]
    assert values(text) == [2 / 60]  # a column of units is nearer to the row than the heading


def test_a_unit_behind_a_figure_is_not_read_where_the_table_names_none() -> None:
    assert codes("date\tvalue\n2026-03-02\t12 min") == [(2, "value_unreadable", "value")]


def test_without_a_heading_a_column_of_nothing_but_units_states_them_and_remarks_stay_remarks() -> None:
    assert values("2026-03-02\t2\th\n2026-03-03\t3\tmin") == [120, 3]
    assert values("2026-03-02\t2\tslow\th\n2026-03-03\t3\t\tmin") == [120, 3]
    noted = read_text("2026-03-02\t2\th\n2026-03-03\t3\tholiday", DAILY)
    assert [one.note for one in noted.good] == ["h", "holiday"]
    assert read_text("2026-03-02\t2\t1\n2026-03-03\t3\t1", DAILY).units == {}


def test_a_heading_in_other_words_may_name_the_column_of_units() -> None:
    table = read_text("Tag\tDauer\tEinheit\tnote\n2026-03-02\t2\th\tslow", DAILY)
    assert [(one.value, one.note) for one in table.good] == [(120, "slow")]
    assert (table.heading, table.left_out) == (1, 0)


def test_percent_are_turned_into_plain_numbers_and_back() -> None:
    assert values("date\tvalue (%)\n2026-03-02\t12\n2026-03-03\t12 %", Measured(unit="1")) == [0.12, 0.12]
    assert values("date\tvalue\tunit\n2026-03-02\t0.12\t1", Measured(unit="%")) == [12]


def test_a_value_that_is_too_large_in_the_unit_of_the_kpi_is_named() -> None:
    assert codes("date\tvalue (wk)\n2026-03-02\t1e15", Measured(unit="s")) == [(2, "value_too_large", "value")]


def test_a_table_shown_again_means_the_same() -> None:
    for text in (
        "unit;value;date;site\nh;2,5;02.03.2026;Berlin\ns;30;03.03.2026;Bonn",
        "date\tvalue (h)\tnote\n2026-03-02\t2 h\tslow",
        "2026-03-02\t2\th\n2026-03-03\t3\tmin",
    ):
        once = read_text(text, DAILY)
        again = read_text(once.text, DAILY)
        assert [one[:3] for one in again.good] == [one[:3] for one in once.good]
        assert again.units == once.units
        assert once.units


def test_a_workbook_states_units_as_a_paste_does() -> None:
    book, file = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (["date", "value (h)", "unit"], [date(2026, 3, 2), 2, None], [date(2026, 3, 3), "30 s", "s"]):
        sheet.append(row)
    book.save(file)
    file.seek(0)
    assert [one.value for one in read_workbook(file, DAILY).good] == [120, 0.5]


def test_a_csv_file_over_rest_is_read_by_the_same_rules() -> None:
    good, faults = read_csv("date;value (h);unit\n2026-03-02;1,5;\n2026-03-03;30 s;s\n2026-03-04;2;kg\n", Measured())
    assert [one.value for one in good] == [90, 0.5]
    assert [(fault.line, "no rule between" in fault.sentence) for fault in faults] == [(4, True)]
    good, faults = read_csv("Tag,Dauer (h)\n2026-03-02,2\n", Measured())
    assert ([one.value for one in good], faults) == ([120], [])


def test_the_preview_shows_what_was_turned_and_records_it_so(kpi: Kpi, lead: User, sign_in: Any) -> None:
    client = sign_in(lead)
    assert kpi.unit in ("d", "day", "days")
    seen = client.post(PASTE, {"text": "date\tvalue\tunit\n2026-01-05\t36\th\n2026-01-12\t2\tkg\n", "deed": "preview"})
    told = words(seen)
    assert seen.status_code == 400
    assert "1.5 from 36 h" in told
    assert "Values in 'kg' cannot be turned into" in told
    assert "Values in h are turned into" in told
    seen = client.post(PASTE, fields(seen) | {"deed": "leave_out"})
    assert client.post(PASTE, fields(seen) | {"deed": "record"}).status_code == 302
    assert [row.value for row in Measurement.objects.all()] == [1.5]
