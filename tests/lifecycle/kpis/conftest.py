"""A KPI with twelve weekly readings before go-live."""

from __future__ import annotations

from datetime import date

import pytest

from foundation.people.models import User
from lifecycle.kpis.models import Baseline, Kpi
from lifecycle.kpis.services import approve_baseline, define_kpi, propose_baseline, record_measurements
from lifecycle.projects.models import Project, Role
from lifecycle.projects.services import add_member, start_project
from tests.conftest import MakePerson
from tests.lifecycle.kpis.weeks import BEFORE, FIRST, weeks


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def each_database(request: pytest.FixtureRequest) -> str:
    """Each test once per kind of database; the run chooses by the mark."""
    return str(request.param)


@pytest.fixture
def kpi(project: Project, lead: User) -> Kpi:
    return define_kpi(
        actor=lead,
        project=project,
        name="Days to first report",
        unit="d",
        direction=Kpi.Direction.DECREASE,
        kind=Kpi.Kind.LEVEL,
        frequency=Kpi.Frequency.WEEK,
        is_primary=True,
    )


@pytest.fixture
def measured(kpi: Kpi, lead: User) -> Kpi:
    record_measurements(actor=lead, kpi=kpi, rows=weeks(BEFORE), source="form")
    return kpi


@pytest.fixture
def frozen(measured: Kpi, lead: User, sponsor: User) -> Baseline:
    """The first twelve weeks, approved by the sponsor."""
    proposed = propose_baseline(actor=lead, kpi=measured, starts_on=FIRST, ends_on=date(2026, 3, 29))
    return approve_baseline(actor=sponsor, baseline_id=proposed.pk)


@pytest.fixture
def other_lead(make_person: MakePerson) -> User:
    return make_person("Otto Other")


@pytest.fixture
def other(project: Project, other_lead: User, lead: User) -> Project:
    """A second project, whose lead sees the first one as a viewer."""
    made = start_project(
        actor=other_lead, key="routing", name="Routing", question="Which way?", methodology=project.methodology,
        started_on=date(2026, 1, 5), risk=Project.Risk.LOW,
    )  # fmt: skip
    add_member(actor=lead, project=project, user=other_lead, role=Role.VIEWER)
    return made
