"""Who may do what in a project. Roles over all projects read; only roles inside the project write.

| move | who |
|---|---|
| read | members; managers, auditors, administrators |
| start_project | everybody with access, but nobody who is an auditor only |
| edit_project, plan_stage, move_methodology | lead |
| manage_members | lead, administrator |
| write_deliverable, answer_question, tick_task | team (lead, contributor), while stage and project are not closed |
| stop_project | sponsor, lead |
| close_project | sponsor, lead; a stopped project too |
"""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects import moves
from lifecycle.projects.models import TEAM, Deliverable, ExitQuestion, Member, Project, Role, Stage, StageTask

Thing = Project | Stage | Deliverable | ExitQuestion | StageTask | None

_WORKING = frozenset({moves.ACTIVE, moves.IN_USE})
_TEAM_MOVES = {
    "write_deliverable": "write deliverables",
    "answer_question": "answer exit questions",
    "tick_task": "tick tasks",
}
_ROLES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_TEAM_MOVES, TEAM),
    "edit_project": (Role.LEAD,),
    "plan_stage": (Role.LEAD,),
    "move_methodology": (Role.LEAD,),
    "manage_members": (Role.LEAD,),
    "stop_project": (Role.SPONSOR, Role.LEAD),
    "close_project": (Role.SPONSOR, Role.LEAD),
}
_SENTENCES = {
    **{
        move: f"Only the project's team (its lead and contributors) may {text}. Ask the lead to name you a contributor."
        for move, text in _TEAM_MOVES.items()
    },
    "edit_project": "Only the project lead may change what the project is. Ask the lead.",
    "plan_stage": "Only the project lead may set the date of a stage. Ask the lead.",
    "move_methodology": "Only the project lead may move the project to another version of its methodology. Ask the lead.",
    "manage_members": "Only the project lead or an administrator may name members. Ask one of them.",
    "stop_project": (
        "Only the sponsor or the project lead may stop the project; a manager has no such right by that role. "
        "Ask one of them."
    ),
    "close_project": "Only the sponsor or the project lead may close the project. Ask one of them.",
}


def roles_of(user: User, project: Project) -> frozenset[str]:
    """The roles that a person holds in a project now; empty for somebody without access."""
    if not user.is_active:
        return frozenset()
    return frozenset(
        Member.objects.filter(project=project, user=user, left_at__isnull=True).values_list("role", flat=True)
    )


def may(actor: User, move: str, thing: Thing, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may make `move` on `thing` (None for start_project), with the reason if not.

    `roles`: the actor's roles in the project where the caller has them already (saves a query on pages).
    Raises KeyError for a move that is not in the table above.
    """
    if not actor.is_active:
        return denied("Your access has ended. Ask an administrator.", code="person_inactive")
    if move == "start_project":
        if actor.is_auditor and not (actor.is_manager or actor.is_administrator):
            return denied("An auditor reads everything and changes nothing. Ask somebody else to start the project.")
        return ALLOWED
    if thing is None:
        raise KeyError(move)
    stage = _stage_of(thing)
    project = thing if isinstance(thing, Project) else _project_of(stage)
    held = roles_of(actor, project) if roles is None else roles
    if move == "read":
        return ALLOWED if held or actor.sees_all else denied("Only members of the project may read it.")
    if not held.intersection(_ROLES[move]) and not (move == "manage_members" and actor.is_administrator):
        return denied(_SENTENCES[move])
    # The people of a project are kept in order even when its work has ended, and the record of a stopped one is closed.
    if move == "close_project":
        takes = project.state in moves.PROJECT_MOVES["close"].sources
    else:
        takes = move == "manage_members" or project.state in _WORKING
    if not takes:
        return denied(
            f"The project is {project.get_state_display()} and can only be read.", code="project_closed", status=409
        )
    if move in _TEAM_MOVES and stage is not None:
        return _stage_takes_work(stage) and _is_asked_for(thing)
    return ALLOWED


def _is_asked_for(thing: Thing) -> Verdict:
    if isinstance(thing, Deliverable | ExitQuestion | StageTask) and thing.dropped_at is not None:
        return denied(
            f"The present version of the methodology no longer asks for “{thing}”. What was written stays readable.",
            code="no_longer_asked",
            status=409,
        )
    return ALLOWED


def _stage_takes_work(stage: Stage) -> Verdict:
    if stage.state == moves.SUPERSEDED or not stage.is_current:
        return denied(
            f"This is a former iteration of {stage.name} and can only be read. Work in the present one.",
            code="stage_closed",
            status=409,
        )
    if stage.state == moves.WAITING:
        return denied(
            f"{stage.name} has not begun: it opens when the stage before it is approved.",
            code="stage_not_open",
            status=409,
        )
    return ALLOWED


def _stage_of(thing: Project | Stage | Deliverable | ExitQuestion | StageTask) -> Stage | None:
    if isinstance(thing, Project):
        return None
    return thing if isinstance(thing, Stage) else thing.stage


def _project_of(stage: Stage | None) -> Project:
    if stage is None:
        raise KeyError("project")
    return stage.project
