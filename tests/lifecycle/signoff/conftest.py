"""A stage that is ready for a decision, and the deeds around it in short form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from foundation.calendar.days import Rules
from foundation.people.models import User
from lifecycle.kpis.models import Baseline, Kpi, Target
from lifecycle.projects.models import Deliverable, ExitAnswer, Project, Role, Stage
from lifecycle.projects.services import add_member, answer_question, write_version
from lifecycle.signoff.days import one_calendar
from lifecycle.signoff.models import Decision, Round
from lifecycle.signoff.services import decide, submit_round

PASSWORD = "correct horse battery staple"  # as tests/conftest.py gives everybody

Complete = Callable[..., Stage]
Rewrite = Callable[..., None]


@pytest.fixture
def complete() -> Complete:
    """complete(stage, by=person): every required deliverable written, every question answered, by that person."""

    def make(stage: Stage, by: User) -> Stage:
        for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED, latest_number=0):
            write_version(
                actor=by, deliverable=deliverable, expected_number=0, text=f"{deliverable.name} of {stage.name}."
            )
        for question in stage.questions.filter(answers__isnull=True):
            answer_question(actor=by, question=question, text=f"Answer to {question.key}.", expected_number=0)
        stage.refresh_from_db()
        return stage

    return make


@pytest.fixture
def first(project: Project, contributor: User, complete: Complete) -> Stage:
    """The first stage, complete, all of it written by the contributor."""
    return complete(project.stages.get(order=1), contributor)


@pytest.fixture
def second_sponsor(project: Project, lead: User, make_person: Callable[..., User]) -> User:
    person = make_person("Tia Sponsor")
    add_member(actor=lead, project=project, user=person, role=Role.SPONSOR)
    return person


@pytest.fixture
def review(first: Stage, lead: User) -> Round:
    """An open round of the first stage."""
    return submit_round(actor=lead, stage=first, title="May we begin?", comment="All required outputs are written.")


Answer = Callable[..., Decision]


@pytest.fixture
def answer() -> Answer:
    """answer(person, round, "approve"): a decision with the right password and the round's digest."""

    def make(person: User, review: Round, verdict: str = "approve", reason: str = "", **others: Any) -> Decision:
        return decide(
            actor=person,
            round_id=review.pk,
            verdict=verdict,
            reason=reason or ("" if verdict == "approve" else "The risks are not priced."),
            password=others.get("password", PASSWORD),
            digest=others.get("digest", review.digest),
        )

    return make


@pytest.fixture
def rewrite(contributor: User) -> Rewrite:
    """rewrite(stage): a further version of its first written deliverable."""

    def make(stage: Stage, by: User | None = None) -> None:
        deliverable = stage.deliverables.filter(latest_number__gt=0).order_by("order").first()
        assert deliverable is not None
        write_version(
            actor=by or contributor,
            deliverable=deliverable,
            expected_number=deliverable.latest_number,
            text=f"Rewritten after version {deliverable.latest_number}.",
        )

    return make


@pytest.fixture
def kpi(project: Project, lead: User, sponsor: User) -> Kpi:
    """A KPI with a frozen baseline and a target, as rows (the deeds on KPIs have their own tests)."""
    from django.utils import timezone

    kpi = Kpi.objects.create(
        project=project,
        key="waiting",
        name="Waiting time",
        unit="d",
        direction="decrease",
        kind="level",
        frequency="week",
        is_primary=True,
        created_by=lead,
    )
    Baseline.objects.create(
        kpi=kpi,
        kpi_version=1,
        starts_on=date(2025, 1, 6),
        ends_on=date(2025, 6, 30),
        state="frozen",
        values=[["2025-01-06", 11.6, 1]],
        values_hash="a" * 64,
        mean=11.6,
        count=1,
        proposed_by=lead,
        approved_by=sponsor,
        frozen_at=timezone.now(),
    )
    Target.objects.create(kpi=kpi, value=9.5, due_on=date(2026, 12, 31), set_by=lead)
    return kpi


def newest_answer(stage: Stage) -> ExitAnswer:
    """Some answer of the stage."""
    found = ExitAnswer.objects.filter(question__stage=stage).first()
    assert found is not None
    return found


@pytest.fixture
def weekdays() -> Iterator[None]:
    """Monday to Friday, with no calendar read: for tests of pure rules."""
    with one_calendar(Rules()):
        yield
