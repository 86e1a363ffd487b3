"""What lies in the database while it is measured: 100 projects of 12 members, measured, reported and in review.

Rows that have a deed are made by it; members, readings and money lines are put in at once to save time.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
from django.db import transaction

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
from lifecycle.projects.models import Deliverable, Member, Project, Role
from lifecycle.projects.services import answer_question, start_project, write_version
from lifecycle.signoff.services import submit_round

PROJECTS = 100
IN_REVIEW = 30  # projects that wait for the sponsor's decision
READINGS = 10_000  # of the daily KPI of the first project
WEEKS = 52  # before and after go-live
LEVEL, IMPROVEMENT = 40.0, 4.0
ROLES = [
    Role.LEAD, Role.SPONSOR, Role.CUSTOMER, Role.REVIEWER, Role.RISK, Role.VIEWER, Role.VIEWER, *[Role.CONTRIBUTOR] * 5,
]  # fmt: skip


@dataclass(frozen=True)
class World:
    """The people whose pages are measured, and one project. `sponsor` is in every project."""

    lead: User
    sponsor: User
    project: Project
    daily: Kpi


@functools.cache
def world() -> World:
    """Build it at the first call."""
    database()
    people = [
        User.objects.create_user(f"person{number}@example.org", name=f"Person {number}", mail_notices=False)
        for number in range(len(ROLES))
    ]
    with transaction.atomic():
        projects = [_project(number, people) for number in range(PROJECTS)]
        for project in projects:
            _measure(project, people)
        for project in projects[:IN_REVIEW]:
            _submit(project, people)
        daily = _daily(projects[0], people[0])
    for project in projects:
        with transaction.atomic():
            _report(project, people[0])
    return World(people[0], people[1], projects[0], daily)


def _project(number: int, people: list[User]) -> Project:
    started = organisation_today() - timedelta(weeks=2 * WEEKS + 4)
    project = start_project(
        actor=people[0],
        key=f"project-{number}",
        name=f"Project {number}",
        question="Which cases does a person look at first?",
        description="A description of some length, as people write it. " * 4,
        unit="Claims",
        methodology=Methodology.objects.filter(retired_at__isnull=True).order_by("key")[number % 2],
        started_on=started,
    )
    Member.objects.bulk_create(
        Member(project=project, user=user, role=role) for user, role in list(zip(people, ROLES, strict=True))[1:]
    )
    return project


def _measure(project: Project, people: list[User]) -> None:
    """A weekly KPI with a frozen baseline, go-live and a lower level after it, and money planned and spent."""
    lead, sponsor = people[:2]
    first = project.started_on - timedelta(days=project.started_on.weekday())
    known = datetime.combine(first + timedelta(weeks=WEEKS), datetime.min.time(), UTC)
    kpi = Kpi.objects.create(
        project=project, key="handling-time", name="Handling time", unit="h", direction="decrease", kind="flow",
        frequency="week", is_primary=True, created_by=lead, created_at=known,
    )  # fmt: skip
    noise = ar1(np.random.default_rng(project.pk), 1, 2 * WEEKS, 0.3)[0]
    values = [round(float(LEVEL + x - (IMPROVEMENT if week >= WEEKS else 0)), 3) for week, x in enumerate(noise)]
    periods = [first + timedelta(weeks=week) for week in range(2 * WEEKS)]
    _record(kpi, periods, values, known)
    frozen = [[day.isoformat(), value, 1] for day, value in zip(periods[:WEEKS], values[:WEEKS], strict=True)]
    Baseline.objects.create(
        kpi=kpi, kpi_version=1, starts_on=periods[0], ends_on=periods[WEEKS] - timedelta(days=1), state="frozen",
        values=frozen, values_hash=digest_of(frozen), mean=float(np.mean(values[:WEEKS])), moving_range=1.0,
        count=WEEKS, proposed_by=lead, approved_by=sponsor, frozen_at=known - timedelta(hours=1),
    )  # fmt: skip
    ValuePerUnit.objects.create(
        kpi=kpi, amount=Decimal(55), low=Decimal(45), high=Decimal(65), currency="EUR", valid_from=first,
        set_by=lead, set_at=known,
    )  # fmt: skip
    GoLive.objects.create(project=project, on=periods[WEEKS], recorded_by=lead, recorded_at=known)
    month = first.replace(day=1)
    CashLine.objects.bulk_create(
        CashLine(
            project=project, side=side, basis=basis, category=category, month=month, amount=Decimal(amount),
            currency="EUR", recorded_by=lead, recorded_at=known,
        )
        for side, basis, category, amount in (
            ("cost", "planned", "build", 6_000),
            ("cost", "actual", "build", 7_500),
            ("benefit", "planned", "benefit", 20_000),
        )
    )  # fmt: skip


def _daily(project: Project, lead: User) -> Kpi:
    kpi = Kpi.objects.create(
        project=project, key="cases", name="Cases", unit="1", direction="increase", kind="flow", frequency="day",
        created_by=lead,
    )  # fmt: skip
    last = organisation_today()
    days = [last - timedelta(days=READINGS - number) for number in range(READINGS)]
    values = [round(float(value), 3) for value in ar1(np.random.default_rng(0), 1, READINGS, 0.3)[0]]
    _record(kpi, days, values, datetime.now(UTC))
    return kpi


def _record(kpi: Kpi, periods: list[date], values: list[float], at: datetime) -> None:
    Measurement.objects.bulk_create(
        Measurement(
            kpi=kpi, period=period, value=value, source=Measurement.Source.API, recorded_by=kpi.created_by,
            recorded_at=at,
        )
        for period, value in zip(periods, values, strict=True)
    )  # fmt: skip


def _submit(project: Project, people: list[User]) -> None:
    """The first stage written by a contributor and put to the sponsor."""
    stage, author = project.stages.get(order=1), people[-1]
    for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED):
        write_version(actor=author, deliverable=deliverable, expected_number=0, text=f"{deliverable.name}: written.")
    for question in stage.questions.all():
        answer_question(actor=author, question=question, text="Answered.", expected_number=0)
    submit_round(actor=people[0], stage=stage, title=f"May {project.name} go on?")


def _report(project: Project, lead: User) -> None:
    """An outcome report, computed from the rows as a worker does it."""
    report = OutcomeReport.objects.create(
        project=project, number=1, as_of=organisation_today(), currency=project.currency, requested_by=lead
    )
    inputs = inputs_of(report)
    store(report.pk, inputs, build_report(inputs))
