"""Readings: append-only, bitemporal, all or none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from foundation.audit.models import Entry
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import Reading
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.selectors import series_of
from lifecycle.kpis.services import define_kpi, edit_kpi, import_csv, record_measurement, record_measurements
from lifecycle.projects.models import Project
from tests.ended import ended
from tests.lifecycle.kpis.weeks import BEFORE, FIRST, weeks


def test_a_reading_counts_for_the_week_that_holds_its_day(kpi: Kpi, contributor: User) -> None:
    made = record_measurement(actor=contributor, kpi=kpi, day=date(2026, 1, 8), value=11.5)
    assert made.period == FIRST
    assert Entry.objects.filter(verb="record_measurement", thing_kind="measurements").count() == 1


def test_a_second_value_is_a_revision_and_the_first_one_stays(kpi: Kpi, lead: User) -> None:
    record_measurement(actor=lead, kpi=kpi, day=FIRST, value=11.5)
    record_measurement(actor=lead, kpi=kpi, day=FIRST, value=12.5)
    assert [(p.value, p.revision) for p in series_of(kpi)] == [(12.5, 2)]
    assert Measurement.objects.filter(kpi=kpi).count() == 2


def test_the_same_value_again_is_nothing_new(kpi: Kpi, lead: User) -> None:
    first = record_measurement(actor=lead, kpi=kpi, day=FIRST, value=11.5)
    again = record_measurement(actor=lead, kpi=kpi, day=FIRST, value=11.5)
    assert again.pk == first.pk
    assert Entry.objects.filter(thing_kind="measurements").count() == 1


def test_the_series_can_be_read_as_it_was_known(kpi: Kpi, lead: User) -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        record_measurement(actor=lead, kpi=kpi, day=FIRST, value=11.5)
    with time_machine.travel(datetime(2026, 4, 1, 12, tzinfo=UTC)):
        record_measurement(actor=lead, kpi=kpi, day=FIRST, value=9.5)
    assert [p.value for p in series_of(kpi)] == [9.5]
    assert [p.value for p in series_of(kpi, date(2026, 3, 31))] == [11.5]
    assert [p.value for p in series_of(kpi, datetime(2026, 3, 1, 13, tzinfo=UTC))] == [11.5]
    assert series_of(kpi, date(2026, 2, 28)) == []


def test_the_series_takes_one_query(measured: Kpi) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert len(series_of(measured)) == len(BEFORE)
    assert len(queries) == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e308, True, Decimal("1")])
def test_what_is_no_finite_number_is_refused(kpi: Kpi, lead: User, value: float) -> None:
    with pytest.raises(Refused) as refused:
        record_measurement(actor=lead, kpi=kpi, day=FIRST, value=value)
    assert refused.value.code == "value_not_finite"
    assert not Measurement.objects.exists()


def test_the_future_cannot_be_measured(kpi: Kpi, lead: User) -> None:
    with pytest.raises(Refused, match="future"):
        record_measurement(actor=lead, kpi=kpi, day=date.today() + timedelta(days=2), value=1)  # noqa: DTZ011


def test_a_list_with_a_bad_row_records_none(kpi: Kpi, lead: User) -> None:
    rows = [*weeks([1.0, 2.0]), Reading(FIRST, 3.0), Reading(date(2026, 6, 1), float("nan"))]
    with pytest.raises(Refused) as refused:
        record_measurements(actor=lead, kpi=kpi, rows=rows, source="api")
    assert refused.value.code == "rows_invalid"
    assert [line.split(":")[0] for line in refused.value.details] == ["Line 3", "Line 4"]
    assert not Measurement.objects.exists()


def test_the_good_rows_are_recorded_when_asked(kpi: Kpi, lead: User) -> None:
    rows = [*weeks([1.0, 2.0]), Reading(date(2026, 6, 1), float("nan"))]
    done = record_measurements(actor=lead, kpi=kpi, rows=rows, source="api", partial=True)
    assert (done.added, [fault.line for fault in done.faults]) == (2, [3])
    assert [p.value for p in series_of(kpi)] == [1.0, 2.0]


def test_a_file_is_recorded_wholly_or_not_at_all(kpi: Kpi, lead: User) -> None:
    text = "date,value\n2026-01-05,1\n2026-01-12,x\n"
    with pytest.raises(Refused, match="none was"):
        import_csv(actor=lead, kpi=kpi, file=text)
    assert not Measurement.objects.exists()
    done = import_csv(actor=lead, kpi=kpi, file=text, partial=True)
    assert (done.added, len(done.faults)) == (1, 1)


def test_many_rows_are_one_entry_that_names_count_and_span(measured: Kpi, lead: User) -> None:
    done = record_measurements(actor=lead, kpi=measured, rows=weeks([11.6, 99.0, *BEFORE[2:], 8.0]), source="csv")
    assert (done.added, done.revised, done.unchanged) == (1, 1, 11)
    entry = Entry.objects.filter(thing_kind="measurements").latest("seq")
    assert entry.after["count"] == 2
    assert (entry.after["first"], entry.after["last"]) == ("2026-01-12", "2026-03-30")


def test_ten_thousand_rows_take_few_queries(project: Project, lead: User) -> None:
    daily = define_kpi(
        actor=lead, project=project, name="Samples", unit="1", direction="increase", kind="flow", frequency="day"
    )
    rows = [Reading(date(1990, 1, 1) + timedelta(days=n), float(n)) for n in range(10_000)]
    with CaptureQueriesContext(connection) as queries:
        done = record_measurements(actor=lead, kpi=daily, rows=rows, source="csv")
    assert done.added == 10_000
    # SQLite takes at most 999 values in a statement: about a hundred rows.
    assert len(queries) < 100


def test_the_database_keeps_a_revision_once(measured: Kpi, lead: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Measurement.objects.create(kpi=measured, period=FIRST, value=1, revision=1, source="form", recorded_by=lead)


@pytest.mark.parametrize(
    "person", ["sponsor", "customer", "reviewer", "viewer", "outsider", "manager", "administrator"]
)
def test_only_the_team_records(kpi: Kpi, person: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Refused) as refused:
        record_measurement(actor=request.getfixturevalue(person), kpi=kpi, day=FIRST, value=1)
    assert refused.value.status == 403


@pytest.mark.parametrize("state", ["stopped", "closed"])
def test_a_project_that_ended_is_read_only(kpi: Kpi, lead: User, state: str) -> None:
    Project.objects.filter(pk=kpi.project_id).update(**ended(state, lead))
    with pytest.raises(Refused) as refused:
        record_measurement(actor=lead, kpi=kpi, day=FIRST, value=1)
    assert refused.value.code == "project_read_only"


def test_readings_of_a_former_definition_are_not_mixed(measured: Kpi, lead: User) -> None:
    changed = edit_kpi(actor=lead, kpi=measured, unit="h")
    assert changed.version == 2
    assert series_of(changed) == []
    record_measurement(actor=lead, kpi=changed, day=FIRST, value=11.6)
    assert [(p.value, p.revision) for p in series_of(changed)] == [(11.6, 2)]


def test_a_unit_may_be_renamed_and_the_readings_kept(measured: Kpi, lead: User) -> None:
    changed = edit_kpi(actor=lead, kpi=measured, unit="days", keep_readings=True)
    assert (changed.version, len(series_of(changed))) == (2, len(BEFORE))
    with pytest.raises(Refused, match="another frequency"):
        edit_kpi(actor=lead, kpi=measured, frequency="month", keep_readings=True)
