"""Give a claim an end, or withdraw it."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.kpis.claims import permits
from lifecycle.kpis.claims.models import KpiClaim
from lifecycle.kpis.claims.permits import may_move
from lifecycle.kpis.claims.services.writing import (
    Deed,
    content,
    locked_claim,
    take_back,
    tell_owners,
    turn,
    write_entry,
)
from lifecycle.kpis.periods import aligned


@transaction.atomic
def end_claim(*, actor: User, claim_id: int, until: date, note: str = "") -> KpiClaim:
    """Let the claim count up to and with the month of `until`; months before stay as they are.

    Raises Refused: not_permitted, claim_closed, months_backward, end_not_earlier.
    """
    claim = locked_claim(claim_id)
    may_move(actor, permits.END, claim).demand()
    last = aligned(until, "month")
    if last < claim.from_month:
        raise Refused(
            f"The claim begins in {claim.from_month:%B %Y}. Choose that month or a later one, or withdraw the claim.",
            code="months_backward", status=400, field="until",
        )  # fmt: skip
    if claim.until is not None and last >= claim.until:
        raise Refused(
            f"The claim ends in {claim.until:%B %Y} already. An end can only be made earlier; for more, propose a claim.",
            code="end_not_earlier", status=400, field="until",
        )  # fmt: skip
    before = content(claim)
    claim.until = last
    claim.save(update_fields=["until"])
    turn(claim, Deed.ENDED, actor, timezone.now(), note)
    write_entry(claim, "end_claim", actor, before, note)
    return claim


@transaction.atomic
def withdraw_claim(*, actor: User, claim_id: int, reason: str = "") -> KpiClaim:
    """Take a claim back: new reports count none of it; reports as of earlier days still do.

    Raises Refused: not_permitted, claim_closed.
    """
    claim = locked_claim(claim_id)
    may_move(actor, permits.WITHDRAW, claim).demand()
    before = content(claim)
    take_back(claim, actor, reason)
    tell_owners(claim, actor, f"{claim.project.name} withdrew its claim on {claim.kpi.name}", reason)
    write_entry(claim, "withdraw_claim", actor, before, reason)
    return claim
