"""A sponsor, or who stands in for one, answers a proposal and signs the answer."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from explain.steering import moves
from explain.steering.models import Proposal
from explain.steering.permits import Signer, may_decide, seats_of, signers_of
from explain.steering.services.proposing import KIND
from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.refused import Refused
from lifecycle.projects.models import TEAM, Role, people_in
from lifecycle.projects.services.locks import lock_project
from lifecycle.projects.services.texts import sound_text
from lifecycle.signoff.models import Signature
from lifecycle.signoff.signing import write_signature

COMMENT_LIMIT = 2_000  # characters
MEANINGS = {moves.APPROVED: Signature.Meaning.APPROVED, moves.REJECTED: Signature.Meaning.REJECTED}


def decide_proposal(
    *,
    actor: User,
    proposal_id: int,
    verdict: str,
    content_hash: str,
    password: str,
    comment: str = "",
    code: str = "",
    on_behalf_of: int | None = None,
) -> Proposal:
    """Approve or reject, with a signature under the whole proposal and the report that it rests on.

    `verdict`: approve or reject; a rejection says why. `content_hash`: of the proposal as the signer read it.
    `on_behalf_of`: id of the sponsor in whose seat; None takes the actor's own if they have one. An approved stop stops
    nothing by itself. The proof is asked outside the transaction, so that failed tries stay counted. Raises Refused:
    verdict_unknown, empty, text_too_long, those of `prove_signer`, not_permitted, own_proposal, proposal_closed,
    project_closed, seat_unknown, proposal_changed, report_changed.
    """
    if verdict not in moves.VERDICTS:
        raise Refused(
            "The answer is to approve or to reject. Choose one of the two.",
            code="verdict_unknown", status=400, field="verdict",
        )  # fmt: skip
    words = sound_text(
        comment, limit=COMMENT_LIMIT, field="comment", what="The comment", may_be_empty=verdict == "approve"
    ).strip()
    may_decide(actor, Proposal.objects.select_related("project").get(pk=proposal_id)).demand()
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _decide(actor, proposal_id, moves.VERDICTS[verdict], content_hash, words, authenticated_by, on_behalf_of)


@transaction.atomic
def _decide(
    actor: User,
    proposal_id: int,
    state: str,
    content_hash: str,
    comment: str,
    authenticated_by: str,
    on_behalf_of: int | None,
) -> Proposal:
    proposal = held(proposal_id)
    signers = signers_of(proposal)
    may_decide(actor, proposal, signers=signers).demand()
    seat = _seat_of(actor, signers, on_behalf_of)
    if content_hash != proposal.content_hash:
        raise Refused(
            "What you read is not this proposal. Load its page again, read it, and sign then.", code="proposal_changed"
        )
    if not proposal.report.is_current or proposal.report.content_hash != proposal.report_hash:
        raise Refused(
            "A newer report came since this was proposed. Ask for a proposal on the newest one.", code="report_changed"
        )
    proposal.signature = write_signature(
        actor=actor,
        authenticated_by=authenticated_by,
        project=proposal.project,
        record_kind=KIND,
        record_id=proposal.pk,
        record_name=f"{proposal.project.name}: proposal {proposal.number} to {proposal.get_what_display()}",
        record_version=str(proposal.number),
        content_hash=proposal.content_hash,
        meaning=MEANINGS[state],
        role=str(Role.SPONSOR.label),
        comment=comment,
        on_behalf_of=None if seat.cover is None else seat.holder,
    )
    proposal.decider, proposal.state = actor, state
    proposal.closed_at, proposal.answer = timezone.now(), comment
    proposal.save(update_fields=["signature", "decider", "state", "closed_at", "answer"])
    tell(
        people={
            *people_in(proposal.project, *TEAM, Role.SPONSOR),
            proposal.proposed_by,
            *(one.person for one in signers),
        },
        kind="proposal_decided",
        subject=f"{proposal.project.name}: the proposal to {proposal.get_what_display()} is {proposal.get_state_display()}",
        body=f"{proposal.signature.printed_name} signed proposal {proposal.number}.",
        link=proposal.get_absolute_url(),
        actor=actor,
        project_id=proposal.project_id,
        comment=comment,
    )
    record(
        actor=actor,
        verb="decide_proposal",
        thing=proposal,
        kind=KIND,
        project_id=proposal.project_id,
        before={"state": moves.OPEN},
        after={
            "state": state,
            "what": proposal.what,
            "on_behalf_of": "" if seat.cover is None else seat.holder.name,
            "signature": proposal.signature.pk,
            "content_hash": proposal.content_hash,
        },
        reason=comment,
    )
    return proposal


def _seat_of(actor: User, signers: list[Signer], on_behalf_of: int | None) -> Signer:
    """The seat that the actor takes: the named one, or their best."""
    seats = seats_of(actor, signers)
    if on_behalf_of is not None:
        seats = [seat for seat in seats if seat.holder.pk == on_behalf_of]
    if not seats:
        raise Refused(
            "You do not stand in for this person here. Load the page again to see for whom you may answer.",
            code="seat_unknown",
            status=403,
            field="on_behalf_of",
        )
    return seats[0]


def held(proposal_id: int) -> Proposal:
    """The proposal as it is now, locked after its project."""
    lock_project(Proposal.objects.values_list("project_id", flat=True).get(pk=proposal_id))
    return (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("project", "proposed_by", "report")
        .defer("report__inputs", "report__result")
        .get(pk=proposal_id)
    )
