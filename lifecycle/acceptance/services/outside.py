"""What a person from outside signs: a verdict, its withdrawal, the receipt of a hand-off or its return. Once for each link."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from foundation.web.refused import Refused
from lifecycle.acceptance import moves
from lifecycle.acceptance.models import Acceptance, HandOff, Invitation
from lifecycle.acceptance.services.codes import demand_open, demand_session
from lifecycle.acceptance.services.conditions import Condition, checked_conditions
from lifecycle.acceptance.services.deciding import bound_to, checked_verdict, conclude
from lifecycle.acceptance.services.handing import checked_reason as checked_return
from lifecycle.acceptance.services.handing import receipt_bound_to, receive, send_back_signed
from lifecycle.acceptance.services.holding import hold, hold_handoff
from lifecycle.acceptance.services.inviting import demand_outside, hold_invitation
from lifecycle.acceptance.services.withdrawing import checked_reason, take_back, withdrawal_bound_to
from lifecycle.signoff.models import Signature
from lifecycle.signoff.signing import write_outside_signature

AUTHENTICATED = "one-time code to e-mail address"


@transaction.atomic
def decide_outside(
    *,
    invitation_id: int,
    code_id: int,
    verdict: str,
    printed_name: str,
    digest: str,
    comment: str = "",
    conditions: Sequence[Condition] = (),
) -> Acceptance:
    """The verdict of an invited person whose address was confirmed by the code `code_id`.

    `digest`: the fingerprint of the offer that was read. Raises Refused: link_closed, session_over,
    printed_name_differs, signatory_in_team, signatory_has_account, wrong_state, and those of a customer's verdict.
    """
    words = checked_verdict(verdict, comment)
    kept = checked_conditions(verdict, conditions)
    invitation = _hold_signing(invitation_id, code_id, Invitation.Purpose.VERDICT, printed_name)
    acceptance = hold(invitation.acceptance_id)
    if acceptance.state not in moves.ACCEPTANCE_MOVES["accept"].sources:
        raise Refused(
            f"This acceptance is {acceptance.get_state_display()} already, so nothing was signed.", code="wrong_state"
        )

    def sign(said: str) -> Signature:
        return write_outside_signature(
            **bound_to(acceptance, verdict),
            role=_role(invitation),
            printed_name=invitation.name,
            authenticated_by=_authenticated(invitation),
            comment=said,
        )

    decided = conclude(
        acceptance=acceptance,
        verdict=verdict,
        digest=digest,
        comment=words,
        conditions=kept,
        sign=sign,
        actor=None,
        name=str(invitation),
        through=invitation,
    )
    _use(invitation, decided.signature)
    return decided


@transaction.atomic
def withdraw_outside(*, invitation_id: int, code_id: int, printed_name: str, reason: str) -> Acceptance:
    """Who signed the verdict through a link takes it back through another one."""
    words = checked_reason(reason)
    invitation = _hold_signing(invitation_id, code_id, Invitation.Purpose.WITHDRAWAL, printed_name)
    acceptance = hold(invitation.acceptance_id)

    def sign() -> Signature:
        return write_outside_signature(
            **withdrawal_bound_to(acceptance),
            role=_role(invitation),
            printed_name=invitation.name,
            authenticated_by=_authenticated(invitation),
            comment=words,
        )

    taken = take_back(
        acceptance=acceptance, reason=words, sign=sign, actor=None, name=str(invitation), through=invitation
    )
    _use(invitation, taken.withdrawal)
    return taken


@transaction.atomic
def receive_outside(*, invitation_id: int, code_id: int, printed_name: str, digest: str, comment: str = "") -> HandOff:
    """The invited receiver counter-signs the hand-off record. `digest`: of the record that was read."""
    invitation = _hold_signing(invitation_id, code_id, Invitation.Purpose.RECEIPT, printed_name)
    handoff = hold_handoff(invitation.handoff_id)

    def sign(said: str) -> Signature:
        return _sign_receipt(invitation, handoff, Signature.Meaning.RECEIVED, said)

    received = receive(
        handoff=handoff,
        digest=digest,
        comment=comment,
        sign=sign,
        actor=None,
        name=str(invitation),
        through=invitation,
    )
    _use(invitation, received.receiver_signature)
    return received


@transaction.atomic
def send_back_outside(*, invitation_id: int, code_id: int, printed_name: str, digest: str, reason: str) -> HandOff:
    """The invited receiver does not sign for it and says what is missing. The link has done its work by that, too.

    Signed with the meaning "rejected": nothing else would say who it was. Raises Refused: link_closed, session_over,
    printed_name_differs, wrong_state, digest_mismatch, empty, text_too_long.
    """
    words = checked_return(reason)
    invitation = _hold_signing(invitation_id, code_id, Invitation.Purpose.RECEIPT, printed_name)
    handoff = hold_handoff(invitation.handoff_id)

    def sign() -> Signature:
        return _sign_receipt(invitation, handoff, Signature.Meaning.REJECTED, words)

    returned = send_back_signed(
        handoff=handoff, digest=digest, reason=words, sign=sign, name=str(invitation), through=invitation
    )
    _use(invitation, returned.receiver_signature)
    return returned


def _sign_receipt(invitation: Invitation, handoff: HandOff, meaning: str, said: str) -> Signature:
    return write_outside_signature(
        **receipt_bound_to(handoff, meaning),
        role=f"receiver, {invitation.organisation}"[:60],
        printed_name=invitation.name,
        authenticated_by=_authenticated(invitation),
        comment=said,
    )


def _hold_signing(invitation_id: int, code_id: int, purpose: str, printed_name: str) -> Invitation:
    invitation = hold_invitation(invitation_id)
    demand_open(invitation)
    demand_session(invitation, code_id)
    if invitation.purpose != purpose:
        raise Refused("This link asks for another signature. Load the page again.", code="link_for_another_thing")
    if " ".join(printed_name.split()).casefold() != invitation.name.casefold():
        raise Refused(
            f"Type your name as it stands in the invitation: {invitation.name}. If it is misspelt there, ask who "
            "invited you for a new link.",
            code="printed_name_differs",
            status=400,
            field="printed_name",
        )
    # They may have joined the project, or got an account, since they were invited.
    demand_outside(invitation.project, invitation.email)
    return invitation


def _use(invitation: Invitation, signature: Signature | None) -> None:
    invitation.used_at, invitation.signature = timezone.now(), signature
    invitation.save(update_fields=["used_at", "signature"])


def _role(invitation: Invitation) -> str:
    return f"customer, {invitation.organisation}"[:60]


def _authenticated(invitation: Invitation) -> str:
    """Within the 60 characters of a signature: a long domain is cut, the person is still recognised."""
    return f"{AUTHENTICATED} {invitation.masked_email}"[:60]
