"""Recording readings in bulk: checked, compared with what is known, written, summed by month, entered in the trail."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench.asking import queries_of
from bench.pairing import Line, compared
from bench.world import World, world
from lifecycle.kpis.csv_files import MAX_ROWS, Reading
from lifecycle.kpis.models import Kpi, Measurement
from lifecycle.kpis.selectors.months import month_differences
from lifecycle.kpis.services import record_measurements

FIRST = date(1990, 1, 1)
GOAL = "20,000 a second"
INSERT = "the same rows by executemany into a table without keys or checks, in one transaction"


def measure(full: bool) -> Iterator[Line]:
    """10,000 new readings of one KPI, and as many corrections of them."""
    here = world()
    insert = _bare_insert(here)
    fresh = itertools.count()

    def add() -> None:
        # Each call fills a KPI of its own: a table that is new to the portal, as on the first day.
        _record(here, _kpi(here, f"fresh-{next(fresh)}"), 0.0)

    corrected, turn = _kpi(here, "corrected"), itertools.count(1)
    _record(here, corrected, 0.0)

    def correct() -> None:
        _record(here, corrected, next(turn) / 8)

    for name, deed in (("record 10,000 new readings", add), ("correct 10,000 readings", correct)):
        line = compared(
            name, deed, insert, rounds=5, beside=INSERT, queries=(queries_of(deed), queries_of(insert)), goal=GOAL
        )
        yield replace(
            line, note=f"{MAX_ROWS / line.ours:,.0f} readings a second, bare {MAX_ROWS / line.reference:,.0f}"
        )
    if wrong := list(month_differences([corrected])):
        raise RuntimeError(f"The sums by month differ from the readings: {wrong[0]}")


def _kpi(here: World, key: str) -> Kpi:
    return Kpi.objects.create(
        project=here.project, key=key, name=key, unit="1", direction="increase", kind="flow", frequency="day",
        created_by=here.lead,
    )  # fmt: skip


def _record(here: World, kpi: Kpi, more: float) -> None:
    rows = [Reading(FIRST + timedelta(days=number), number % 97 + more) for number in range(MAX_ROWS)]
    done = record_measurements(actor=here.lead, kpi=kpi, rows=rows, source=Measurement.Source.API)
    if done.recorded != MAX_ROWS:
        raise RuntimeError(f"{done.recorded} readings were recorded instead of {MAX_ROWS}.")


def _bare_insert(here: World) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_reading AS SELECT * FROM lifecycle_measurement WHERE 1 = 0")
    now = timezone.now()
    at = now if connection.vendor == "postgresql" else str(now.replace(tzinfo=None))
    marks = ", ".join(["%s"] * 9)
    statement = f"INSERT INTO bench_reading VALUES ({marks})"  # nosec B608 - nothing but marks
    columns = [str(field.column) for field in Measurement._meta.concrete_fields]

    def values(number: int) -> list[Any]:
        day = FIRST + timedelta(days=number)
        row = {
            "id": number, "kpi_id": here.daily.pk, "period": day.isoformat(), "value": float(number % 97),
            "revision": 1, "source": "api", "note": "", "recorded_by_id": here.lead.pk, "recorded_at": at,
        }  # fmt: skip
        return [row[column] for column in columns]

    def insert() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(statement, [values(number) for number in range(MAX_ROWS)])

    return insert
