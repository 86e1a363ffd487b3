"""Sums by month are those of the readings, whatever was recorded, corrected and defined anew."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import date, timedelta
from itertools import pairwise
from statistics import fmean

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.csv_files import Reading
from lifecycle.kpis.models import Kpi, KpiMonth, Measurement
from lifecycle.kpis.months import MonthSums, autocorrelation, joined, month_sums
from lifecycle.kpis.selectors import series_of
from lifecycle.kpis.selectors.months import month_differences, months_of
from lifecycle.kpis.services import edit_kpi, rebuild_months, record_measurement, record_measurements
from tests.lifecycle.kpis.weeks import BEFORE, weeks

DAY = date(2024, 1, 1)
numbers = st.floats(-1e9, 1e9, allow_nan=False)
days = st.integers(0, 200)
recordings = st.dictionaries(days, numbers, min_size=1, max_size=12).map(lambda rows: ("record", rows))
edits = st.sampled_from(
    [
        ("edit", {"unit": "h"}),
        ("edit", {"unit": "min"}),
        ("edit", {"unit": "h", "convert_readings": True}),
        ("edit", {"unit": "min", "convert_readings": True}),
        ("edit", {"unit": "days", "keep_readings": True}),
        ("edit", {"unit": "d", "keep_readings": True}),
        ("edit", {"direction": "increase"}),
        ("edit", {"direction": "decrease"}),
        ("edit", {"frequency": "day"}),
        ("edit", {"frequency": "month"}),
    ]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(st.one_of(recordings, recordings, edits), min_size=1, max_size=8))
def test_the_sums_are_those_of_the_rows_after_any_story(kpi: Kpi, lead: User, story: list) -> None:
    with transaction.atomic():
        for what, given_ in story:
            now = Kpi.objects.get(pk=kpi.pk)
            if what == "edit":
                # A unit of another size keeps no readings: refused, and nothing is changed.
                with suppress(Refused):
                    edit_kpi(actor=lead, kpi=now, **given_)
                continue
            rows = [Reading(DAY + timedelta(days=day), value) for day, value in given_.items()]
            record_measurements(actor=lead, kpi=now, rows=rows, source="api", partial=True)
        now = Kpi.objects.get(pk=kpi.pk)
        assert list(month_differences([now])) == []
        # And those of the present definition are those of its series.
        points = [(point.period, point.value) for point in series_of(now)]
        assert months_of(now) == month_sums(points, now.frequency)
        KpiMonth.objects.filter(kpi=kpi).delete()
        rebuild_months([now])
        assert list(month_differences([now])) == []
        transaction.set_rollback(True)


@given(
    values=st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=80),
    gaps=st.sets(st.integers(0, 79)),
    frequency=st.sampled_from(["day", "week"]),
)
def test_months_joined_are_the_sums_of_the_whole(values: list[float], gaps: set[int], frequency: str) -> None:
    step = timedelta(days=7 if frequency == "week" else 1)
    points = [(DAY + step * n, value) for n, value in enumerate(values) if n not in gaps]
    if not points:
        return
    whole = joined(list(month_sums(points, frequency).values()), frequency)
    pairs = [(a, b) for (day, a), (later, b) in pairwise(points) if later - day == step]
    assert (whole.count, whole.pairs) == (len(points), len(pairs))
    assert whole.total == pytest.approx(sum(value for _, value in points), abs=1e-6)
    assert whole.pair_total == pytest.approx(sum(a + b for a, b in pairs), abs=1e-6)
    assert whole.pair_product == pytest.approx(sum(a * b for a, b in pairs), abs=1e-3)
    assert (whole.first_value, whole.last_value) == (points[0][1], points[-1][1])


def test_autocorrelation_follows_from_the_sums_alone() -> None:
    points = [(DAY + timedelta(days=n), 10 + (n % 5) + 0.1 * n) for n in range(200)]
    values = [value for _, value in points]
    mean = fmean(values)
    rho = sum((a - mean) * (b - mean) for a, b in pairwise(values)) / sum((value - mean) ** 2 for value in values)
    assert autocorrelation(joined(list(month_sums(points, "day").values()), "day")) == pytest.approx(rho, rel=1e-9)
    assert autocorrelation(MonthSums(3, 3, 3, 2, 4, 2, DAY, 1, DAY, 1)) is None


def test_one_reading_or_many_keep_the_same_sums(kpi: Kpi, lead: User) -> None:
    for row in weeks(BEFORE):
        record_measurement(actor=lead, kpi=kpi, day=row.period, value=row.value)
    assert months_of(kpi) == month_sums([(row.period, row.value) for row in weeks(BEFORE)], "week")
    record_measurement(actor=lead, kpi=kpi, day=date(2026, 1, 5), value=99.0)
    assert months_of(kpi)[date(2026, 1, 1)].first_value == 99.0


def test_a_refused_list_leaves_the_sums_alone(measured: Kpi, lead: User) -> None:
    before = months_of(measured)
    with pytest.raises(Exception, match="cannot be recorded"):
        record_measurements(actor=lead, kpi=measured, rows=[*weeks([5.0]), Reading(DAY, float("nan"))], source="api")
    assert months_of(measured) == before


def test_months_are_read_with_one_query(measured: Kpi) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert len(months_of(measured)) == 3
    assert len(queries) == 1


def test_the_check_finds_what_differs_and_the_rebuild_mends_it(measured: Kpi, lead: User) -> None:
    said = io.StringIO()
    call_command("check_kpi_months", stdout=said)
    assert "The sums of 1 KPIs are those of their readings." in said.getvalue()
    KpiMonth.objects.filter(month=date(2026, 1, 1)).update(total=1.0)
    KpiMonth.objects.filter(month=date(2026, 2, 1)).delete()
    KpiMonth.objects.filter(month=date(2026, 3, 1)).update(month=date(2020, 1, 1))
    with pytest.raises(CommandError, match="4 months differ"):
        call_command("check_kpi_months", stdout=said)
    assert "version 1, 2020-01: without readings" in said.getvalue()
    assert "2026-02: missing" in said.getvalue()
    call_command("rebuild_kpi_months", stdout=said)
    assert "1 KPIs: 4 months changed." in said.getvalue()
    call_command("check_kpi_months", stdout=said)


def test_the_database_keeps_a_month_once(measured: Kpi) -> None:
    row = KpiMonth.objects.filter(kpi=measured).first()
    assert row is not None
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db(transaction=True)
def test_the_migration_fills_sums_for_readings_that_are_there(measured: Kpi, lead: User) -> None:
    from importlib import import_module

    from django.apps import apps

    edit_kpi(actor=lead, kpi=measured, unit="h", frequency="day")
    record_measurement(actor=lead, kpi=Kpi.objects.get(pk=measured.pk), day=date(2026, 1, 5), value=7)
    kept = {(row.kpi_version, row.month): row.sums for row in KpiMonth.objects.all()}
    assert len(kept) == 4
    KpiMonth.objects.all().delete()
    import_module("lifecycle.migrations.0007_kpi_month").fill(apps, None)
    assert {(row.kpi_version, row.month): row.sums for row in KpiMonth.objects.all()} == kept
    assert Measurement.objects.count() == len(BEFORE) + 1
