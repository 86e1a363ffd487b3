"""Who may do what: the whole table, role by role."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone

from foundation.people.models import User
from lifecycle.projects import moves
from lifecycle.projects.models import Member, Project, Role
from lifecycle.projects.permits import may

pytestmark = pytest.mark.django_db

TEAM_MOVES = ("write_deliverable", "answer_question", "tick_task")
TABLE = {
    "lead": {
        "read",
        "edit_project",
        "plan_stage",
        "move_methodology",
        "manage_members",
        "stop_project",
        "close_project",
        *TEAM_MOVES,
    },
    "contributor": {"read", *TEAM_MOVES},
    "sponsor": {"read", "stop_project", "close_project"},
    "customer": {"read"},
    "reviewer": {"read"},
    "viewer": {"read"},
    "manager": {"read"},
    "administrator": {"read", "manage_members"},
    "outsider": set(),
}
MOVES = (
    "read",
    "edit_project",
    "plan_stage",
    "move_methodology",
    "manage_members",
    "stop_project",
    "close_project",
    *TEAM_MOVES,
)


@pytest.mark.parametrize("who", TABLE)
def test_each_role_may_do_what_the_table_says_and_nothing_else(
    who: str, project: Project, request: pytest.FixtureRequest
) -> None:
    person: User = request.getfixturevalue(who)
    stage = project.stages.get(order=1)
    things = {
        "write_deliverable": stage.deliverables.first(),
        "answer_question": stage.questions.first(),
        "tick_task": stage.tasks.first(),
        "plan_stage": stage,
    }
    allowed = {move for move in MOVES if may(person, move, things.get(move, project))}
    assert allowed == TABLE[who]
    for move in set(MOVES) - TABLE[who]:
        verdict = may(person, move, things.get(move, project))
        assert verdict.status == 403
        assert str(verdict).startswith("Only ")


def test_everybody_may_start_a_project_but_an_auditor_only(make_person: Callable[..., User], outsider: User) -> None:
    auditor = make_person("Aud Auditor", is_auditor=True)
    both = make_person("Bo Both", is_auditor=True, is_manager=True)
    assert may(outsider, "start_project", None)
    assert may(both, "start_project", None)
    assert "auditor" in str(may(auditor, "start_project", None))


def test_who_lost_access_may_nothing(project: Project, lead: User) -> None:
    lead.is_active = False
    lead.save()
    assert not any(may(lead, move, project) for move in ("read", "edit_project", "manage_members", "start_project"))


def test_who_left_the_project_may_no_longer_write(project: Project, contributor: User) -> None:
    Member.objects.filter(user=contributor).update(left_at=timezone.now())
    assert not may(contributor, "write_deliverable", project.stages.get(order=1))


@pytest.mark.parametrize(
    ("state", "code"), [("open", ""), ("in_review", ""), ("approved", ""), ("waiting", "stage_not_open")]
)
def test_the_team_writes_while_a_stage_is_open_in_review_or_approved(
    project: Project, lead: User, state: str, code: str
) -> None:
    stage = project.stages.get(order=1)
    stage.state = state
    verdict = may(lead, "write_deliverable", stage)
    assert bool(verdict) is not bool(code)
    assert not code or (verdict.code, verdict.status) == (code, 409)


def test_a_former_iteration_is_read_only(project: Project, lead: User) -> None:
    stage = project.stages.get(order=1)
    stage.state, stage.is_current = moves.SUPERSEDED, False
    assert may(lead, "answer_question", stage).code == "stage_closed"


@pytest.mark.parametrize("state", ["stopped", "closed"])
def test_an_ended_project_is_read_only_but_its_people_are_kept_in_order(
    project: Project, lead: User, state: str
) -> None:
    project.state = state
    stage = project.stages.get(order=1)
    stage.project = project
    for move in ("edit_project", "stop_project"):
        assert may(lead, move, project).code == "project_closed"
    assert may(lead, "write_deliverable", stage).code == "project_closed"
    assert may(lead, "manage_members", project)
    # What was stopped is closed once its record is complete.
    assert bool(may(lead, "close_project", project)) is (state == "stopped")


def test_an_unknown_move_is_a_fault_of_the_caller(project: Project, lead: User) -> None:
    with pytest.raises(KeyError):
        may(lead, "approve", project)


def test_no_role_of_the_whole_portal_decides_or_writes() -> None:
    assert set(Role.values) >= {"sponsor", "customer", "lead", "contributor", "reviewer", "risk_officer", "viewer"}
    assert not TABLE["manager"] - {"read"}
    assert not TABLE["administrator"] - {"read", "manage_members"}
