"""A signature given by mistake: answered by a new one that takes it back."""

from __future__ import annotations

from django.db import transaction

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.refused import Refused
from lifecycle.projects.models import TEAM, people_in
from lifecycle.signoff.models import Decision, Signature
from lifecycle.signoff.permits.rounds import may_withdraw_decision
from lifecycle.signoff.services.conditions import drop_with_decision
from lifecycle.signoff.services.lapsing import end_approval
from lifecycle.signoff.services.stuck import tell_if_stuck
from lifecycle.signoff.services.submitting import lock_round
from lifecycle.signoff.signing import write_signature

REASON_LIMIT = 20_000  # characters


def withdraw_decision(*, actor: User, decision_id: int, reason: str, password: str, code: str = "") -> Decision:
    """Take back one's own signature. In an open round the seat is free again; an approval is revoked by it.

    Raises Refused: reason_missing, those of `prove_signer`, not_permitted, already_withdrawn, round_closed.
    """
    reason = reason.strip()
    if not reason or len(reason) > REASON_LIMIT:
        raise Refused(
            f"Say why you take your signature back, in at most {REASON_LIMIT} characters.",
            code="reason_missing",
            status=400,
            field="reason",
        )
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _withdraw(actor=actor, decision_id=decision_id, reason=reason, authenticated_by=authenticated_by)


@transaction.atomic
def _withdraw(*, actor: User, decision_id: int, reason: str, authenticated_by: str) -> Decision:
    review = lock_round(Decision.objects.values_list("round_id", flat=True).get(pk=decision_id))
    decision = (
        Decision.objects.select_for_update(of=("self",)).select_related("holder", "signature").get(pk=decision_id)
    )
    decision.round = review
    may_withdraw_decision(actor, decision).demand()
    given = decision.signature
    decision.withdrawal = write_signature(
        actor=actor,
        authenticated_by=authenticated_by,
        project=review.project,
        record_kind="round",
        record_id=review.pk,
        record_name=given.record_name,
        record_version=given.record_version,
        content_hash=review.digest,
        meaning=Signature.Meaning.WITHDRAWN,
        role=given.role,
        comment=reason,
        on_behalf_of=decision.holder if decision.on_behalf_of_id else None,
    )
    decision.stands = False
    decision.save(update_fields=["stands", "withdrawal"])
    drop_with_decision(decision, actor=actor)
    line = f"{actor.name} took their signature back: {reason}"
    if not review.is_open:
        end_approval(
            review, move="revoke", lines=[{"label": line, "was": "", "now": "", "kind": "returned"}], actor=actor
        )
    else:
        # The seat of somebody who has left since is nobody's.
        tell_if_stuck(review)
    tell(
        people=[review.requester, *people_in(review.project, *TEAM)],
        kind="signature_withdrawn",
        subject=f"A signature was taken back: {review.title}",
        body=f"{line}\n\n" + ("The seat is free again." if review.is_open else "The approval is revoked."),
        link=review.get_absolute_url(),
        actor=actor,
        project_id=review.project_id,
        event_key=f"signature_withdrawn:{decision.pk}",
    )
    record(
        actor=actor,
        verb="withdraw_decision",
        thing=review,
        kind="round",
        project_id=review.project_id,
        before={"verdict": decision.verdict, "signature": decision.signature_id},
        after={"state": review.state, "signature": decision.withdrawal.pk},
        reason=reason,
    )
    return decision
