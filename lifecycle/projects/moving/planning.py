"""What moving a project to another version of its methodology does: pure functions on plain data, no database.

Nothing that was written is lost: what the new version no longer asks for is kept and marked, and only what nobody has
written to is taken away. Exactly one stage is in work: the first in the new order that is not approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lifecycle.methodologies.difference import Change, changes_of_phase, in_order, needs_of
from lifecycle.methodologies.schema import outputs_of
from lifecycle.projects import moves
from lifecycle.projects.moving.shapes import (
    ADD,
    KEEP,
    KINDS,
    REMOVE,
    RETIRE,
    Plan,
    Row,
    RowsPlan,
    StageNow,
    StagePlan,
    Standing,
)


def plan_move(old: Mapping[str, Any], new: Mapping[str, Any], standing: Standing) -> Plan:
    """What moving from content `old` to content `new` does to a project that stands so."""
    before = {phase["key"]: phase for phase in in_order(old)}
    after = in_order(new)
    present = {stage.key: stage for stage in standing.stages}
    states = _states_after([phase["key"] for phase in after], present)
    stages = [_plan_stage(before.get(phase["key"]), phase, present, standing, states[phase["key"]]) for phase in after]
    wanted = {phase["key"] for phase in after}
    gone = [_plan_gone(stage) for stage in standing.stages if stage.key not in wanted]
    return Plan((*stages, *gone), tuple(_blockers(standing, wanted)))


def apply_plan(plan: Plan, new: Mapping[str, Any], standing: Standing) -> Standing:
    """Where the project stands after the move; the services do the same to the rows of the database."""
    present = {stage.key: stage for stage in standing.stages}
    phases = {phase["key"]: phase for phase in in_order(new)}
    stages: list[StageNow] = []
    former = list(standing.former)
    iterations = dict(standing.iterations)
    for planned in sorted(plan.stages, key=lambda stage: stage.order):
        now = present.get(planned.key)
        if planned.action == RETIRE and now is not None:
            former.append(replace(now, state=moves.SUPERSEDED))
        if planned.action in (RETIRE, REMOVE):
            continue
        names = {kind: _asked(phases[planned.key], kind) for kind in KINDS}
        rows = {kind: _rows_after(planned.rows[kind], now.rows(kind) if now else (), names[kind]) for kind in KINDS}
        iterations[planned.key] = planned.iteration
        stages.append(
            StageNow(
                key=planned.key,
                name=planned.name,
                state=planned.state,
                touched=planned.state != moves.WAITING or bool(now and now.touched),
                iteration=planned.iteration,
                **rows,
            )
        )
    return Standing(tuple(stages), tuple(former), iterations)


def _blockers(standing: Standing, wanted: set[str]) -> list[tuple[str, str]]:
    found = []
    for stage in standing.stages:
        if stage.state == moves.IN_REVIEW:
            found.append(
                (
                    "round_open",
                    f"{stage.name} is awaiting its decision. Wait for it, or withdraw the round, and move then.",
                )
            )
        elif stage.state == moves.OPEN and stage.key not in wanted:
            found.append(
                (
                    "stage_in_work_gone",
                    f"The project is in {stage.name}, which the new version does not have. Bring it to its decision, "
                    "or go back to an earlier stage, and move then.",
                )
            )
    return found


def _states_after(order: list[str], present: Mapping[str, StageNow]) -> dict[str, str]:
    """Approved stages stay so; of the others the first in order is in work, and the rest wait."""
    found: dict[str, str] = {}
    taken = False
    for key in order:
        now = present[key].state if key in present else moves.WAITING
        if now == moves.APPROVED:
            found[key] = now
        else:
            found[key] = moves.WAITING if taken else now if now == moves.IN_REVIEW else moves.OPEN
            taken = True
    return found


def _plan_stage(
    old: Mapping[str, Any] | None,
    phase: Mapping[str, Any],
    present: Mapping[str, StageNow],
    standing: Standing,
    state: str,
) -> StagePlan:
    key, now = phase["key"], present.get(phase["key"])
    rows = {kind: _plan_rows(now.rows(kind) if now else (), _asked(phase, kind)) for kind in KINDS}
    if now is not None:
        rows["deliverables"] = replace(rows["deliverables"], unexcuse=_no_longer_excused(phase, now.deliverables))
    changes = tuple(changes_of_phase(old, phase)) if old is not None and now is not None else ()
    was = now.state if now else ""
    return StagePlan(
        key=key,
        name=phase["name"],
        action=KEEP if now else ADD,
        was=was,
        state=state,
        iteration=now.iteration if now else standing.iterations.get(key, 0) + 1,
        order=phase["order"],
        rows=rows,
        changes=changes,
        effects=tuple(_effects(now, rows, changes, was, state)),
    )


def _plan_gone(now: StageNow) -> StagePlan:
    """A stage that the new version does not have: kept for the record, or taken away if it never began."""
    keep = now.touched or now.has_written or now.state != moves.WAITING
    effect = (
        "The stage ends with this version. All that was written in it stays readable, as a former iteration."
        if keep
        else "The stage had not begun, and goes."
    )
    rows = {kind: RowsPlan() for kind in KINDS}
    order = 10_000  # behind all that are there
    state = moves.SUPERSEDED
    action = RETIRE if keep else REMOVE
    return StagePlan(now.key, now.name, action, now.state, state, now.iteration, order, rows, effects=(effect,))


def _plan_rows(now: tuple[Row, ...], asked: Mapping[str, str]) -> RowsPlan:
    there = {row.key: row for row in now}
    unasked = [row for row in now if row.key not in asked]
    return RowsPlan(
        add=tuple(key for key in asked if key not in there),
        restore=tuple(key for key in asked if key in there and there[key].dropped),
        drop=tuple(row.key for row in unasked if row.written and not row.dropped),
        remove=tuple(row.key for row in unasked if not row.written),
    )


def _no_longer_excused(phase: Mapping[str, Any], now: tuple[Row, ...]) -> tuple[str, ...]:
    """Deliverables marked as not applicable that the gate now requires without exception."""
    excusable = set((phase.get("gate") or {}).get("may_be_not_applicable") or [])
    required = {key for key, need in needs_of(phase).items() if need == "required"} - excusable
    return tuple(row.key for row in now if row.excused and row.key in required)


def _rows_after(plan: RowsPlan, now: tuple[Row, ...], asked: Mapping[str, str]) -> tuple[Row, ...]:
    kept = [
        replace(
            row,
            name=asked.get(row.key, row.name),
            dropped=row.key not in asked,
            excused=row.excused and row.key not in plan.unexcuse,
        )
        for row in now
        if row.key not in plan.remove
    ]
    return (*kept, *(Row(key, asked[key]) for key in plan.add))


def _effects(
    now: StageNow | None, rows: Mapping[str, RowsPlan], changes: tuple[Change, ...], was: str, state: str
) -> list[str]:
    """What the move does to what was written and decided, one sentence each."""
    if now is None:
        return [
            "A new stage, which comes into work at once."
            if state == moves.OPEN
            else "A new stage, which waits its turn."
        ]
    found = []
    if was == moves.APPROVED and any(change.binds for change in changes):
        found.append("Its approval ends: what the gate judges has changed. Later stages stay as they are.")
    if was == moves.OPEN and state == moves.WAITING:
        found.append("It waits again, since a stage that is not approved comes before it now. What was written stays.")
    if was == moves.WAITING and state == moves.OPEN:
        found.append("It comes into work at once.")
    names = {(kind, row.key): row.name for kind in KINDS for row in now.rows(kind)}
    for kind, what in (("deliverables", "versions"), ("questions", "answers"), ("tasks", "tick")):
        for key in rows[kind].drop:
            verb = "stay" if what != "tick" else "stays"
            found.append(f"“{names[kind, key]}” is no longer asked for; its {what} {verb} readable.")
        for key in rows[kind].restore:
            found.append(f"“{names[kind, key]}” is asked for again, with its {what}.")
    found.extend(
        f"“{names['deliverables', key]}” is required now: its mark “not applicable” falls, and the reason stays in the trail."
        for key in rows["deliverables"].unexcuse
    )
    answered = {row.key: row for row in now.questions if row.written}
    found.extend(
        f"The question “{answered[change.key].name}” reads differently now; its answer stays. Check that it still fits."
        for change in changes
        if change.what == "question" and change.kind == "changed" and change.key in answered
    )
    return found


def _asked(phase: Mapping[str, Any], kind: str) -> dict[str, str]:
    """Names by key of what the phase asks of one kind, in order."""
    if kind == "tasks":
        return {task["key"]: task["name"] for task in phase.get("tasks") or []}
    if kind == "deliverables":
        return {output["key"]: output["name"] for _, output in outputs_of(dict(phase))}
    return {question["key"]: question["text"] for question in phase.get("exit_questions") or []}
