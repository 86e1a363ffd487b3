"""Acceptances in the states that tests start from."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from foundation.people.models import User
from lifecycle.acceptance.models import Acceptance, Criterion
from lifecycle.acceptance.services import (
    consent_to_change,
    judge_criterion,
    offer_acceptance,
    open_acceptance,
    propose_change,
    set_criterion,
)
from lifecycle.projects.models import Project, Stage


def put_in_last_stage(project: Project) -> None:
    """As if every stage before the last were approved."""
    stages = list(Stage.objects.filter(project=project).order_by("order"))
    Stage.objects.filter(pk__in=[stage.pk for stage in stages[:-1]]).update(state="approved")
    Stage.objects.filter(pk=stages[-1].pk).update(state="open")


def agree_on(lead: User, sponsor: User, project: Project, **words: Any) -> Criterion:
    """As after the first stage: the lead proposes, the sponsor consents."""
    change = propose_change(actor=lead, project=project, reason="The ward asked.", **words)
    made = consent_to_change(actor=sponsor, change_id=change.pk).made
    assert made is not None
    return made


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests() -> None:
    """Requests of outside signatories are counted in the cache, which outlives a test."""
    cache.clear()


@pytest.fixture
def ready_project(project: Project, lead: User) -> Project:
    """Two criteria, and the last stage in work."""
    set_criterion(actor=lead, project=project, measure="Waiting time", threshold="below 9.5 days", baseline="11.6 days")
    set_criterion(actor=lead, project=project, measure="Missed tumours", threshold="no more than today")
    put_in_last_stage(project)
    return project


@pytest.fixture
def opened(ready_project: Project, lead: User) -> Acceptance:
    return open_acceptance(actor=lead, project=ready_project)


@pytest.fixture
def judged(opened: Acceptance, contributor: User) -> Acceptance:
    for result in opened.results.all():
        judge_criterion(actor=contributor, result_id=result.pk, verdict="met", observed="9.0 days", evidence="Report 3")
    return opened


@pytest.fixture
def offered(judged: Acceptance, lead: User) -> Acceptance:
    return offer_acceptance(
        actor=lead, acceptance_id=judged.pk, approved_use="Order of samples.", limits="Not for children."
    )
