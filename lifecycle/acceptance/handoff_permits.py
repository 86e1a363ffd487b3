"""Who may do what with the hand-off record and the exit report."""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import HandOff
from lifecycle.projects.models import TEAM, Project, Role
from lifecycle.projects.permits import roles_of

_READS_ONLY = "Auditors read everything and change nothing."
_WORKING = frozenset({Project.State.ACTIVE, Project.State.IN_USE})


def may_write_handoff(actor: User, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """The team, while the project is in progress or in use."""
    return _team(actor, project, roles, "The project's team writes the hand-off record. Ask its lead.")


def may_hand_over(actor: User, handoff: HandOff, *, roles: frozenset[str] | None = None) -> Verdict:
    """The project lead signs the draft."""
    held = _held(actor, handoff.project, roles)
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.LEAD not in held:
        return denied("The project lead signs the hand-off. Ask the lead.")
    return _state(handoff, "hand_over")


def may_receive(actor: User, handoff: HandOff, *, roles: frozenset[str] | None = None) -> Verdict:
    """A customer; never the team, never who signed it as its author."""
    held = _held(actor, handoff.project, roles)
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.CUSTOMER not in held:
        return denied(
            "A customer of the project counter-signs the hand-off. Ask the lead to name one, or to invite one."
        )
    if held & set(TEAM):
        return denied(
            "Who belongs to the team cannot receive what the team hands over. Ask another customer.",
            code="lead_cannot_receive",
        )
    if handoff.created_by_id == actor.pk or (
        handoff.author_signature is not None and handoff.author_signature.signer_id == actor.pk
    ):
        return denied("Who handed it over cannot receive it. Ask another customer.", code="author_cannot_receive")
    return _state(handoff, "receive")


def may_write_report(actor: User, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """The team writes the exit report."""
    return _team(actor, project, roles, "The project's team writes the exit report. Ask its lead.")


def may_issue_report(actor: User, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """The project lead issues it."""
    held = _held(actor, project, roles)
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.LEAD not in held:
        return denied("The project lead issues the exit report. Ask the lead.")
    return _working(project)


def may_read_internal(user: User, *, roles: frozenset[str]) -> bool:
    """Whether somebody reads the parts of the exit report that the customer does not: customers and viewers never."""
    inside = {Role.LEAD, Role.CONTRIBUTOR, Role.SPONSOR, Role.REVIEWER, Role.RISK}
    return user.sees_all or bool(roles & inside and Role.CUSTOMER not in roles)


def _team(actor: User, project: Project, roles: frozenset[str] | None, otherwise: str) -> Verdict:
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if not _held(actor, project, roles) & set(TEAM):
        return denied(otherwise)
    return _working(project)


def _working(project: Project) -> Verdict:
    if project.state in _WORKING:
        return ALLOWED
    return denied(
        f"The project is {project.get_state_display()} and can only be read.", code="project_closed", status=409
    )


def _held(actor: User, project: Project, roles: frozenset[str] | None) -> frozenset[str]:
    return roles_of(actor, project) if roles is None else roles


def _state(handoff: HandOff, move: str) -> Verdict:
    if handoff.state in moves.HANDOFF_MOVES[move].sources:
        return ALLOWED
    return denied(
        f"This record is {handoff.get_state_display()}. Load the page again to see where it stands.",
        code="wrong_state",
        status=409,
    )
