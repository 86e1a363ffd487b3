"""Answer a claim: agree to it, dispute it, settle the dispute."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.claims import permits
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.permits import may_move, sides_of
from lifecycle.kpis.claims.services.writing import (
    Deed,
    State,
    content,
    excess,
    keep_consent,
    locked_claim,
    percent,
    sign,
    tell_owners,
    turn,
    write_entry,
)


@transaction.atomic
def consent_to_claim(*, actor: User, claim_id: int, note: str = "") -> KpiClaim:
    """Agree for the side for which the person answers. With both consents it is agreed, or disputed if it is too much.

    Raises Refused: not_permitted, claim_closed, claim_answered, four_eyes.
    """
    claim = locked_claim(claim_id)
    may_move(actor, permits.CONSENT, claim).demand()
    before = content(claim)
    sign(claim, permits.open_side(claim, sides_of(actor, claim)), actor)
    keep_consent(claim, actor, note)
    said = (
        "is in dispute: together the claims are more than the whole" if claim.state == State.DISPUTED else "is agreed"
    )
    if claim.state != State.PROPOSED:
        tell_owners(claim, actor, f"The claim of {claim.project.name} on {claim.kpi.name} {said}", note)
    write_entry(claim, "consent_to_claim", actor, before, note)
    return claim


@transaction.atomic
def dispute_claim(*, actor: User, claim_id: int, reason: str) -> KpiClaim:
    """Say that a claim is not right. One that both sides had agreed to goes on counting until it is settled.

    Raises Refused: not_permitted, claim_closed, claim_disputed, reason_missing.
    """
    claim = locked_claim(claim_id)
    may_move(actor, permits.DISPUTE, claim).demand()
    if not reason.strip():
        raise Refused(
            "Say why you dispute it. The other side has to be able to answer.",
            code="reason_missing", status=400, field="reason",
        )  # fmt: skip
    before = content(claim)
    claim.state = State.DISPUTED
    claim.save(update_fields=["state"])
    turn(claim, Deed.DISPUTED, actor, timezone.now(), reason)
    tell_owners(claim, actor, f"The claim of {claim.project.name} on {claim.kpi.name} is disputed", reason)
    write_entry(claim, "dispute_claim", actor, before, reason)
    return claim


@transaction.atomic
def settle_claim(*, actor: User, claim_id: int, note: str = "") -> KpiClaim:
    """End a dispute: the claim is agreed as it stands, if there is room for it, or open again if a consent is missing.

    Raises Refused: not_permitted, claim_closed, claim_answered, claims_exceed_whole.
    """
    claim = locked_claim(claim_id)
    may_move(actor, permits.SETTLE, claim).demand()
    before = content(claim)
    if claim.has_both_consents and (over := excess(claim)):
        raise Refused(
            f"Together with the other claims this would be {percent(1 + over[1])} in {over[0]:%B %Y}. "
            "End, withdraw or lower one of them first.",
            code="claims_exceed_whole",
        )
    claim.state = State.AGREED if claim.has_both_consents else State.PROPOSED
    claim.save(update_fields=["state"])
    turn(claim, Deed.SETTLED, actor, timezone.now(), note)
    tell_owners(claim, actor, f"The dispute about {claim.kpi.name} is settled", note)
    write_entry(claim, "settle_claim", actor, before, note)
    return claim
