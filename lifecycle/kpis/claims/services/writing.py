"""What every deed on a claim does: lock, sign, keep the turn, tell the owners, write the entry."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from lifecycle.kpis.claims.models import ClaimEvent, KpiClaim
from lifecycle.kpis.claims.permits import OWNERS
from lifecycle.kpis.locking import locked_kpi
from lifecycle.projects.models import people_in

KIND = "claim"
State, Deed = KpiClaim.State, ClaimEvent.Deed


def locked_claim(claim_id: int) -> KpiClaim:
    """The claim, with its KPI and their project locked first: deeds on the claims of a KPI queue."""
    kpi = locked_kpi(KpiClaim.objects.values_list("kpi_id", flat=True).get(pk=claim_id))
    claim = KpiClaim.objects.select_for_update(of=("self",)).select_related("project").get(pk=claim_id)
    claim.kpi = kpi
    return claim


def excess(claim: KpiClaim) -> tuple[date, Decimal] | None:
    """The month in which the agreed claims and this one are most, and by how much more than the whole; None if they fit.

    Sums rise only where a claim begins.
    """
    others = list(KpiClaim.objects.filter(kpi_id=claim.kpi_id, state=State.AGREED).exclude(pk=claim.pk))
    months = {claim.from_month} | {
        other.from_month
        for other in others
        if other.from_month >= claim.from_month and (claim.until is None or other.from_month <= claim.until)
    }
    worst: tuple[date, Decimal] | None = None
    for month in sorted(months):
        held = [one.share for one in others if one.from_month <= month and (one.until is None or one.until >= month)]
        over = sum(held, claim.share) - 1
        if over > 0 and (worst is None or over > worst[1]):
            worst = month, over
    return worst


def sign(claim: KpiClaim, side: str, actor: User) -> None:
    """One side agrees, here and now; storing it is `keep_consent`."""
    setattr(claim, f"{side}_by", actor)
    setattr(claim, f"{side}_at", timezone.now())


def keep_consent(claim: KpiClaim, actor: User, note: str) -> None:
    """Store the consent; with both, the claim is agreed, or in dispute where it would be more than the whole."""
    if claim.has_both_consents:
        claim.state = State.DISPUTED if excess(claim) else State.AGREED
    claim.save(update_fields=["state", "claimant_by", "claimant_at", "keeper_by", "keeper_at"])
    turn(claim, Deed.CONSENTED, actor, timezone.now(), note)


def take_back(claim: KpiClaim, actor: User, reason: str) -> None:
    """Withdraw the claim, and keep the turn."""
    claim.state = State.WITHDRAWN
    claim.save(update_fields=["state"])
    turn(claim, Deed.WITHDRAWN, actor, timezone.now(), reason)


def turn(claim: KpiClaim, deed: str, actor: User, at: datetime, note: str) -> None:
    """Keep what happened to the claim, and what it is from then on."""
    ClaimEvent.objects.create(
        claim=claim, deed=deed, state=claim.state, counts=claim.counts, until=claim.until, by=actor, at=at,
        note=note[:300],
    )  # fmt: skip


def tell_owners(claim: KpiClaim, actor: User, subject: str, comment: str) -> None:
    """Those who answer for the two projects; a project's claim on its own KPI is news to nobody."""
    if claim.is_own and claim.state != State.DISPUTED:
        return
    people = {
        person.pk: person for project in (claim.project, claim.kpi.project) for person in people_in(project, *OWNERS)
    }
    ends = f" to {claim.until:%B %Y}" if claim.until else " on"
    tell(
        people=people.values(),
        kind="kpi_claim",
        subject=subject,
        body=f"{percent(claim.share)} of the change of {claim.kpi.name}, from {claim.from_month:%B %Y}{ends}.",
        link=f"{claim.kpi.get_absolute_url()}claims/",
        actor=actor,
        project_id=claim.kpi.project_id,
        why="You answer for one of the two projects.",
        comment=comment,
    )


def write_entry(claim: KpiClaim, verb: str, actor: User, before: dict[str, Any], reason: str) -> None:
    record(
        actor=actor, verb=verb, thing=claim, kind=KIND, project_id=claim.kpi.project_id, before=before,
        after=content(claim), reason=reason,
    )  # fmt: skip


def content(claim: KpiClaim) -> dict[str, Any]:
    return {
        "kpi": claim.kpi.key,
        "project": claim.project.key,
        "share": format(claim.share.normalize(), "f"),
        "from_month": claim.from_month.isoformat(),
        "until": claim.until.isoformat() if claim.until else None,
        "rule": str(claim.rule),
        "state": str(claim.state),
        "claimant": claim.claimant_by_id,
        "keeper": claim.keeper_by_id,
    }


def percent(share: Decimal) -> str:
    return f"{format((100 * share).normalize(), 'f')} %"
