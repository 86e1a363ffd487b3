"""Who may change policies and grant exceptions; a no comes with its reasons.

| deed | who |
|---|---|
| change a policy | administrators |
| grant an exception | a sponsor or risk officer of the project who is neither its lead, nor asks for a decision now, nor is favoured |
| end an exception | who granted it, a sponsor or risk officer, the lead |
| read the report over all projects | managers, auditors, administrators |
An administrator sets the rules and grants no exception to them.
"""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import Project, Role
from lifecycle.projects.permits import roles_of
from lifecycle.signoff import moves
from lifecycle.signoff.models import Round, Waiver

GRANTING = frozenset({Role.SPONSOR.value, Role.RISK.value})
_WORKING = frozenset({project_moves.ACTIVE, project_moves.IN_USE})


def may_change_policy(actor: User) -> Verdict:
    """Whether `actor` may change who must say yes."""
    if not actor.is_active or not actor.is_administrator:
        return denied("Only administrators may change a policy. Ask one of them.")
    return ALLOWED


def may_grant(
    actor: User, project: Project, *, favoured: User | None = None, roles: frozenset[str] | None = None
) -> Verdict:
    """Whether `actor` may sign an exception in the project; `favoured`: who could then decide on their own work."""
    held = roles_of(actor, project) if roles is None else roles
    if not actor.is_active or not held & GRANTING:
        return denied(
            "Only a sponsor or a risk officer of the project may grant an exception; managing rights give no right to it."
        )
    if Role.LEAD in held:
        return denied("You lead this project, so somebody else grants its exceptions.", code="lead_cannot_grant")
    if project.state not in _WORKING:
        return denied(
            f"The project is {project.get_state_display()}; nothing is decided in it.",
            code="project_closed",
            status=409,
        )
    if favoured is not None and favoured.pk == actor.pk:
        return denied("Nobody grants an exception to themselves. Ask another sponsor.", code="own_waiver")
    if Round.objects.filter(project=project, requester=actor, state__in=moves.OPEN_STATES).exists():
        return denied(
            "You ask for a decision in this project now, so somebody else grants its exceptions.",
            code="requester_cannot_grant",
        )
    return ALLOWED


def may_end(actor: User, waiver: Waiver, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may end an exception before its day."""
    held = roles_of(actor, waiver.project) if roles is None else roles
    if actor.is_active and (waiver.granted_by_id == actor.pk or held & (GRANTING | {Role.LEAD.value})):
        return ALLOWED
    return denied("Only who granted it, a sponsor, a risk officer or the project lead may end an exception.")


def may_read_all(actor: User) -> Verdict:
    """Whether `actor` may read the report over all projects."""
    if actor.sees_all:
        return ALLOWED
    return denied(
        "Only managers, auditors and administrators read exceptions of all projects. Each project shows its own."
    )
