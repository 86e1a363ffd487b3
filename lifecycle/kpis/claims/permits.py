"""Who may propose, agree to, dispute, end and withdraw a claim."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.permits import RECORD, may, roles_of
from lifecycle.projects.models import Project, Role

# Those who answer for what a project counts as its own.
OWNERS = (Role.LEAD, Role.SPONSOR)
PROPOSE, CONSENT, DISPUTE, WITHDRAW, END, SETTLE = "propose", "consent", "dispute", "withdraw", "end", "settle"
MOVES = (CONSENT, DISPUTE, WITHDRAW, END, SETTLE)
CLAIMANT, KEEPER = "claimant", "keeper"


def may_propose(
    actor: User, kpi: Kpi, project: Project, *, roles: Collection[str] | None = None, sees: bool | None = None
) -> Verdict:
    """The team of the project that claims, on a KPI that the person can see; `roles` and `sees` save their queries."""
    allowed = may(actor, RECORD, project, roles=roles)
    if not allowed:
        return allowed
    if sees is None and not Project.objects.visible_to(actor).filter(pk=kpi.project_id).exists():
        return denied("You cannot see this KPI. Ask the lead of its project to add you.", status=404)
    if kpi.project.was_stopped:
        return denied(f"{kpi.project.name} was stopped, so nothing more is claimed on its KPIs.", status=409)
    return ALLOWED


def sides_of(actor: User, claim: KpiClaim) -> set[str]:
    """For which sides the person answers: the project that claims, the one to which the KPI belongs, or both."""
    return sides_by({project.pk: roles_of(actor, project) for project in (claim.project, claim.kpi.project)}, claim)


def sides_by(roles: Mapping[int, Collection[str]], claim: KpiClaim) -> set[str]:
    """The same from the person's roles by project id."""
    of_side = {CLAIMANT: claim.project_id, KEEPER: claim.kpi.project_id}
    return {side for side, project_id in of_side.items() if not set(roles.get(project_id, ())).isdisjoint(OWNERS)}


def open_side(claim: KpiClaim, sides: set[str]) -> str:
    """The side of these whose consent is missing, the claimant's first; "" where there is none."""
    if CLAIMANT in sides and claim.claimant_by_id is None:
        return CLAIMANT
    return KEEPER if KEEPER in sides and claim.keeper_by_id is None else ""


def may_move(actor: User, move: str, claim: KpiClaim, *, sides: set[str] | None = None) -> Verdict:
    """Whether the person may do the deed on the claim in its state; `sides` saves two queries when it is known."""
    if not actor.is_active or actor.is_auditor:
        return denied("Auditors read everything and change nothing. Ask the project lead.")
    sides = sides_of(actor, claim) if sides is None else sides
    if not sides:
        return denied(
            f"Only leads and sponsors of {claim.project.name} and of {claim.kpi.project.name} may do this. Ask one of them."
        )
    if claim.state == KpiClaim.State.WITHDRAWN:
        return denied("This claim is withdrawn and stays as it is. Propose a new one.", code="claim_closed", status=409)
    return _BY_MOVE[move](actor, claim, sides)


def _consent(actor: User, claim: KpiClaim, sides: set[str]) -> Verdict:
    if claim.state != KpiClaim.State.PROPOSED:
        return denied("Both sides have answered already. Load the page again.", code="claim_answered", status=409)
    side = open_side(claim, sides)
    if not side:
        return denied("Your side has agreed already. The other one answers next.", code="claim_answered", status=409)
    other = claim.keeper_by_id if side == CLAIMANT else claim.claimant_by_id
    if other == actor.pk and not claim.is_own:
        return denied(
            "You agreed for the other project, so somebody else has to agree for this one. Ask its sponsor.",
            code="four_eyes",
        )
    return ALLOWED


def _dispute(actor: User, claim: KpiClaim, sides: set[str]) -> Verdict:
    if claim.state == KpiClaim.State.DISPUTED:
        return denied("This claim is in dispute already.", code="claim_disputed", status=409)
    return ALLOWED


def _claimant_only(actor: User, claim: KpiClaim, sides: set[str]) -> Verdict:
    if CLAIMANT not in sides:
        return denied(f"{claim.project.name} claims this share, so its lead or sponsor ends or withdraws it. Ask them.")
    return ALLOWED


def _settle(actor: User, claim: KpiClaim, sides: set[str]) -> Verdict:
    if claim.state != KpiClaim.State.DISPUTED:
        return denied("There is no dispute to settle. Load the page again.", code="claim_answered", status=409)
    if KEEPER not in sides:
        return denied(
            f"The KPI belongs to {claim.kpi.project.name}. Its lead or sponsor settles the dispute. Ask them."
        )
    return ALLOWED


_BY_MOVE = {CONSENT: _consent, DISPUTE: _dispute, WITHDRAW: _claimant_only, END: _claimant_only, SETTLE: _settle}
