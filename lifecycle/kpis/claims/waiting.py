"""Claims that wait for a person's consent."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.permits import CLAIMANT, CONSENT, KEEPER, OWNERS, may_move
from lifecycle.projects.models import Member


def unanswered(user: User) -> QuerySet[KpiClaim]:
    """Proposals that lack the word of a side for which the person answers."""
    owned = _answering(user).values("project")
    return KpiClaim.objects.filter(state=KpiClaim.State.PROPOSED).filter(
        Q(project__in=owned, claimant_by=None) | Q(kpi__project__in=owned, keeper_by=None)
    )


def waiting_claims(user: User) -> list[Waiting]:
    """Claims that wait for this person's consent; one query."""
    if not user.is_active or user.is_auditor:
        return []
    held = _answering(user)
    claims = (
        unanswered(user)
        .annotate(
            claims_it=Exists(held.filter(project=OuterRef("project"))),
            keeps_it=Exists(held.filter(project=OuterRef("kpi__project"))),
        )
        .select_related("project", "kpi__project", "proposed_by")
        .order_by("proposed_at")
    )
    return [
        Waiting(
            title=f"Agree to a claim on {claim.kpi.name}",
            why=f"{claim.proposed_by.name} proposes that {claim.project.name} counts {100 * claim.share:.0f} % of it.",
            link=f"{claim.kpi.get_absolute_url()}claims/",
            group="decisions",
            state="wait",
            word="claim",
            since=claim.proposed_at,
            project=claim.kpi.project.name,
        )
        for claim in claims
        if may_move(user, CONSENT, claim, sides=_sides(claim.claims_it, claim.keeps_it))
    ]


def _answering(user: User) -> QuerySet[Member]:
    return Member.objects.filter(user=user, role__in=OWNERS, left_at__isnull=True)


def _sides(claims_it: bool, keeps_it: bool) -> set[str]:
    return {side for side, held in ((CLAIMANT, claims_it), (KEEPER, keeps_it)) if held}
