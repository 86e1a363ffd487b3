"""The timeline of a post-mortem: what it takes from the trail, and how own moments stay in sight."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from lifecycle.postmortems import selectors
from lifecycle.postmortems.models import PostMortem
from lifecycle.postmortems.services import open_postmortem
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Round

pytestmark = pytest.mark.django_db


def test_a_request_and_its_answer_are_one_moment_and_a_go_live_stands_at_its_day(project: Project, lead: User) -> None:
    stage = project.stages.get(order=1)

    def happens(verb: str, thing: Any, kind: str, name: str, **after: str) -> None:
        with transaction.atomic():
            record(actor=lead, verb=verb, thing=thing, kind=kind, name=name, project_id=project.pk, after=after)

    rounds = [
        Round.objects.create(
            stage=stage, project=project, number=n, state="withdrawn", title="May we?", requester=lead, digest="d" * 64
        )
        for n in (1, 2, 3)
    ]
    happens("submit_round", rounds[0], "round", "Data, round 1")
    happens("decide_round", rounds[0], "round", "Data, round 1", verdict="request_changes", state="changes_requested")
    happens("submit_round", rounds[1], "round", "Data, round 2")
    happens("decide_round", rounds[1], "round", "Data, round 2", verdict="approve", state="approved")
    happens("submit_round", rounds[2], "round", "Data, round 3")
    happens("record_go_live", project, "go_live", "Triage live", on="2020-02-29")
    made = open_postmortem(actor=lead, project=project, kind="project_closure", title="How it went")
    assert [(event.text, event.marker) for event in made.timeline.all() if event.text != "Project started"] == [
        ("Went live", "release"),
        ("Data, round 1: changes asked for", "key_moment"),
        ("Data, round 2: approved", "decision"),
        ("Data, round 3: submitted for decision", "decision"),
    ]
    assert made.timeline.get(text="Went live").moment.date() == date(2020, 2, 29)


def test_routine_decisions_stand_together_and_own_moments_alone(project: Project, lead: User) -> None:
    made = open_postmortem(actor=lead, project=project, kind="project_closure", title="How it went")
    made.timeline.all().delete()
    told = [("decision", 4), ("decision", 5), ("decision", None), *[("decision", n) for n in (6, 7, 8)], ("release", 9)]
    for day, (marker, seq) in enumerate(told, 1):
        made.timeline.create(moment=datetime(2026, 1, day, tzinfo=UTC), text=f"{day}", marker=marker, audit_seq=seq)
    assert [
        ("".join(event.text for event in stretch.events), stretch.is_own) for stretch in selectors.timeline(made)
    ] == [("1", False), ("2", False), ("3", True), ("456", False), ("7", False)]


def test_only_who_sees_the_project_is_led_to_it(
    project: Project, lead: User, sponsor: User, outsider: User, sign_in: Any
) -> None:
    made = open_postmortem(actor=lead, project=project, kind="project_closure", title="How it went")
    PostMortem.objects.filter(pk=made.pk).update(state="published", published_by=sponsor, published_at=timezone.now())
    crumb = f'<a href="{project.get_absolute_url()}">{project}</a>'
    assert crumb in sign_in(lead).get(made.get_absolute_url()).content.decode()
    seen = sign_in(outsider).get(made.get_absolute_url())
    assert (seen.status_code, crumb in seen.content.decode()) == (200, False)
