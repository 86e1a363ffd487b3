"""Who may do what with a condition of an approval.

| deed | who |
|---|---|
| claim | its owner |
| send back, verify | its verifier, who is never the owner |
| move | its verifier, or somebody who decided the round, but not its owner |
| drop | somebody who decided the round, but not its owner |
Managing rights give none of these.
"""

from __future__ import annotations

from collections.abc import Collection

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects import moves as project_moves
from lifecycle.signoff import moves
from lifecycle.signoff.models import Condition

_WORKING = frozenset({project_moves.ACTIVE, project_moves.IN_USE})
DEEDS = ("claim", "send_back", "verify", "move", "drop")


def deciders_of_round(condition: Condition) -> frozenset[int]:
    """Ids of those whose answer to the round stands. One query."""
    return frozenset(condition.round.decisions.filter(stands=True).values_list("decider_id", flat=True))


def binds(condition: Condition) -> bool:
    """Whether the approval that the condition was set for was given, and the answer that set it stands."""
    return condition.decision.stands and condition.round.state in moves.APPROVALS | moves.LAPSED


def may(actor: User, deed: str, condition: Condition, *, deciders: Collection[int] | None = None) -> Verdict:
    """Whether `actor` may do one of DEEDS. The condition comes with its round, decision and project.

    `deciders`: ids of those who decided the round, where the caller has them already.
    """
    if not actor.is_active:
        return denied("Your access has ended. Ask an administrator.", code="person_inactive")
    allowed = _by_person(actor, deed, condition, deciders)
    if not allowed:
        return allowed
    if condition.project.state not in _WORKING:
        return denied(
            f"The project is {condition.project.get_state_display()} and can only be read.",
            code="project_closed",
            status=409,
        )
    if not binds(condition):
        return denied(
            "The approval that this condition belongs to was not given, so there is nothing to do about it.",
            code="condition_not_binding",
            status=409,
        )
    return _by_state(deed, condition)


def _by_person(actor: User, deed: str, condition: Condition, deciders: Collection[int] | None) -> Verdict:
    if deed == "claim":
        if actor.pk == condition.owner_id:
            return ALLOWED
        return denied(f"Only its owner, {condition.owner.name}, says that a condition is done.")
    if actor.pk == condition.owner_id:
        return denied("You own this condition, so somebody else judges it.", code="owner_cannot_verify")
    if deed in ("send_back", "verify"):
        if actor.pk == condition.verifier_id:
            return ALLOWED
        return denied(f"Only {condition.verifier.name} verifies this condition.")
    if deed == "move" and actor.pk == condition.verifier_id:
        return ALLOWED
    if actor.pk in (deciders_of_round(condition) if deciders is None else deciders):
        return ALLOWED
    if deed == "move":
        return denied("Only its verifier, or somebody who decided the round, moves a condition.")
    return denied("Only somebody who decided the round may take a condition back.")


def _by_state(deed: str, condition: Condition) -> Verdict:
    if not condition.is_open:
        return denied(
            f"This condition is closed: {condition.get_state_display()}.", code="condition_closed", status=409
        )
    if deed != "move" and condition.state not in moves.CONDITION_MOVES[deed].sources:
        return denied(
            "Its owner has said already that it is done; now it is verified."
            if deed == "claim"
            else "Its owner has not said yet that it is done.",
            code="condition_state",
            status=409,
        )
    return ALLOWED
