"""Who may submit, withdraw, decide and go back; a no comes with its reasons.

| deed | who |
|---|---|
| submit, go back | lead |
| withdraw | the requester, a lead |
| decide | holders of a role of the round's policy now, but neither the requester nor an author of the evidence |
Roles over all projects (manager, auditor, administrator) give no right here.
"""

from __future__ import annotations

from collections.abc import Iterable

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.projects.permits import roles_of
from lifecycle.signoff import moves, policy
from lifecycle.signoff.manifest import authors_of
from lifecycle.signoff.models import Round

_WORKING = frozenset({project_moves.ACTIVE, project_moves.IN_USE})
EVIDENCE_CHANGED = (
    "The evidence has changed since it was submitted, so it can no longer be decided as it stands. "
    "The lead withdraws this round and submits the stage again."
)


def may_submit(actor: User, stage: Stage, *, last: Round | None, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may put the stage to a decision. `last`: the newest round of this iteration."""
    held = roles_of(actor, stage.project) if roles is None else roles
    if Role.LEAD not in held or not actor.is_active:
        return denied("Only the project lead may submit a stage. Ask the lead.")
    if stage.project.state not in _WORKING:
        return denied(
            f"The project is {stage.project.get_state_display()}; its stages are no longer submitted.",
            code="project_closed",
            status=409,
        )
    if not stage.is_current:
        return denied(f"This is a former iteration of {stage.name}.", code="stage_state", status=409)
    if stage.state == project_moves.OPEN:
        return ALLOWED
    if stage.state == project_moves.APPROVED:
        if last is not None and last.state in moves.APPROVALS:
            return denied(
                f"{stage.name} is approved, and its evidence has not changed.", code="stage_state", status=409
            )
        return ALLOWED
    return denied(f"{stage.name} is {stage.get_state_display()}.", code="stage_state", status=409)


def may_withdraw(actor: User, review: Round, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may take the request back."""
    held = roles_of(actor, review.project) if roles is None else roles
    if not actor.is_active or not (Role.LEAD in held or (held and review.requester_id == actor.pk)):
        return denied("Only who asked, or the project lead, may withdraw a round.")
    if not review.is_open:
        return denied(f"This round is {review.get_state_display()}.", code="round_closed", status=409)
    return ALLOWED


def may_go_back(actor: User, stage: Stage, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may take the project from `stage` to an earlier one."""
    held = roles_of(actor, stage.project) if roles is None else roles
    if Role.LEAD not in held or not actor.is_active:
        return denied("Only the project lead may take the project back to an earlier stage. Ask the lead.")
    if stage.project.state not in _WORKING:
        return denied(
            f"The project is {stage.project.get_state_display()} and goes nowhere.", code="project_closed", status=409
        )
    if not stage.is_current or stage.state == project_moves.WAITING:
        return denied("The project goes back from the stage it is in.", code="stage_state", status=409)
    return ALLOWED


def stands_apart(user_id: int, *, requester_id: int, authors: frozenset[int], rules: dict[str, object]) -> Verdict:
    """Four eyes: whether the person has no part in what is to be decided."""
    if user_id == requester_id and not rules.get("self_approval"):
        return denied("You asked for this decision, so somebody else takes it.", code="requester_cannot_decide")
    if user_id in authors and not rules.get("self_approval"):
        return denied("You wrote part of this evidence, so somebody else decides on it.", code="author_cannot_decide")
    return ALLOWED


def may_decide(actor: User, review: Round, *, roles: frozenset[str], has_answered: bool, has_changed: bool) -> Verdict:
    """Whether `actor` may answer the round; `roles`: theirs in the project now."""
    if not review.is_open:
        return denied(f"This round is closed: {review.get_state_display()}.", code="round_closed", status=409)
    if review.state not in moves.DECIDABLE:
        return denied(f"This round is {review.get_state_display()}.", code="round_state", status=409)
    if not actor.is_active or policy.eligible(review.policy, roles) is None:
        named = [str(Role(role).label) for role in policy.approver_roles(review.policy) if role in Role.values]
        who = " or ".join(named) if named else "nobody"
        return denied(f"This round is decided by: {who}. You do not hold that role in this project.")
    apart = stands_apart(
        actor.pk, requester_id=review.requester_id, authors=authors_of(review.manifest), rules=review.policy
    )
    if not apart:
        return apart
    if has_answered:
        return denied("You have answered this round already.", code="already_answered", status=409)
    if has_changed:
        return denied(EVIDENCE_CHANGED, code="evidence_changed", status=409)
    return ALLOWED


def deciders(
    *, rules: dict[str, object], requester_id: int, authors: frozenset[int], members: Iterable[Member]
) -> list[User]:
    """Active people among `members` (present ones, with their users) who may answer such a round."""
    roles: dict[int, set[str]] = {}
    people: dict[int, User] = {}
    for member in members:
        if member.left_at is None and member.user.is_active:
            roles.setdefault(member.user_id, set()).add(member.role)
            people[member.user_id] = member.user
    return [
        person
        for pk, person in people.items()
        if policy.eligible(rules, roles[pk]) is not None
        and stands_apart(pk, requester_id=requester_id, authors=authors, rules=rules)
    ]


def deciders_of(review: Round) -> list[User]:
    """Who may answer the round, by the members of now. One query."""
    return deciders(
        rules=review.policy,
        requester_id=review.requester_id,
        authors=authors_of(review.manifest),
        members=present_members(review.project),
    )


def present_members(project: Project) -> list[Member]:
    """Members who have not left, with their users. One query."""
    return list(Member.objects.filter(project=project, left_at__isnull=True).select_related("user"))
