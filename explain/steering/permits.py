"""Who may propose a course, answer it, and take it back.

| move | who |
|---|---|
| read | everybody who may read the project |
| propose | managers; the project's lead and sponsors; while the project is in progress or in use |
| decide | sponsors of the project, but not who proposed; while the proposal is open and the project in progress or in use |
| withdraw | who proposed, while it is open; when their access has ended, whoever may propose |
"""

from __future__ import annotations

from explain.steering.models import Proposal
from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects.models import Project, Role
from lifecycle.projects.permits import roles_of

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


def may_decide(actor: User, proposal: Proposal, *, roles: frozenset[str] | None = None) -> Verdict:
    """`roles` as in `may_propose`."""
    if not actor.is_active:
        return _GONE
    held = roles_of(actor, proposal.project) if roles is None else roles
    if Role.SPONSOR not in held:
        return denied("Only a sponsor of the project answers a proposal. Ask one of them.")
    if proposal.proposed_by_id == actor.pk:
        return denied("You proposed this yourself. Another sponsor has to answer it.", code="own_proposal")
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
