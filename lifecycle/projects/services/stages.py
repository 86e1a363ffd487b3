"""Moves of stages and of the project, for the rooms above.

They are called inside a deed of sign-off or acceptance, which has asked its own permit and writes the
one audit entry. So these take no actor; they lock, check the state, and write.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from foundation.web.refused import Refused
from lifecycle.projects import moves
from lifecycle.projects.models import Project, Stage
from lifecycle.projects.services.locks import lock_project, lock_stage
from lifecycle.projects.services.starting import lay_out_stage

_WORKING = frozenset({moves.ACTIVE, moves.IN_USE})
_CALLER_MOVES = frozenset({"submit", "return", "approve", "reopen"})


@transaction.atomic
def move_stage(*, stage: Stage, move: str) -> Stage:
    """Submit, return, approve or reopen a stage. Raises Refused when its state does not allow the move.

    Reopening is for the newest approved stage only: while a later one has begun, the way is to go back.
    """
    if move not in _CALLER_MOVES:
        raise KeyError(move)
    stage = lock_stage(stage)
    if move != "return":  # a request is taken back even when the project has ended
        _demand_working(stage.project)
    step = moves.STAGE_MOVES[move]
    if not stage.is_current or stage.state not in step.sources:
        raise Refused(
            f"{stage.name} is {stage.get_state_display()}, so this cannot be done now. "
            "Load the page again to see where it stands.",
            code="stage_state",
        )
    if move == "reopen":
        begun = (
            Stage.objects.filter(project_id=stage.project_id, is_current=True, order__gt=stage.order)
            .exclude(state=moves.WAITING)
            .first()
        )
        if begun is not None:
            raise Refused(
                f"{begun.name} has begun since {stage.name} was approved. Go back to {stage.name} instead: "
                "that opens a new iteration and keeps the former one.",
                code="stage_later_begun",
            )
    stage.state = step.target
    stage.closed_at = timezone.now() if step.target == moves.APPROVED else None
    stage.save(update_fields=["state", "closed_at"])
    return stage


@transaction.atomic
def open_next_stage(*, project: Project, after: Stage) -> Stage | None:
    """Open the next stage that is not approved; None when there is none. Safe to call again."""
    project = lock_project(project.pk)
    _demand_working(project)
    after = Stage.objects.select_for_update().get(pk=after.pk, project=project)
    if not after.is_current or after.state != moves.APPROVED:
        raise Refused(
            f"{after.name} is {after.get_state_display()}. The next stage opens when it is approved.",
            code="stage_not_approved",
        )
    # A newer methodology may have put this stage before approved ones; those are not opened again.
    following = (
        Stage.objects.select_for_update()
        .filter(project=project, is_current=True, order__gt=after.order)
        .exclude(state=moves.APPROVED)
        .order_by("order")
        .first()
    )
    if following is None:
        return None
    if following.state == moves.WAITING:
        following.state = moves.STAGE_MOVES["open"].target
        following.opened_at = timezone.now()
        following.save(update_fields=["state", "opened_at"])
    following.project = project
    return following


@transaction.atomic
def begin_iteration(*, project: Project, to_key: str) -> Stage:
    """A new, open iteration of an earlier stage. It and all later stages that had begun become former iterations.

    Later stages get a new iteration that waits; stages that never began stay as they are. Nothing is copied: texts of
    the former iteration stay where they are and can be taken over one by one. A project in use is in progress again.
    """
    project = lock_project(project.pk)
    _demand_working(project)
    current = list(Stage.objects.select_for_update().filter(project=project, is_current=True).order_by("order"))
    target = next((stage for stage in current if stage.key == to_key), None)
    if target is None:
        raise Refused(
            f"This project has no stage {to_key!r}. Choose one of its stages.",
            code="stage_unknown",
            status=400,
            field="to_stage",
        )
    if target.state == moves.WAITING:
        raise Refused(
            f"{target.name} has not begun, so there is nothing to go back to. Choose an earlier stage.",
            code="stage_not_open",
        )
    begun = [stage for stage in current if stage.order >= target.order and stage.state != moves.WAITING]
    Stage.objects.filter(pk__in=[stage.pk for stage in begun]).update(
        state=moves.STAGE_MOVES["supersede"].target, is_current=False, closed_at=timezone.now()
    )
    newest: dict[str, int] = dict(
        Stage.objects.filter(project=project).order_by().values_list("key").annotate(Max("iteration"))
    )
    phases = {phase["key"]: phase for phase in project.methodology.phases}
    templates = project.methodology.content.get("artifact_templates") or {}
    opened: Stage | None = None
    for former in begun:
        fresh = lay_out_stage(
            project,
            phases[former.key],
            templates,
            iteration=newest[former.key] + 1,
            is_open=former.pk == target.pk,
        )
        opened = opened or fresh
    if project.state == moves.IN_USE:
        _move_project(project, "resume")
    if opened is None:  # begun holds the target at least
        raise RuntimeError("A stage to which one goes back has begun.")
    return opened


@transaction.atomic
def accept_project(*, project: Project) -> Project:
    """The customer has accepted: the project is in use. Raises Refused from any state but in progress."""
    project = lock_project(project.pk)
    _move_project(project, "accept")
    return project


@transaction.atomic
def resume_project(*, project: Project) -> Project:
    """The customer took the acceptance back: a project in use is in progress again."""
    project = lock_project(project.pk)
    _move_project(project, "resume")
    return project


def _move_project(project: Project, move: str) -> None:
    step = moves.PROJECT_MOVES[move]
    if project.state not in step.sources:
        raise Refused(
            f"The project is {project.get_state_display()}, so this cannot be done now.", code="project_state"
        )
    project.state = step.target
    project.version += 1
    project.save(update_fields=["state", "version"])


def _demand_working(project: Project) -> None:
    if project.state not in _WORKING:
        raise Refused(
            f"The project is {project.get_state_display()}; its stages no longer move.", code="project_closed"
        )
