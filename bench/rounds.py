"""A thousand open rounds: some by their deeds, which are decided, and many beside them as rows of the same size."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from bench.surroundings import database
from foundation.people.models import User
from lifecycle.kpis.periods import organisation_today
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Deliverable, Member, Project, Role, Stage
from lifecycle.projects.services import answer_question, start_project, write_version
from lifecycle.signoff.models import Round
from lifecycle.signoff.services import submit_round

OPEN, DECIDED = 1_000, 80
PASSWORD = "measured, not kept"  # nosec B105 - of people in a database that is gone at the end
WAITING = 30  # of the sponsor whose inbox is measured


@dataclass(frozen=True)
class Rounds:
    """`own`: rounds that nobody has decided yet; `sponsor` decides them; `other` has a few that wait for them."""

    sponsor: User
    other: User
    own: list[Round]


@functools.cache
def rounds() -> Rounds:
    """Build them at the first call."""
    database()
    names = ("lead", "sponsor", "author", "other")
    lead, sponsor, author, other = (
        User.objects.create_user(f"{name}@rounds.example", PASSWORD, name=name.title(), mail_notices=True)
        for name in names
    )
    methodology = Methodology.objects.filter(retired_at__isnull=True).order_by("key")[0]
    own = []
    for number in range(DECIDED):
        with transaction.atomic():
            own.append(_round(number, lead, sponsor, author, methodology))
    with transaction.atomic():
        _beside(own[0], lead, sponsor, other, methodology, OPEN - DECIDED)
    return Rounds(sponsor, other, own)


def _round(number: int, lead: User, sponsor: User, author: User, methodology: Methodology) -> Round:
    project = start_project(
        actor=lead,
        key=f"round-{number}",
        name=f"Round {number}",
        question="Which cases first?",
        methodology=methodology,
        risk=Project.Risk.LOW,
        started_on=organisation_today(),
    )
    Member.objects.bulk_create(
        Member(project=project, user=user, role=role)
        for user, role in ((sponsor, Role.SPONSOR), (author, Role.CONTRIBUTOR))
    )
    stage = project.stages.get(order=1)
    for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED):
        write_version(actor=author, deliverable=deliverable, expected_number=0, text=f"{deliverable.name}: written.")
    for question in stage.questions.all():
        answer_question(actor=author, question=question, text="Answered.", expected_number=0)
    return submit_round(actor=lead, stage=stage, title=f"May {project.name} go on?")


def _beside(like: Round, lead: User, sponsor: User, other: User, methodology: Methodology, count: int) -> None:
    """Open rounds of further projects: the same manifest, put in at once. They wait for the sponsor, some for another."""
    projects = Project.objects.bulk_create(
        Project(
            key=f"beside-{number}", name=f"Beside {number}", question="Which first?", methodology=methodology,
            risk=Project.Risk.LOW, started_on=organisation_today(), created_by=lead,
        )
        for number in range(count)
    )  # fmt: skip
    Member.objects.bulk_create(
        Member(project=project, user=other if number < WAITING else sponsor, role=Role.SPONSOR)
        for number, project in enumerate(projects)
    )
    stages = Stage.objects.bulk_create(
        Stage(
            project=project, key=like.stage.key, name=like.stage.name, order=1, state=Stage.State.IN_REVIEW,
            opened_at=timezone.now(),
        )
        for project in projects
    )  # fmt: skip
    Round.objects.bulk_create(
        Round(
            project=stage.project, stage=stage, number=1, state=like.state, title=like.title, requester=lead,
            submitted_at=like.submitted_at, due_on=like.due_on, policy=like.policy, manifest=like.manifest,
            digest=like.digest, authors=like.authors,
        )
        for stage in stages
    )  # fmt: skip
