"""Moves of stages: never two in work, no stage skipped, going back keeps what was."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.projects import moves
from lifecycle.projects.models import Deliverable, Project, Stage
from lifecycle.projects.selectors import missing_for_submission, track
from lifecycle.projects.services import (
    accept_project,
    answer_question,
    begin_iteration,
    mark_not_applicable,
    move_stage,
    open_next_stage,
    start_project,
    stop_project,
    write_version,
)

pytestmark = pytest.mark.django_db


def current(project: Project, order: int) -> Stage:
    return Stage.objects.get(project=project, order=order, is_current=True)


def approve(project: Project, order: int) -> Stage:
    stage = move_stage(stage=move_stage(stage=current(project, order), move="submit"), move="approve")
    open_next_stage(project=project, after=stage)
    return stage


def states(project: Project) -> list[str]:
    return [step.state for step in track(project)]


def test_an_approved_stage_opens_the_next_and_the_last_opens_none(project: Project) -> None:
    for order in range(1, 7):
        stage = approve(project, order)
    assert states(project) == ["approved"] * 6
    assert open_next_stage(project=project, after=stage) is None
    assert all(step.approved_at for step in track(project))


def test_the_next_stage_does_not_open_before_the_approval(project: Project) -> None:
    with pytest.raises(Refused) as caught:
        open_next_stage(project=project, after=current(project, 1))
    assert caught.value.code == "stage_not_approved"


@pytest.mark.parametrize("move", ["return", "approve", "reopen"])
def test_an_open_stage_can_only_be_submitted(project: Project, move: str) -> None:
    with pytest.raises(Refused) as caught:
        move_stage(stage=current(project, 1), move=move)
    assert caught.value.code == "stage_state"


def test_a_stage_is_not_reopened_once_a_later_one_has_begun(project: Project) -> None:
    stage = approve(project, 1)
    with pytest.raises(Refused) as caught:
        move_stage(stage=stage, move="reopen")
    assert caught.value.code == "stage_later_begun"


def test_an_unknown_move_is_a_fault_of_the_caller(project: Project) -> None:
    with pytest.raises(KeyError):
        move_stage(stage=current(project, 1), move="supersede")


def test_going_back_keeps_the_former_iterations_and_opens_the_target(project: Project, lead: User) -> None:
    first = current(project, 1).deliverables.get(key="business_objectives")
    write_version(actor=lead, deliverable=first, text="Aim", expected_number=0)
    approve(project, 1)
    approve(project, 2)
    opened = begin_iteration(project=project, to_key="data_understanding")
    assert (opened.key, opened.iteration, opened.state) == ("data_understanding", 2, moves.OPEN)
    assert states(project) == ["approved", "open", "waiting", "waiting", "waiting", "waiting"]
    assert [step.iteration for step in track(project)] == [1, 2, 2, 1, 1, 1]
    former = project.stages.get(key="data_understanding", iteration=1)
    assert (former.state, former.is_current) == (moves.SUPERSEDED, False)
    assert former.deliverables.count() == opened.deliverables.count()
    first.refresh_from_db()
    assert first.latest_number == 1
    again = begin_iteration(project=project, to_key="business_understanding")
    assert (again.iteration, [step.iteration for step in track(project)]) == (2, [2, 3, 2, 1, 1, 1])


def test_nobody_goes_back_to_a_stage_that_never_began_or_that_is_not_there(project: Project) -> None:
    for key, code in (("deployment", "stage_not_open"), ("nowhere", "stage_unknown")):
        with pytest.raises(Refused) as caught:
            begin_iteration(project=project, to_key=key)
        assert caught.value.code == code


def test_going_back_from_use_puts_the_project_in_progress_again(project: Project) -> None:
    accept_project(project=project)
    begin_iteration(project=project, to_key="business_understanding")
    project.refresh_from_db()
    assert project.state == moves.ACTIVE


def test_a_project_is_accepted_once(project: Project) -> None:
    assert accept_project(project=project).state == moves.IN_USE
    with pytest.raises(Refused) as caught:
        accept_project(project=project)
    assert caught.value.code == "project_state"


def test_the_stages_of_a_stopped_project_no_longer_move(project: Project, sponsor: User) -> None:
    stop_project(actor=sponsor, project=project, reason="The data does not exist")
    for deed in (
        lambda: move_stage(stage=current(project, 1), move="submit"),
        lambda: begin_iteration(project=project, to_key="business_understanding"),
        lambda: open_next_stage(project=project, after=current(project, 1)),
    ):
        with pytest.raises(Refused) as caught:
            deed()
        assert caught.value.code == "project_closed"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["submit", "return", "approve", "reopen", "open_next", "go_back", "accept"]), st.integers(1, 5)
    ),
    max_size=25,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_is_tried_one_stage_is_in_work_at_most_and_none_is_skipped(
    tdsp: Methodology, lead: User, steps: list[tuple[str, int]]
) -> None:
    Project.objects.filter(key="walk").delete()
    walk = start_project(
        actor=lead, key="walk", name="Walk", question="?", methodology=tdsp, started_on=date(2026, 1, 1)
    )
    for step, order in steps:
        before = Stage.objects.filter(project=walk).count()
        stage = current(walk, order)
        try:
            if step == "open_next":
                open_next_stage(project=walk, after=stage)
            elif step == "go_back":
                begin_iteration(project=walk, to_key=stage.key)
            elif step == "accept":
                accept_project(project=walk)
            else:
                move_stage(stage=stage, move=step)
        except Refused:
            assert Stage.objects.filter(project=walk).count() == before
        present = states(walk)
        assert len(present) == 5
        assert sum(state in (moves.OPEN, moves.IN_REVIEW) for state in present) <= 1
        # Approved ones first, then at most one in work, then those that wait.
        rank = {moves.APPROVED: 0, moves.OPEN: 1, moves.IN_REVIEW: 1, moves.WAITING: 2}
        assert [rank[state] for state in present] == sorted(rank[state] for state in present)
        former = Stage.objects.filter(project=walk, is_current=False)
        assert all(each.state == moves.SUPERSEDED and each.closed_at for each in former)


def test_what_is_missing_is_named_until_nothing_is(project: Project, lead: User) -> None:
    stage = current(project, 1)
    missing = missing_for_submission(stage)
    assert len(missing) == 8 + 6
    assert "The deliverable “Business objectives” is not written yet." in missing
    for deliverable in stage.deliverables.filter(need=Deliverable.Need.REQUIRED):
        write_version(actor=lead, deliverable=deliverable, text="Text", expected_number=0)
    assert len(missing_for_submission(stage)) == 6
    for question in stage.questions.all():
        answer_question(actor=lead, question=question, text="Yes", expected_number=0)
    assert missing_for_submission(stage) == []


def test_a_deliverable_that_does_not_apply_is_not_missing(project: Project, lead: User) -> None:
    stage = current(project, 1)
    stage.gate = {**stage.gate, "may_be_not_applicable": ["project_plan"]}
    stage.save()
    plan = stage.deliverables.get(key="project_plan")
    assert any("Project plan" in line for line in missing_for_submission(stage))
    mark_not_applicable(actor=lead, deliverable=plan, reason="Part of a programme")
    assert not any("Project plan" in line for line in missing_for_submission(stage))
