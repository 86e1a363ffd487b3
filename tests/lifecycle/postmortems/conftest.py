"""Post-mortems in the states that tests start from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from foundation.people.models import User
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    ActionValues,
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    accept_action,
    add_row,
    edit_postmortem,
    open_postmortem,
    publish,
    submit_for_review,
)
from lifecycle.projects.models import Project

Fill = Callable[..., PostMortem]


@pytest.fixture
def draft(project: Project, contributor: User) -> PostMortem:
    """A fresh draft of the contributor."""
    return open_postmortem(
        actor=contributor, project=project, kind="production_incident", title="Labels changed upstream"
    )


def fill(postmortem: PostMortem, actor: User, *, with_action: bool = True) -> PostMortem:
    """Everything that review asks for, and one accepted action."""
    edit_postmortem(
        actor=actor,
        postmortem=postmortem,
        lock=PostMortem.objects.get(pk=postmortem.pk).lock,
        changes={"summary": "The lab changed its codes and nobody told the team."},
    )
    for day in (1, 2, 3):
        add_row(
            actor=actor,
            postmortem=postmortem,
            values=EventValues(moment=datetime(2026, 3, day, tzinfo=UTC), text=f"Day {day}", role="project lead"),
        )
    add_row(
        actor=actor,
        postmortem=postmortem,
        values=ImpactValues(dimension="wrong_decisions", text="Samples read late", amount=Decimal(41), unit="samples"),
    )
    add_row(actor=actor, postmortem=postmortem, values=FactorValues(node="upstream_data_change", strength="main"))
    add_row(actor=actor, postmortem=postmortem, values=LessonValues(kind="got_lucky", text="A nurse noticed it."))
    if with_action:
        action = add_row(
            actor=actor, postmortem=postmortem, values=ActionValues(title="Watch the codes", kind="detect", owner=actor)
        )
        accept_action(actor=actor, action_id=action.pk)
    return PostMortem.objects.get(pk=postmortem.pk)


@pytest.fixture
def filled(draft: PostMortem, contributor: User) -> PostMortem:
    """Ready for review."""
    return fill(draft, contributor)


@pytest.fixture
def in_review(filled: PostMortem, contributor: User) -> PostMortem:
    return submit_for_review(actor=contributor, postmortem=filled)


@pytest.fixture
def published_one(in_review: PostMortem, reviewer: User) -> PostMortem:
    return publish(actor=reviewer, postmortem=in_review, answers=fine())
