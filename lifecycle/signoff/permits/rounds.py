"""Who may submit, withdraw, decide and go back; a no comes with its reasons.

| deed | who |
|---|---|
| submit, go back | lead |
| withdraw | the requester, a lead |
| decide | holders of a role of the round's policy now, or who stands in for one and works not on the project; neither
the requester nor an author of the evidence, on either side of a standing-in |
| withdraw a decision | who gave it, while it counts |
Roles over all projects (manager, auditor, administrator) give no right here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils import timezone

from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import TEAM, Delegation, Member, Project, Role, Stage
from lifecycle.projects.permits import roles_of
from lifecycle.projects.standing_in import delegations_in_force
from lifecycle.signoff import moves, policy
from lifecycle.signoff.models import Decision, Round
from lifecycle.signoff.seats import Seat, Table, Taken

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
        # An emergency's approval holds for a time only: the regular round is asked for while it does.
        if last is not None and last.state in moves.APPROVALS and not last.emergency:
            return denied(
                f"{stage.name} is approved, and its evidence has not changed.", code="stage_state", status=409
            )
        return ALLOWED
    return denied(
        f"{stage.name} is {stage.get_state_display()}. A stage is submitted while it is in progress.",
        code="stage_state",
        status=409,
    )


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


def may_withdraw_decision(actor: User, decision: Decision) -> Verdict:
    """Whether `actor` may take back what they signed: only while it counts towards a round or an approval."""
    if not actor.is_active or decision.decider_id != actor.pk:
        return denied("Only who signed may take a signature back.")
    if not decision.stands:
        return denied("This signature was taken back already.", code="already_withdrawn", status=409)
    review = decision.round
    if review.is_open or (review.state in moves.APPROVALS and decision.verdict in policy.YES):
        return ALLOWED
    return denied(
        f"This round is {review.get_state_display()}; a signature in it changes nothing any more.",
        code="round_closed",
        status=409,
    )


def stands_apart(user_id: int, *, requester_id: int, authors: frozenset[int], rules: Mapping[str, Any]) -> Verdict:
    """Four eyes: whether the person has no part in what is to be decided."""
    if not policy.standing_apart(rules, user_id):
        return ALLOWED
    if user_id == requester_id:
        return denied("You asked for this decision, so somebody else takes it.", code="requester_cannot_decide")
    if user_id in authors:
        return denied("You wrote part of this evidence, so somebody else decides on it.", code="author_cannot_decide")
    return ALLOWED


def offered_seats(
    *,
    rules: Mapping[str, Any],
    requester_id: int,
    authors: frozenset[int],
    members: Sequence[Member],
    delegations: Iterable[Delegation] = (),
) -> tuple[Seat, ...]:
    """Every seat that somebody may take: their own, or one of a person for whom they stand in (one hop).

    `members`: present ones, with their users. Who works on the project stands in for nobody who judges it.
    """
    deciding = set(policy.approver_roles(rules))
    held = [
        member
        for member in members
        if member.role in deciding
        and member.left_at is None
        and member.user.is_active
        and stands_apart(member.user_id, requester_id=requester_id, authors=authors, rules=rules)
    ]
    team = {member.user_id for member in members if member.role in TEAM}
    seats = [Seat(member.user_id, member.user_id, member.role) for member in held]
    for delegation in delegations:
        stand_in = delegation.to_person
        if stand_in.pk in team or not stand_in.is_active:
            continue
        if not stands_apart(stand_in.pk, requester_id=requester_id, authors=authors, rules=rules):
            continue
        seats += [
            Seat(stand_in.pk, member.user_id, member.role)
            for member in held
            if member.user_id == delegation.from_person_id and delegation.role in ("", member.role)
        ]
    return tuple(dict.fromkeys(seats))


def table_of(
    review: Round,
    *,
    members: Sequence[Member] | None = None,
    delegations: Iterable[Delegation] | None = None,
    decisions: Iterable[Decision] | None = None,
) -> Table:
    """The seats of a round as they are now; reads what is not given (three queries at most)."""
    people = present_members(review.project) if members is None else members
    covers = delegations_in_force(review.project, timezone.localdate()) if delegations is None else delegations
    given = review.decisions.all() if decisions is None else decisions
    return Table(
        rules=review.policy,
        offered=offered_seats(
            rules=review.policy,
            requester_id=review.requester_id,
            authors=review.written_by,
            members=people,
            delegations=covers,
        ),
        taken=tuple(Taken(Seat(one.decider_id, one.holder_id, one.role), one.verdict) for one in given if one.stands),
    )


def may_decide(actor: User, review: Round, *, roles: frozenset[str], table: Table, has_changed: bool) -> Verdict:
    """Whether `actor` may answer the round; `roles`: theirs in the project now, `table`: its seats."""
    if not review.is_open:
        return denied(f"This round is closed: {review.get_state_display()}.", code="round_closed", status=409)
    if review.project.state not in _WORKING:
        return denied(
            f"The project is {review.project.get_state_display()}; nothing in it is decided any more.",
            code="project_closed",
            status=409,
        )
    if review.state == moves.IN_FEEDBACK:
        until = f" until {day_text(review.feedback_until)}" if review.feedback_until else ""
        return denied(f"Advice is gathered{until}; the decision comes after it.", code="round_state", status=409)
    if review.state not in moves.DECIDABLE:
        return denied(f"This round is {review.get_state_display()}.", code="round_state", status=409)
    if not actor.is_active:
        return denied("Your access has ended. Ask an administrator.", code="person_inactive")
    if any(one.seat.decider == actor.pk for one in table.taken):
        return denied("You have answered this round already.", code="already_answered", status=409)
    if not table.of(actor.pk):
        return _why_no_seat(actor, review, roles, table)
    if has_changed:
        return denied(EVIDENCE_CHANGED, code="evidence_changed", status=409)
    return ALLOWED


def _why_no_seat(actor: User, review: Round, roles: frozenset[str], table: Table) -> Verdict:
    offered = [seat for seat in table.offered if seat.decider == actor.pk]
    if offered:
        return denied(
            "Somebody has answered for this seat already, so it is not answered twice.",
            code="already_answered",
            status=409,
        )
    if policy.eligible(review.policy, roles) is not None:
        apart = stands_apart(actor.pk, requester_id=review.requester_id, authors=review.written_by, rules=review.policy)
        if not apart:
            return apart
    named = [str(Role(role).label) for role in policy.approver_roles(review.policy) if role in Role.values]
    if not named:
        return denied("Nobody may answer in this round: its policy names no role.")
    who = ", ".join(named[:-1]) + f" and {named[-1]}" if len(named) > 1 else named[0]
    return denied(
        f"This round is answered by: {who}. You hold no such role in this project, and stand in for nobody who does."
    )


def deciders_of(review: Round) -> list[User]:
    """Who may still answer the round, stand-ins with them. Four queries at most."""
    return people_at(table_of(review).free)


def people_at(seats: Iterable[Seat]) -> list[User]:
    """The people who could take these seats, each once. One query."""
    return list(User.objects.filter(pk__in={seat.decider for seat in seats}, is_active=True))


def present_members(project: Project) -> list[Member]:
    """Members who have not left, with their users. One query."""
    return list(Member.objects.filter(project=project, left_at__isnull=True).select_related("user"))
