"""Published cases of several projects, in the states that tests of lessons start from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from foundation.people.models import User
from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.reviewing import fine
from lifecycle.postmortems.services import (
    EventValues,
    FactorValues,
    ImpactValues,
    LessonValues,
    add_row,
    edit_postmortem,
    open_postmortem,
    publish,
    set_tags,
    submit_for_review,
)
from lifecycle.projects.models import Project, Role
from lifecycle.projects.services import add_member, start_project
from tests.lifecycle.postmortems.conftest import draft, filled, in_review, published_one

__all__ = ["draft", "filled", "in_review", "published_one"]

MakeCase = Callable[..., PostMortem]
MakeProject = Callable[..., Project]


@pytest.fixture
def make_project(crisp_dm: Methodology, lead: User, reviewer: User, contributor: User) -> MakeProject:
    """make_project("fuel", "Fuel planner"): a project of the same lead, contributor and reviewer."""

    def make(
        key: str, name: str = "", *, actor: User | None = None, methodology: Methodology | None = None, **facts: str
    ) -> Project:
        first = actor or lead
        made = start_project(
            actor=first,
            key=key,
            name=name or key.title(),
            question=facts.pop("question", "What is decided differently?"),
            methodology=methodology or crisp_dm,
            started_on=date(2026, 1, 5),
            risk=Project.Risk.LOW,
            **facts,
        )
        if actor is None:
            add_member(actor=lead, project=made, user=contributor, role=Role.CONTRIBUTOR)
            add_member(actor=lead, project=made, user=reviewer, role=Role.REVIEWER)
        return made

    return make


@pytest.fixture
def make_case(contributor: User, reviewer: User) -> MakeCase:
    """make_case(project, "Title", summary=…, node=…, tags=[…], visibility=…, is_published=True)."""

    def make(
        project: Project,
        title: str,
        *,
        summary: str = "The supplier changed its delivery codes and nobody was told.",
        node: str = "upstream_data_change",
        lesson: str = "Agree with each supplier on notice before its codes change.",
        tags: tuple[tuple[str, str], ...] = (),
        visibility: str = "organisation",
        trigger: str = "data_source_change",
        is_published: bool = True,
    ) -> PostMortem:
        made = open_postmortem(
            actor=contributor, project=project, kind="production_incident", title=title, visibility=visibility
        )
        edit_postmortem(
            actor=contributor,
            postmortem=made,
            lock=made.lock,
            changes={
                "summary": summary,
                "trigger": trigger,
                "no_action_reason": "Nothing is left to do.",
                "facilitator": reviewer,
            },
        )
        for day in (1, 2, 3):
            event = EventValues(moment=datetime(2026, 3, day, tzinfo=UTC), text=f"Day {day}", role="project lead")
            add_row(actor=contributor, postmortem=made, values=event)
        impact = ImpactValues(dimension="delay", text="Late", amount=Decimal(4), unit="days")
        for values in (
            impact,
            FactorValues(node=node, strength="main"),
            LessonValues(kind="went_wrong", text=lesson, as_check=True),
        ):
            add_row(actor=contributor, postmortem=made, values=values)
        made = PostMortem.objects.get(pk=made.pk)
        if tags:
            made = set_tags(actor=contributor, postmortem=made, tags=tags, lock=made.lock)
        if not is_published:
            return made
        submit_for_review(actor=contributor, postmortem=made)
        return publish(actor=reviewer, postmortem=made, answers=fine())

    return make


@pytest.fixture
def case(project: Project, make_case: MakeCase) -> PostMortem:
    """Published, for everybody."""
    return make_case(project, "Supplier changed its delivery codes")
