"""Starting a project lays out its methodology."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.forms import StartForm, demand_key
from lifecycle.projects.models import Deliverable, Project, Stage
from lifecycle.projects.services import start_project
from lifecycle.projects.services.starting import KEY_RULE

pytestmark = pytest.mark.django_db


def test_crisp_dm_has_its_six_phases_and_tdsp_its_five(crisp_dm: Methodology, tdsp: Methodology) -> None:
    assert [len(m.phases) for m in (crisp_dm, tdsp)] == [6, 5]


def test_a_new_project_has_all_stages_and_only_the_first_is_open(project: Project) -> None:
    stages = list(project.stages.all())
    assert [s.state for s in stages] == [Stage.State.OPEN] + [Stage.State.WAITING] * 5
    assert (
        Deliverable.objects.filter(stage__project=project).count() == 44
    )  # 40 outputs of tasks, 2 of phases, 2 of the business case
    project.methodology.refresh_from_db()
    assert project.methodology.frozen_at is not None


def test_a_taken_key_is_refused(project: Project, lead: User, crisp_dm: Methodology) -> None:
    with pytest.raises(Refused) as caught:
        start_project(
            actor=lead, key="triage", name="Other", question="?", methodology=crisp_dm, started_on=date(2026, 1, 1)
        )
    assert caught.value.code == "project_key_taken"
    assert Project.objects.count() == 1


@pytest.mark.parametrize(
    "key", ["triage 2", "Triage", "triage/2", "-triage", "triäge", "new", "t" * 41, "triage\ntwo", "triage.", "٣"]
)
def test_a_key_of_another_shape_is_named_at_its_field(key: str, crisp_dm: Methodology) -> None:
    form = StartForm({"key": key, "name": "Tumour triage"})
    assert KEY_RULE in form.errors["key"] or "40 characters" in form.errors["key"][0]


@pytest.mark.parametrize("key", ["triage\n", "\ntriage", "triage\x1f", "new\n"])
def test_a_key_is_judged_as_a_whole(key: str, lead: User, crisp_dm: Methodology) -> None:
    with pytest.raises(ValidationError):
        demand_key(key)
    with pytest.raises(Refused) as caught:
        start_project(
            actor=lead, key=key, name="Other", question="?", methodology=crisp_dm, started_on=date(2026, 1, 1)
        )
    assert caught.value.code == "key_unusable"


@pytest.mark.parametrize("key", ["triage", "3d-scan", "new-triage", "a_b", "t" * 40])
def test_a_key_of_the_right_shape_is_taken(key: str, crisp_dm: Methodology) -> None:
    assert "key" not in StartForm({"key": key, "name": "Tumour triage"}).errors


def test_a_project_is_seen_by_members_and_by_those_who_see_all(
    project: Project, viewer: User, manager: User, outsider: User
) -> None:
    assert [list(Project.objects.visible_to(p)) for p in (viewer, manager, outsider)] == [[project], [project], []]
