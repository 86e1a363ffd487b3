"""Moving a project to a newer version of its methodology: the plan is pure, here it is carried out."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Prefetch
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.schema import outputs_of
from lifecycle.methodologies.selectors import newer_than
from lifecycle.methodologies.services import freeze
from lifecycle.projects import moves
from lifecycle.projects.models import TEAM, Deliverable, ExitQuestion, Project, Role, Stage, StageTask, people_in
from lifecycle.projects.moving import ADD, REMOVE, RETIRE, Plan, Row, RowsPlan, StageNow, StagePlan, Standing, plan_move
from lifecycle.projects.permits import may
from lifecycle.projects.selectors import open_rounds
from lifecycle.projects.services.locks import lock_project
from lifecycle.projects.services.starting import lay_out_rows, lay_out_stage, need_of
from lifecycle.projects.services.texts import sound_text

REASON_LIMIT = 2_000  # characters
_DECIDERS = (Role.SPONSOR, Role.CUSTOMER, Role.REVIEWER, Role.RISK)


def standing_of(project: Project) -> Standing:
    """Where the project stands, for a plan; five queries for any number of stages."""
    stages = (
        Stage.objects.filter(project=project, is_current=True)
        .annotate(decided=Count("rounds", distinct=True), offered=Count("acceptances", distinct=True))
        .prefetch_related(
            "tasks",
            "deliverables",
            Prefetch("questions", ExitQuestion.objects.annotate(answered=Count("answers"))),
        )
        .order_by("order", "pk")
    )
    iterations: dict[str, int] = dict(
        Stage.objects.filter(project=project).order_by().values_list("key").annotate(Max("iteration"))
    )
    return Standing(tuple(_stage_now(stage) for stage in stages), iterations=iterations)


def newer_version(project: Project, number: int | None = None) -> Methodology:
    """The version to move to: the newest that is offered, or the named one. Raises Refused when there is none."""
    offered = newer_than(project.methodology)
    found = offered.first() if number is None else offered.filter(number=number).first()
    if found is not None:
        return found
    if number is None:
        raise Refused(
            f"{project.methodology} is the newest version that is offered; there is nothing to move to.",
            code="methodology_newest",
        )
    raise Refused(
        f"Version {number} of {project.methodology.name} is no newer version that is offered. Choose one of the list.",
        code="methodology_not_newer",
        status=400,
        field="number",
    )


def preview_move(project: Project, target: Methodology) -> Plan:
    """What moving to `target` would do now, with all that stands against it."""
    plan = plan_move(project.methodology.content, target.content, standing_of(project))
    against = list(plan.blockers)
    if project.state != moves.ACTIVE:
        against.insert(
            0,
            (
                "project_state",
                f"The project is {project.get_state_display()}; only a project in progress moves to another version.",
            ),
        )
    elif not against and open_rounds(project):
        against.append(
            ("round_open", "A round of sign-off is open. Wait for its decision, or withdraw it, and move then.")
        )
    return Plan(plan.stages, tuple(against))


@transaction.atomic
def move_methodology(*, actor: User, project: Project, number: int | None, reason: str) -> Plan:
    """Move the project to a newer version of its methodology, and return what was done.

    `number`: the version, None for the newest that is offered. What was written stays; approvals of stages whose gate
    judges something else now end, which sign-off learns from the entry of the trail.
    Raises Refused: not_permitted, project_closed, project_state, methodology_newest, methodology_not_newer,
    round_open, stage_in_work_gone, and for the reason empty or text_too_long.
    """
    project = lock_project(project.pk)
    may(actor, "move_methodology", project).demand()
    target = newer_version(project, number)
    reason = sound_text(reason, limit=REASON_LIMIT, field="reason", what="The reason").strip()
    former = project.methodology
    plan = preview_move(project, target)
    if plan.blockers:
        code, _ = plan.blockers[0]
        raise Refused(" ".join(sentence for _, sentence in plan.blockers), code=code)
    ended = _carry_out(project, plan, target)
    project.methodology = target
    project.version += 1
    project.save(update_fields=["methodology", "version"])
    freeze(target)
    tell(
        people=people_in(project, *TEAM, *_DECIDERS),
        kind="methodology_moved",
        subject=f"{project.name} follows {target} now",
        body="\n".join([f"{actor.name} moved it from {former}. Reason: {reason}", *_lines(plan)]),
        link=f"{project.get_absolute_url()}stages/",
        actor=actor,
        project_id=project.pk,
        event_key=f"methodology_moved:{project.pk}:{target.number}",
    )
    record(
        actor=actor,
        verb="move_methodology",
        thing=project,
        kind="methodology_move",
        project_id=project.pk,
        before={"methodology": str(former), "hash": former.content_hash},
        after={
            "methodology": str(target),
            "hash": target.content_hash,
            "changed_stages": [stage.key for stage in plan.stages if not stage.is_untouched],
            "ended": ended,
            "effects": _lines(plan),
        },
        reason=reason,
    )
    return plan


def _carry_out(project: Project, plan: Plan, target: Methodology) -> list[dict[str, Any]]:
    """Write the plan into the rows; the stages whose approval ends, with what changed in them."""
    stages = {stage.key: stage for stage in Stage.objects.select_for_update().filter(project=project, is_current=True)}
    phases = {phase["key"]: phase for phase in target.phases}
    templates = target.content.get("artifact_templates") or {}
    now = timezone.now()
    ended = []
    # One stage is in work at a time: the one that pauses lets go before the other one takes over.
    for planned in sorted(plan.stages, key=lambda stage: stage.state == moves.OPEN):
        stage = stages.get(planned.key)
        if planned.action == ADD or stage is None:
            lay_out_stage(
                project,
                phases[planned.key],
                templates,
                iteration=planned.iteration,
                is_open=planned.state == moves.OPEN,
            )
            continue
        if planned.ends_approval:
            ended.append({"stage": stage.pk, "name": stage.name, "lines": _reasons(planned)})
        if planned.action == REMOVE:
            stage.delete()
        elif planned.action == RETIRE:
            stage.state, stage.is_current, stage.closed_at = moves.SUPERSEDED, False, stage.closed_at or now
            stage.save(update_fields=["state", "is_current", "closed_at"])
        else:
            _carry_out_stage(stage, planned, phases[planned.key], templates)
    return ended


def _carry_out_stage(stage: Stage, planned: StagePlan, phase: dict[str, Any], templates: dict[str, Any]) -> None:
    now = timezone.now()
    stage.name, stage.purpose, stage.order = phase["name"], phase.get("purpose") or "", phase["order"]
    stage.gate = phase.get("gate") or {}
    if planned.state == moves.OPEN and stage.opened_at is None:
        stage.opened_at = now
    stage.state = planned.state
    stage.save(update_fields=["name", "purpose", "order", "gate", "opened_at", "state"])
    _unask(StageTask, stage, planned.rows["tasks"])
    _unask(Deliverable, stage, planned.rows["deliverables"])
    _unask(ExitQuestion, stage, planned.rows["questions"])
    excused = planned.rows["deliverables"].unexcuse
    Deliverable.objects.filter(stage=stage, key__in=excused).update(not_applicable="")
    _rewrite(stage, phase, templates)
    lay_out_rows(stage, phase, templates, only={kind: set(rows.add) for kind, rows in planned.rows.items()})


def _unask(model: type[StageTask] | type[Deliverable] | type[ExitQuestion], stage: Stage, rows: RowsPlan) -> None:
    """Take away what nobody wrote, mark what somebody wrote, and take the mark from what is asked for again."""
    own = model._default_manager.filter(stage=stage)
    own.filter(key__in=rows.remove).delete()
    own.filter(key__in=rows.drop).update(dropped_at=timezone.now())
    own.filter(key__in=rows.restore).update(dropped_at=None)


def _rewrite(stage: Stage, phase: dict[str, Any], templates: dict[str, Any]) -> None:
    """The words, the order and the need of what stays, as the new version says them."""
    tasks = {task.key: task for task in StageTask.objects.filter(stage=stage)}
    for number, told in enumerate(phase.get("tasks") or [], start=1):
        if task := tasks.get(told["key"]):
            task.name, task.description, task.order = told["name"], told.get("description") or "", number
    StageTask.objects.bulk_update(tasks.values(), ["name", "description", "order"])
    questions = {question.key: question for question in ExitQuestion.objects.filter(stage=stage)}
    for number, told in enumerate(phase.get("exit_questions") or [], start=1):
        if question := questions.get(told["key"]):
            question.text, question.order = told["text"], number
    ExitQuestion.objects.bulk_update(questions.values(), ["text", "order"])
    deliverables = {row.key: row for row in Deliverable.objects.filter(stage=stage)}
    for number, (task_key, told) in enumerate(outputs_of(phase), start=1):
        if row := deliverables.get(told["key"]):
            row.name, row.description, row.order = told["name"], told.get("description") or "", number
            row.need = need_of(told["key"], phase)
            row.task = tasks.get(task_key) if task_key else None
            row.sections = (templates.get(told["key"]) or {}).get("sections") or []
    Deliverable.objects.bulk_update(deliverables.values(), ["name", "description", "order", "need", "task", "sections"])


def _reasons(planned: StagePlan) -> list[str]:
    if planned.action == RETIRE:
        return ["The new version of the methodology does not have this stage."]
    return [change.sentence for change in planned.changes if change.binds]


def _lines(plan: Plan) -> list[str]:
    return [f"{stage.name}: {effect}" for stage in plan.stages for effect in stage.effects]


def _stage_now(stage: Any) -> StageNow:
    return StageNow(
        key=stage.key,
        name=stage.name,
        state=stage.state,
        touched=stage.opened_at is not None or bool(stage.decided or stage.offered),
        iteration=stage.iteration,
        tasks=tuple(
            Row(row.key, row.name, written=row.done_at is not None, dropped=row.dropped_at is not None)
            for row in stage.tasks.all()
        ),
        deliverables=tuple(
            Row(
                row.key,
                row.name,
                written=row.latest_number > 0 or bool(row.not_applicable),
                excused=bool(row.not_applicable),
                dropped=row.dropped_at is not None,
            )
            for row in stage.deliverables.all()
        ),
        questions=tuple(
            Row(row.key, row.text, written=row.answered > 0, dropped=row.dropped_at is not None)
            for row in stage.questions.all()
        ),
    )
