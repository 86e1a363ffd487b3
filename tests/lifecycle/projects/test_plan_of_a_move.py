"""The plan of a move to another version of the methodology: pure, and nothing written is ever lost."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lifecycle.methodologies.difference import difference
from lifecycle.methodologies.gates import DECIDING_ROLES
from lifecycle.methodologies.schema import faults_in
from lifecycle.projects import moves
from lifecycle.projects.models import Role
from lifecycle.projects.moving import KINDS, Row, StageNow, Standing, apply_plan, plan_move

KEYS = ["alpha", "beta", "gamma", "delta"]
ROWS = ["r1", "r2", "r3", "r4"]


@st.composite
def contents(draw: st.DrawFn) -> dict[str, Any]:
    """Sound contents of a methodology whose phases and rows overlap with those of others."""
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True))
    phases = []
    for order, key in enumerate(keys, start=1):
        tasks = draw(st.lists(st.sampled_from(ROWS), max_size=3, unique=True))
        outputs = draw(st.lists(st.sampled_from(ROWS), max_size=4, unique=True))
        questions = draw(st.lists(st.sampled_from(ROWS), min_size=1, max_size=4, unique=True))
        required = [row for row in outputs if draw(st.booleans())]
        phases.append(
            {
                "key": key,
                "order": order,
                "name": key.title(),
                "tasks": [{"key": row, "name": row} for row in tasks],
                "phase_outputs": [{"key": row, "name": f"Paper {row}"} for row in outputs],
                "exit_questions": [{"key": row, "text": draw(st.sampled_from(["Why?", "How?"]))} for row in questions],
                "gate": {"required_outputs": required, "independent_reviewer": draw(st.booleans())},
            }
        )
    return {"framework": {"key": "own", "name": "Own", "long_name": "Our own"}, "phases": phases}


@st.composite
def standings(draw: st.DrawFn, content: dict[str, Any]) -> Standing:
    """A project under that content: some stages approved, the next in work, the others waiting; some rows written."""
    stages = []
    approved = draw(st.integers(0, len(content["phases"])))
    for number, phase in enumerate(content["phases"]):
        state = moves.APPROVED if number < approved else moves.OPEN if number == approved else moves.WAITING
        begun = state != moves.WAITING

        optional = {row["key"] for row in phase["phase_outputs"]} - set(phase["gate"]["required_outputs"])

        def rows(
            names: list[tuple[str, str]], excusable: frozenset[str] = frozenset(), begun: bool = begun
        ) -> tuple[Row, ...]:
            found = []
            for key, name in names:
                written = begun and draw(st.booleans())
                found.append(Row(key, name, written, excused=written and key in excusable and draw(st.booleans())))
            return tuple(found)

        stages.append(
            StageNow(
                key=phase["key"],
                name=phase["name"],
                state=state,
                touched=begun,
                tasks=rows([(row["key"], row["name"]) for row in phase["tasks"]]),
                deliverables=rows([(row["key"], row["name"]) for row in phase["phase_outputs"]], frozenset(optional)),
                questions=rows([(row["key"], row["text"]) for row in phase["exit_questions"]]),
            )
        )
    return Standing(tuple(stages), iterations={stage.key: 1 for stage in stages})


def written(standing: Standing) -> set[tuple[str, int, str, str]]:
    return {
        (stage.key, stage.iteration, kind, row.key)
        for stage in (*standing.stages, *standing.former)
        for kind in KINDS
        for row in stage.rows(kind)
        if row.written
    }


@given(contents())
def test_what_these_tests_move_between_are_sound_methodologies(content: dict[str, Any]) -> None:
    assert faults_in(content) == []


@given(st.data())
def test_nothing_written_is_ever_lost_over_any_chain_of_moves(data: st.DataObject) -> None:
    old = data.draw(contents())
    standing = data.draw(standings(old))
    before = written(standing)
    for _ in range(3):
        new = data.draw(contents())
        plan = plan_move(old, new, standing)
        if not plan.blockers:
            standing, old = apply_plan(plan, new, standing), new
        assert written(standing) >= before


@given(st.data())
def test_moving_to_the_same_content_changes_nothing(data: st.DataObject) -> None:
    content = data.draw(contents())
    standing = data.draw(standings(content))
    plan = plan_move(content, content, standing)
    assert plan.is_empty
    assert not plan.blockers
    assert difference(content, content) == []
    assert apply_plan(plan, content, standing) == standing


@given(st.data())
def test_after_a_move_the_project_asks_exactly_what_the_new_version_asks(data: st.DataObject) -> None:
    old, new = data.draw(contents()), data.draw(contents())
    standing = data.draw(standings(old))
    plan = plan_move(old, new, standing)
    if plan.blockers:
        return
    after = apply_plan(plan, new, standing)
    assert [stage.key for stage in after.stages] == [phase["key"] for phase in new["phases"]]
    for stage, phase in zip(after.stages, new["phases"], strict=True):
        asked = {row.key for row in stage.deliverables if not row.dropped}
        assert asked == {row["key"] for row in phase["phase_outputs"]}
        assert {row.key for row in stage.questions if not row.dropped} == {
            row["key"] for row in phase["exit_questions"]
        }
        required = set(phase["gate"]["required_outputs"])
        assert not [row.key for row in stage.deliverables if row.excused and row.key in required]


@given(st.data())
def test_one_stage_is_in_work_the_first_that_is_not_approved_and_no_approval_is_given(data: st.DataObject) -> None:
    old, new = data.draw(contents()), data.draw(contents())
    standing = data.draw(standings(old))
    plan = plan_move(old, new, standing)
    if plan.blockers:
        return
    after = apply_plan(plan, new, standing)
    open_ones = [stage.state for stage in after.stages if stage.state != moves.APPROVED]
    assert open_ones == [moves.OPEN, *[moves.WAITING] * (len(open_ones) - 1)][: len(open_ones)]
    was_approved = {stage.key for stage in standing.stages if stage.state == moves.APPROVED}
    assert {stage.key for stage in after.stages if stage.state == moves.APPROVED} <= was_approved


@given(st.data())
def test_an_approval_ends_exactly_where_what_was_judged_changed(data: st.DataObject) -> None:
    old, new = data.draw(contents()), data.draw(contents())
    standing = data.draw(standings(old))
    ended = {stage.key for stage in plan_move(old, new, standing).lapsing}
    before = {phase["key"]: judged(phase) for phase in old["phases"]}
    after = {phase["key"]: judged(phase) for phase in new["phases"]}
    approved = {stage.key for stage in standing.stages if stage.state == moves.APPROVED}
    assert ended == {key for key in approved if before[key] != after.get(key)}


def judged(phase: dict[str, Any]) -> Any:
    """What a gate judges, told without the code that finds the differences."""
    return (
        sorted((row["key"], row["key"] in phase["gate"]["required_outputs"]) for row in phase["phase_outputs"]),
        sorted((row["key"], row["text"]) for row in phase["exit_questions"]),
        phase["gate"]["independent_reviewer"],
    )


@given(st.data())
def test_a_project_is_not_taken_out_of_the_stage_it_works_in(data: st.DataObject) -> None:
    old, new = data.draw(contents()), data.draw(contents())
    standing = data.draw(standings(old))
    in_work = next((stage.key for stage in standing.stages if stage.state == moves.OPEN), None)
    codes = {code for code, _ in plan_move(old, new, standing).blockers}
    gone = in_work is not None and in_work not in {phase["key"] for phase in new["phases"]}
    assert codes == ({"stage_in_work_gone"} if gone else set())


def test_the_roles_that_decide_are_those_of_a_project_that_decide() -> None:
    working = {Role.LEAD.value, Role.CONTRIBUTOR.value, Role.VIEWER.value}
    assert {role.value: str(role.label) for role in Role if role.value not in working} == DECIDING_ROLES
