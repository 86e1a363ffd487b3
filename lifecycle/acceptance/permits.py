"""Who may do what with criteria and acceptances. The project lead never signs for the customer."""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance
from lifecycle.projects.models import Project, Role, Stage
from lifecycle.projects.permits import roles_of

JUDGES = frozenset({Role.LEAD, Role.CONTRIBUTOR, Role.REVIEWER, Role.CUSTOMER})
_READS_ONLY = "Auditors read everything and change nothing."


def first_stage_is_approved(project: Project) -> bool:
    """Whether the present iteration of the first stage is approved: from then on criteria need the sponsor."""
    first = Stage.objects.filter(project=project, is_current=True).order_by("order").first()
    return first is not None and first.state == Stage.State.APPROVED


def may_set_criteria(
    actor: User, project: Project, *, roles: frozenset[str] | None = None, agreed: bool | None = None
) -> Verdict:
    """Sponsor or lead while the first stage is open; afterwards the sponsor. `agreed`: that stage is approved."""
    held = _held(actor, project, roles)
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if not held & {Role.SPONSOR, Role.LEAD}:
        return denied("Criteria are set by the sponsor or the project lead. Ask one of them.")
    if project.state != Project.State.ACTIVE:
        return denied(
            f"The project is {project.get_state_display()}; its criteria stay as they are.",
            code="project_closed",
            status=409,
        )
    agreed = first_stage_is_approved(project) if agreed is None else agreed
    if agreed and Role.SPONSOR not in held:
        return denied(
            "The first stage is approved, and its criteria with it. Only the sponsor changes them now.",
            code="sponsor_needed",
        )
    return ALLOWED


def may_open(actor: User, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """The project lead prepares an acceptance."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.LEAD not in _held(actor, project, roles):
        return denied("The project lead prepares the acceptance. Ask the lead.")
    if project.state != Project.State.ACTIVE:
        return denied(
            f"The project is {project.get_state_display()}, so there is nothing to accept now.",
            code="project_closed",
            status=409,
        )
    return ALLOWED


def may_judge(actor: User, acceptance: Acceptance, *, roles: frozenset[str] | None = None) -> Verdict:
    """Team, reviewer and customer judge, while it is being prepared."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if not _held(actor, acceptance.project, roles) & JUDGES:
        return denied("Criteria are judged by the team, the independent reviewer or the customer.")
    return _state(acceptance, "offer", "It is no longer being prepared, so its results stay as they are.")


def may_offer(actor: User, acceptance: Acceptance, *, roles: frozenset[str] | None = None) -> Verdict:
    """The project lead offers it to the customer."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.LEAD not in _held(actor, acceptance.project, roles):
        return denied("The project lead offers the acceptance to the customer. Ask the lead.")
    return _state(acceptance, "offer", "It is not being prepared any more. Open a new one to offer it again.")


def may_withdraw(actor: User, acceptance: Acceptance, *, roles: frozenset[str] | None = None) -> Verdict:
    """The project lead takes it back until the customer has decided."""
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.LEAD not in _held(actor, acceptance.project, roles):
        return denied("The project lead takes an acceptance back. Ask the lead.")
    return _state(acceptance, "withdraw", "It is decided or withdrawn already, and stays as it is.")


def may_decide(actor: User, acceptance: Acceptance, *, roles: frozenset[str] | None = None) -> Verdict:
    """A customer of the project; never its lead, and never the person who offered it."""
    held = _held(actor, acceptance.project, roles)
    if actor.is_auditor:
        return denied(_READS_ONLY)
    if Role.CUSTOMER not in held:
        return denied("Only a customer of the project decides on its acceptance. Ask the lead to name one.")
    if Role.LEAD in held:
        return denied("The project lead cannot sign for the customer. Ask another customer.", code="lead_cannot_decide")
    if acceptance.offered_by_id == actor.pk:
        return denied("Who offered it cannot accept it. Ask another customer.", code="offerer_cannot_decide")
    return _state(acceptance, "accept", "It is not waiting for the customer now. Load the page again.")


def _held(actor: User, project: Project, roles: frozenset[str] | None) -> frozenset[str]:
    return roles_of(actor, project) if roles is None else roles


def _state(acceptance: Acceptance, move: str, why: str) -> Verdict:
    if acceptance.state in moves.ACCEPTANCE_MOVES[move].sources:
        return ALLOWED
    return denied(f"This acceptance is {acceptance.get_state_display()}. {why}", code="wrong_state", status=409)
