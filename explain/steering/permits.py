"""Who may propose a course, answer it, and take it back.

| move | who |
|---|---|
| read | everybody who may read the project |
| propose | managers; the project's lead and sponsors; while the project is in progress or in use |
| decide | sponsors of the project, or who stands in for one and works not on the project; who proposed does not, on either
side of a standing-in; while the proposal is open and the project in progress or in use |
| withdraw | who proposed, while it is open; when their access has ended, whoever may propose |
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from explain.steering.models import Proposal
from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects.models import TEAM, Delegation, Member, Project, Role
from lifecycle.projects.permits import roles_of
from lifecycle.projects.standing_in import delegations_in_force

PROPOSERS = frozenset({Role.LEAD, Role.SPONSOR})
WORKING = (Project.State.ACTIVE, Project.State.IN_USE)
_GONE = denied("Your access has ended. Ask an administrator.", code="person_inactive")


def may_propose(actor: User, project: Project, *, roles: frozenset[str] | None = None) -> Verdict:
    """`roles`: the person's roles in the project where they are known; saves the one query."""
    if not actor.is_active:
        return _GONE
    held = roles_of(actor, project) if roles is None else roles
    if not actor.is_manager and not held.intersection(PROPOSERS):
        return denied(
            "Managers, the project lead and sponsors propose whether to stop, continue or expand. Ask one of them."
        )
    return _in_work(project)


@dataclass(frozen=True)
class Signer:
    """Who may answer a proposal, and in whose seat: their own where no `cover` says for whom they stand in."""

    person: User
    holder: User
    cover: Delegation | None = None


def signers_of(
    proposal: Proposal, *, members: Iterable[Member] | None = None, covers: Iterable[Delegation] | None = None
) -> list[Signer]:
    """Everybody who could answer, sponsors before who stands in for them (one hop), both by time. Reads what is not
    given: present members with their users, and covers in force today. Two queries at most.
    """
    if members is None:
        members = Member.objects.filter(project=proposal.project, left_at__isnull=True).select_related("user")
    rows = sorted(members, key=lambda row: row.pk)
    if covers is None:
        covers = delegations_in_force(proposal.project, timezone.localdate())
    sponsors = {
        row.user_id: row.user
        for row in rows
        if row.role == Role.SPONSOR and row.user.is_active and row.user_id != proposal.proposed_by_id
    }
    # Who works on the project stands in for nobody who judges it, as in sign-off.
    barred = {row.user_id for row in rows if row.role in TEAM} | {proposal.proposed_by_id}
    return [Signer(person, person) for person in sponsors.values()] + [
        Signer(cover.to_person, sponsors[cover.from_person_id], cover)
        for cover in covers
        if cover.from_person_id in sponsors
        and cover.role in ("", Role.SPONSOR)
        and cover.to_person.is_active
        and cover.to_person_id not in barred
    ]


def seats_of(actor: User, signers: Iterable[Signer]) -> list[Signer]:
    """The seats that the person may take, their own first, each holder once."""
    found: dict[int, Signer] = {}
    for signer in signers:
        if signer.person.pk == actor.pk:
            found.setdefault(signer.holder.pk, signer)
    return list(found.values())


def may_decide(actor: User, proposal: Proposal, *, signers: Iterable[Signer] | None = None) -> Verdict:
    """`signers`: those of `signers_of` where they are known; saves its queries."""
    if not actor.is_active:
        return _GONE
    if proposal.proposed_by_id == actor.pk:
        return denied("You proposed this yourself, so somebody else answers it.", code="own_proposal")
    if not seats_of(actor, signers_of(proposal) if signers is None else signers):
        return denied(
            "Only a sponsor of the project, or who stands in for one and works not on the project, answers a proposal. "
            "Ask one of them."
        )
    return _is_open(proposal) and _in_work(proposal.project)


def may_withdraw(actor: User, proposal: Proposal, *, roles: frozenset[str] | None = None) -> Verdict:
    """`roles` as in `may_propose`. A proposal can be taken back in a stopped project too."""
    if not actor.is_active:
        return _GONE
    if proposal.proposed_by_id != actor.pk:
        if proposal.proposed_by.is_active:
            return denied(f"{proposal.proposed_by.name} proposed this, and takes it back themselves. Ask them.")
        held = roles_of(actor, proposal.project) if roles is None else roles
        if not actor.is_manager and not held.intersection(PROPOSERS):
            return denied("Who proposed this is gone. Managers, the project lead and sponsors may take it back.")
    return _is_open(proposal)


def _is_open(proposal: Proposal) -> Verdict:
    if proposal.is_open:
        return ALLOWED
    return denied(
        f"The proposal is {proposal.get_state_display()} already, and stays as it is.",
        code="proposal_closed",
        status=409,
    )


def _in_work(project: Project) -> Verdict:
    if project.state in WORKING:
        return ALLOWED
    return denied(
        f"The project is {project.get_state_display()} and can only be read.", code="project_closed", status=409
    )
