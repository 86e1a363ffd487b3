"""The one function that decides, for pages and API alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from foundation.audit.services import record
from foundation.people.models import User
from foundation.people.services import prove_signer
from foundation.web.refused import Refused
from lifecycle.projects.models import Member, Role
from lifecycle.projects.permits import roles_of
from lifecycle.signoff import moves, policy
from lifecycle.signoff.manifest import items_of, lapsed_items, present_hashes
from lifecycle.signoff.models import Decision, Round, Signature
from lifecycle.signoff.permits.rounds import EVIDENCE_CHANGED, may_decide, table_of
from lifecycle.signoff.seats import Seat, Table
from lifecycle.signoff.services.closing import close_if_decided, tell_result
from lifecycle.signoff.services.conditions import CheckedCondition, checked_conditions, write_conditions
from lifecycle.signoff.services.feedback import open_majors
from lifecycle.signoff.services.submitting import lock_round
from lifecycle.signoff.signing import write_signature

OFFERED = tuple(Decision.Verdict)
REASON_LIMIT = 20_000  # characters

_MEANING = {
    Decision.Verdict.APPROVE: Signature.Meaning.APPROVED,
    Decision.Verdict.CONDITIONS: Signature.Meaning.APPROVED,
    Decision.Verdict.CHANGES: Signature.Meaning.REVIEWED,
    Decision.Verdict.REJECT: Signature.Meaning.REJECTED,
}


@dataclass(frozen=True)
class _Given:
    """An answer as it came, checked as far as it can be without the round."""

    verdict: Decision.Verdict
    reason: str
    override: str
    digest: str
    on_behalf_of: int | None
    returned_to: int | None
    conditions: Sequence[Mapping[str, Any]] = field(default_factory=list)


def decide(
    *,
    actor: User,
    round_id: int,
    verdict: str,
    reason: str,
    password: str,
    digest: str,
    on_behalf_of: int | None = None,
    conditions: Sequence[Mapping[str, Any]] = (),
    override: str = "",
    returned_to: int | None = None,
    code: str = "",
) -> Decision:
    """Answer a round: check password and code, lock, check everything else, write, move, tell, record.

    `verdict`: approve, approve_with_conditions, request_changes or reject; a no needs a `reason` and goes to the person
    `returned_to` (id; the requester if None). `digest`: the fingerprint that the person saw. `on_behalf_of`: id of the
    person in whose seat; None takes the actor's own if they have one. `conditions`: rows of text, severity, owner_id,
    verifier_id, due_on. `override`: why an open major issue does not stop a yes.
    Raises Refused: verdict_unknown, reason_missing, reason_too_long, conditions_missing, conditions_unasked,
    condition_*, those of `prove_signer`, round_closed, round_state, not_permitted, requester_cannot_decide,
    author_cannot_decide, already_answered, seat_unknown, major_issue_open, person_unknown, digest_mismatch,
    evidence_changed.
    Password and code are checked outside the transaction: a failed try stays counted.
    """
    given = _checked(
        _Given(
            verdict=_verdict_of(verdict),
            reason=reason.strip(),
            override=override.strip(),
            digest=digest,
            on_behalf_of=on_behalf_of,
            returned_to=returned_to,
            conditions=list(conditions),
        )
    )
    authenticated_by = prove_signer(actor=actor, password=password, code=code)
    return _decide(actor=actor, round_id=round_id, given=given, authenticated_by=authenticated_by)


def _verdict_of(verdict: str) -> Decision.Verdict:
    if verdict not in OFFERED:
        raise Refused(
            f"{verdict!r} is no answer here. Use one of: {', '.join(OFFERED)}.",
            code="verdict_unknown",
            status=400,
            field="verdict",
        )
    return Decision.Verdict(verdict)


def _checked(given: _Given) -> _Given:
    if given.verdict not in policy.YES and not given.reason:
        raise Refused("Say why: the team works from your reason.", code="reason_missing", status=400, field="reason")
    for name, text in (("reason", given.reason), ("override", given.override)):
        if len(text) > REASON_LIMIT:
            raise Refused(
                f"The {name} is longer than {REASON_LIMIT} characters. Shorten it.",
                code="reason_too_long",
                status=400,
                field=name,
            )
    if given.verdict == Decision.Verdict.CONDITIONS and not given.conditions:
        raise Refused(
            "Name at least one condition: what must be done, by whom, until when.",
            code="conditions_missing",
            status=400,
            field="conditions",
        )
    if given.verdict != Decision.Verdict.CONDITIONS and given.conditions:
        raise Refused(
            "Conditions belong to an approval with conditions. Choose that answer, or leave them out.",
            code="conditions_unasked",
            status=400,
            field="conditions",
        )
    return given


@transaction.atomic
def _decide(*, actor: User, round_id: int, given: _Given, authenticated_by: str) -> Decision:
    review = lock_round(round_id)
    table = table_of(review)
    may_decide(
        actor, review, roles=roles_of(actor, review.project), table=table, has_changed=_has_changed(review)
    ).demand()
    if given.digest != review.digest:
        raise Refused(
            "The fingerprint that you saw is not that of this round. Load the page again and read what is submitted now.",
            code="digest_mismatch",
            field="digest",
        )
    seat = _seat_of(actor, table, given.on_behalf_of)
    _demand_no_major_issue(review, given)
    conditions = checked_conditions(given.conditions, project=review.project, decider=actor) if given.conditions else []
    review.returned_to = _person_to_return_to(review, given)
    decision = _write(actor, review, seat, given, conditions, authenticated_by)
    next_stage = close_if_decided(review, decision, actor=actor)
    tell_result(actor, review, decision, next_stage)
    record(
        actor=actor,
        verb="decide_round",
        thing=review,
        kind="round",
        project_id=review.project_id,
        before={"state": moves.AWAITING},
        after={
            "state": review.state,
            "verdict": str(given.verdict),
            "role": str(Role(seat.role).label),
            "on_behalf_of": "" if seat.is_own else decision.holder.name,
            "conditions": len(conditions),
            "override": given.override,
            "returned_to": review.returned_to.name if review.returned_to else "",
            "digest": review.digest,
            "signature": decision.signature_id,
            "next_stage": next_stage.key if next_stage else "",
        },
        reason=given.reason,
    )
    # Entries queue at the end of the chain: a change of evidence that was recorded while this deed ran is seen now,
    # and one that is recorded later finds the approval in place and makes it stale. None slips between.
    if _has_changed(review):
        raise Refused(EVIDENCE_CHANGED, code="evidence_changed")
    return decision


def _write(
    actor: User,
    review: Round,
    seat: Seat,
    given: _Given,
    conditions: Sequence[CheckedCondition],
    authenticated_by: str,
) -> Decision:
    holder = actor if seat.is_own else User.objects.get(pk=seat.holder)
    signature = write_signature(
        actor=actor,
        authenticated_by=authenticated_by,
        project=review.project,
        record_kind="round",
        record_id=review.pk,
        record_name=f"{review.project.name}: {review.stage.name}",
        record_version=str(review.number),
        content_hash=review.digest,
        meaning=_MEANING[given.verdict],
        role=str(Role(seat.role).label),
        comment=given.reason,
        on_behalf_of=None if seat.is_own else holder,
    )
    decision = Decision.objects.create(
        round=review,
        decider=actor,
        on_behalf_of=None if seat.is_own else holder,
        holder=holder,
        role=seat.role,
        verdict=given.verdict,
        reason=given.reason,
        override=given.override,
        digest=review.digest,
        signature=signature,
    )
    if conditions:
        write_conditions(decision, conditions)
    return decision


def _seat_of(actor: User, table: Table, on_behalf_of: int | None) -> Seat:
    """The seat that the actor takes: the named one, or their best."""
    seats = table.of(actor.pk)
    if on_behalf_of is not None:
        seats = tuple(seat for seat in seats if seat.holder == on_behalf_of)
    if not seats:
        raise Refused(
            "You do not stand in for this person in this round. Load the page again to see for whom you may answer.",
            code="seat_unknown",
            status=403,
            field="on_behalf_of",
        )
    return seats[0]


def _demand_no_major_issue(review: Round, given: _Given) -> None:
    if given.verdict not in policy.YES or given.override:
        return
    majors = open_majors(review)
    if majors:
        names = ", ".join(sorted({issue.author.name for issue in majors}))
        raise Refused(
            f"A major issue is open, raised by {names}. Let it be settled first, or say in writing why it does not stop "
            "the approval.",
            code="major_issue_open",
            field="override",
        )


def _person_to_return_to(review: Round, given: _Given) -> User | None:
    """To whom a no sends the work: somebody of the project now."""
    if given.verdict in policy.YES:
        return None
    if given.returned_to is None or given.returned_to == review.requester_id:
        return review.requester
    member = (
        Member.objects.filter(
            project=review.project, user=given.returned_to, left_at__isnull=True, user__is_active=True
        )
        .select_related("user")
        .first()
    )
    if member is None:
        raise Refused(
            "Send it back to somebody who is in the project now.",
            code="person_unknown",
            status=400,
            field="returned_to",
        )
    return member.user


def _has_changed(review: Round) -> bool:
    items = items_of(review.manifest)
    return bool(lapsed_items(items, present_hashes(review.project, items)))
