"""A project finds cases that were measured by the same KPI or worked with the same data; nobody reads other names so."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from datetime import date

import pytest

from explain.register.models import DataSet
from foundation.people.models import User
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.services import define_kpi, set_target
from lifecycle.lessons.offers.services import offer_cases
from lifecycle.lessons.similar.profiles import profile_of, profile_of_project
from lifecycle.lessons.similar.scoring import FOR_PROJECTS, WEIGHTS, Corpus, Profile, Weights, compare
from lifecycle.lessons.similar.words import Bag
from lifecycle.projects.models import Project
from tests.lifecycle.lessons.conftest import MakeCase, MakeProject


def alone(**facts: object) -> Profile:
    return Profile(key=1, bag=Bag(Counter(), {}), **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize("weights", [WEIGHTS, FOR_PROJECTS])
def test_what_is_chosen_adds_up_to_one(weights: Weights) -> None:
    assert sum(getattr(weights, each.name) for each in fields(weights) if each.name != "text") == pytest.approx(1)


@pytest.mark.parametrize("weights", [WEIGHTS, FOR_PROJECTS])
def test_a_shared_kpi_counts_a_little_and_is_named(weights: Weights) -> None:
    one = alone(kpis={"churn rate": "churn rate", "call": "calls"})
    match = compare(one, alone(kpis={"churn rate": "churn rates"}), Corpus([]), weights)
    assert match.shared == ["both measured by churn rate"]
    assert 0 < match.score < 0.12
    assert compare(one, alone(kpis={"cost": "costs"}), Corpus([]), weights).shared == []
    assert compare(one, alone(), Corpus([]), weights).score == 0


def measure(project: Project, actor: User, name: str) -> None:
    kpi = define_kpi(
        actor=actor, project=project, name=name, unit="1", direction=Kpi.Direction.DECREASE, kind=Kpi.Kind.FLOW,
        frequency=Kpi.Frequency.MONTH, is_primary=False,
    )  # fmt: skip
    set_target(actor=actor, kpi=kpi, value=10.0, due_on=date(2027, 1, 1))


@pytest.mark.django_db
def test_an_offer_says_which_kpi_and_which_data_both_have(
    project: Project, make_case: MakeCase, make_project: MakeProject, lead: User
) -> None:
    measure(project, lead, "Late deliveries")
    case = make_case(
        project, "Supplier changed its delivery codes", tags=(("data_source", "Depot scans"), ("free", "Codes"))
    )
    fresh = make_project("fresh", "Delivery forecast", question="Which supplier delivers late? Codes of each tell.")
    measure(fresh, lead, "Late delivery")
    DataSet.objects.create(
        project=fresh, number=1, name="Scans of each depot, 2026", format="csv", file="f", filename="f.csv", size=1,
        sha256="0" * 64, uploaded_by=lead,
    )  # fmt: skip
    (offer,) = offer_cases(project=fresh, stage=None)
    assert offer.postmortem == case
    assert offer.shared[:3] == ["both measured by late deliveries", "both use the data depot scans", "tags: codes"]


@pytest.mark.django_db
def test_of_a_case_only_what_its_readers_read_is_compared(
    project: Project, make_case: MakeCase, make_project: MakeProject, lead: User
) -> None:
    case = make_case(project, "Supplier changed its delivery codes")
    # Defined after the case was opened: its promise does not speak of it.
    measure(project, lead, "Secret margin")
    DataSet.objects.create(
        project=project, number=1, name="Secret table", format="csv", file="f", filename="f.csv", size=1,
        sha256="0" * 64, uploaded_by=lead,
    )  # fmt: skip
    told = profile_of(case)
    assert (dict(told.kpis), told.data) == ({}, frozenset())
    fresh = make_project("fresh", "Delivery forecast")
    measure(fresh, lead, "Secret margin")
    asked = profile_of_project(fresh, None, told.tags)
    assert list(asked.kpis.values()) == ["secret margin"]
    assert not any("secret" in why for why in compare(asked, told, Corpus([]), FOR_PROJECTS).shared)
