"""Outcome reports of many projects by two workers: rows read, effects and money computed, report stored. The curve."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from multiprocessing import get_context

import numpy as np
from django.db import connections, transaction

from bench.copies import copy_project
from bench.measurements.outcomes import IMPROVEMENT, LEVEL, RHO, plain_difference, plain_pass
from bench.other_database import database_at, lines_on
from bench.pairing import Line, line
from bench.series import ar1
from bench.surroundings import database
from explain.outcomes.compute.report import build_report
from explain.outcomes.models import OutcomeReport
from explain.outcomes.runs import inputs_of, store
from foundation.people.models import User
from foundation.web.digest import digest_of
from lifecycle.kpis.models import Baseline, CashLine, GoLive, Kpi, Measurement, ValuePerUnit
from lifecycle.kpis.periods import organisation_today
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Project
from lifecycle.projects.services import start_project

KPIS, DAYS, BEFORE, MONTHS = 5, 730, 365, 36
WORKERS = 2
SIZES, FULL_SIZES, FULL_SIZES_POSTGRESQL = (10, 100), (100, 1_000), (100, 1_000, 10_000)
FLOOR = "one NumPy pass over the same readings and as many draws, on one core"
GOAL = "≤ 60 s"


def measure(full: bool) -> Iterator[Line]:
    """Five daily KPIs of two years a project; with --full 1,000 projects, and 10,000 on PostgreSQL where one is."""
    inside = "BENCH_DATABASE_URL" in os.environ
    sizes = (FULL_SIZES_POSTGRESQL if inside else FULL_SIZES) if full else SIZES
    yield from _lines(sizes)
    url = os.environ.get("TEST_POSTGRES_URL", "")
    if url and not inside:
        with database_at(url) as own:
            yield from lines_on(own, "reports", full, seconds=3600)


def _lines(sizes: tuple[int, ...]) -> Iterator[Line]:
    project, values = _template()
    # Libraries are loaded before the workers are forked, as in a worker that has made a report before.
    _make(_asked([project.pk])[0])
    made, known = 0, []
    for size in sizes:
        known += copy_project(project, made + 1, size)
        made = size
        ours = _by_workers(known)
        reference = _plain(values, size)
        yield line(
            f"reports of {size:,} projects", "s", [(ours, reference)], beside=FLOOR, goal=GOAL,
            note=f"{1000 * ours / size:.1f} ms a report with {WORKERS} workers, {size * KPIS * DAYS:,} readings",
        )  # fmt: skip


def _by_workers(projects: list[int]) -> float:
    """Seconds until two processes have made a report of each project."""
    waiting = _asked(projects)
    connections.close_all()
    began = time.perf_counter()
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as pool:
        grades = set(pool.map(_make, waiting, chunksize=5))
    took = time.perf_counter() - began
    if grades != {"measured"}:
        raise RuntimeError(f"The reports are {', '.join(sorted(grades))}, so their time says nothing.")
    return took


def _asked(projects: list[int]) -> list[int]:
    """A report asked for of each project."""
    today = organisation_today()
    OutcomeReport.objects.bulk_create(
        OutcomeReport(
            project_id=pk, number=1 + OutcomeReport.objects.filter(project_id=pk).count(), as_of=today, currency="EUR",
            requested_by=_lead(),
        )
        for pk in projects
    )  # fmt: skip
    return list(OutcomeReport.objects.filter(state="waiting").values_list("pk", flat=True))


def _make(pk: int) -> str:
    report = OutcomeReport.objects.select_related("project").get(pk=pk)
    inputs = inputs_of(report)
    result = build_report(inputs, report.seed)
    with transaction.atomic():
        store(report.pk, inputs, result)
    return str(result["grade"])


def _plain(values: list[list[float]], size: int) -> float:
    weights = np.full((KPIS, MONTHS), 30.0)
    began = time.perf_counter()
    for _ in range(size):
        for row in values:
            plain_difference(row[:BEFORE], row[BEFORE:])
        plain_pass(weights)
    return time.perf_counter() - began


@functools.cache
def _lead() -> User:
    return User.objects.create_user("lead-of-reports@example.org", name="Rita Lead", mail_notices=False)


def _template() -> tuple[Project, list[list[float]]]:
    """One project, live for a year, with KPIs that can be measured, and its readings by KPI."""
    database()
    sponsor = User.objects.create_user("sponsor-of-reports@example.org", name="Sam Sponsor", mail_notices=False)
    lead, first = _lead(), organisation_today() - timedelta(days=DAYS)
    live = first + timedelta(days=BEFORE)
    before = datetime.combine(live, datetime.min.time(), UTC) - timedelta(hours=1)
    methodology = Methodology.objects.filter(retired_at__isnull=True).order_by("key")[0]
    project = start_project(
        actor=lead, key="measured", name="Measured", question="Does it pay?", methodology=methodology, started_on=first
    )
    noise = ar1(np.random.default_rng(3), KPIS, DAYS, RHO)
    values = [
        [round(LEVEL + x - (IMPROVEMENT if day >= BEFORE else 0), 4) for day, x in enumerate(row.tolist())]
        for row in noise
    ]
    days = [first + timedelta(days=number) for number in range(DAYS)]
    for number, row in enumerate(values):
        kpi = Kpi.objects.create(
            project=project, key=f"kpi-{number}", name=f"KPI {number}", unit="h", direction="decrease", kind="flow",
            frequency="day", is_primary=number == 0, created_by=lead, created_at=before,
        )  # fmt: skip
        Measurement.objects.bulk_create(
            Measurement(kpi=kpi, period=day, value=value, source="api", recorded_by=lead, recorded_at=before)
            for day, value in zip(days, row, strict=True)
        )
        frozen = [[day.isoformat(), value, 1] for day, value in zip(days[:BEFORE], row[:BEFORE], strict=True)]
        Baseline.objects.create(
            kpi=kpi, kpi_version=1, starts_on=first, ends_on=live - timedelta(days=1), state="frozen", values=frozen,
            values_hash=digest_of(frozen), mean=float(np.mean(row[:BEFORE])), moving_range=1.0, count=BEFORE,
            proposed_by=lead, approved_by=sponsor, frozen_at=before,
        )  # fmt: skip
        ValuePerUnit.objects.create(
            kpi=kpi, amount=Decimal(1), low=Decimal("0.8"), high=Decimal("1.3"), currency="EUR", valid_from=first,
            set_by=lead, set_at=before,
        )  # fmt: skip
    GoLive.objects.create(project=project, on=live, recorded_by=lead, recorded_at=before)
    CashLine.objects.create(
        project=project, side="cost", basis="actual", category="run", month=first.replace(day=1), amount=Decimal(2000),
        currency="EUR", recorded_by=lead, recorded_at=before,
    )  # fmt: skip
    return project, values
