"""The one function that decides, for pages and API alike."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.people.services import confirm_password
from foundation.web.refused import Refused
from lifecycle.projects.models import TEAM, Role, Stage, people_in
from lifecycle.projects.permits import roles_of
from lifecycle.projects.services import move_stage, open_next_stage
from lifecycle.signoff import moves, policy
from lifecycle.signoff.manifest import items_of, lapsed_items, present_hashes
from lifecycle.signoff.models import Decision, Round, Signature
from lifecycle.signoff.permits import EVIDENCE_CHANGED, may_decide
from lifecycle.signoff.services.submitting import lock_round, stage_back_to_work
from lifecycle.signoff.signing import write_signature

# What can be answered now; conditions come with the findings that track them.
OFFERED = (Decision.Verdict.APPROVE, Decision.Verdict.CHANGES, Decision.Verdict.REJECT)
REASON_LIMIT = 20_000  # characters

_MEANING = {
    Decision.Verdict.APPROVE: Signature.Meaning.APPROVED,
    Decision.Verdict.CHANGES: Signature.Meaning.REVIEWED,
    Decision.Verdict.REJECT: Signature.Meaning.REJECTED,
}
_SAID = {
    Decision.Verdict.APPROVE: "Approved",
    Decision.Verdict.CHANGES: "Not yet",
    Decision.Verdict.REJECT: "Rejected",
}


def decide(*, actor: User, round_id: int, verdict: str, reason: str, password: str, digest: str) -> Decision:
    """Answer a round: check the password, lock, check everything else, write, move, tell, record.

    `verdict`: approve, request_changes or reject; a no needs a `reason`. `digest`: the fingerprint that the person saw.
    Raises Refused: verdict_unknown, reason_missing, password_wrong, password_locked, round_closed, not_permitted,
    requester_cannot_decide, author_cannot_decide, already_answered, digest_mismatch, evidence_changed.
    The password is checked outside the transaction: a failed try stays counted.
    """
    if verdict not in OFFERED:
        raise Refused(
            f"{verdict!r} is no answer here. Use one of: {', '.join(OFFERED)}.",
            code="verdict_unknown",
            status=400,
            field="verdict",
        )
    reason = reason.strip()
    if verdict != Decision.Verdict.APPROVE and not reason:
        raise Refused("Say why: the team works from your reason.", code="reason_missing", status=400, field="reason")
    if len(reason) > REASON_LIMIT:
        raise Refused(
            f"The reason is longer than {REASON_LIMIT} characters. Shorten it.",
            code="reason_too_long",
            status=400,
            field="reason",
        )
    confirm_password(actor=actor, password=password)
    return _decide(actor=actor, round_id=round_id, verdict=Decision.Verdict(verdict), reason=reason, digest=digest)


@transaction.atomic
def _decide(*, actor: User, round_id: int, verdict: Decision.Verdict, reason: str, digest: str) -> Decision:
    review = lock_round(round_id)
    roles = roles_of(actor, review.project)
    may_decide(
        actor,
        review,
        roles=roles,
        has_answered=review.decisions.filter(decider=actor).exists(),
        has_changed=_has_changed(review),
    ).demand()
    if digest != review.digest:
        raise Refused(
            "The fingerprint that you saw is not that of this round. Load the page again and read what is submitted now.",
            code="digest_mismatch",
            field="digest",
        )
    role = policy.eligible(review.policy, roles) or ""
    role_name = str(Role(role).label)
    signature = write_signature(
        actor=actor,
        project=review.project,
        record_kind="round",
        record_id=review.pk,
        record_name=f"{review.project.name}: {review.stage.name}",
        record_version=str(review.number),
        content_hash=review.digest,
        meaning=_MEANING[verdict],
        role=role_name,
        comment=reason,
    )
    decision = Decision.objects.create(
        round=review,
        decider=actor,
        role=role,
        verdict=verdict,
        reason=reason,
        digest=review.digest,
        signature=signature,
    )
    next_stage = _close(review, verdict)
    _tell_result(actor, review, verdict, reason, next_stage)
    record(
        actor=actor,
        verb="decide_round",
        thing=review,
        kind="round",
        project_id=review.project_id,
        before={"state": moves.AWAITING},
        after={
            "state": review.state,
            "verdict": str(verdict),
            "role": role_name,
            "digest": review.digest,
            "signature": signature.pk,
            "next_stage": next_stage.key if next_stage else "",
        },
        reason=reason,
    )
    # Entries queue at the end of the chain: a change of evidence that was recorded while this deed ran is seen now,
    # and one that is recorded later finds the approval in place and makes it stale. None slips between.
    if _has_changed(review):
        raise Refused(EVIDENCE_CHANGED, code="evidence_changed")
    return decision


def _has_changed(review: Round) -> bool:
    items = items_of(review.manifest)
    return bool(lapsed_items(items, present_hashes(review.project, items)))


def _close(review: Round, verdict: Decision.Verdict) -> Stage | None:
    """Move round and stage as the answers say; the stage that opened, if one did."""
    if verdict == Decision.Verdict.APPROVE:
        answers = [policy.Answer(role, said) for role, said in review.decisions.values_list("role", "verdict")]
        if not policy.is_met(review.policy, answers):
            return None
    review.apply(str(verdict))
    review.closed_at = timezone.now()
    review.save(update_fields=["state", "closed_at"])
    stage = review.stage
    if verdict != Decision.Verdict.APPROVE:
        stage_back_to_work(stage)
        return None
    if stage.state == Stage.State.IN_REVIEW:
        stage = move_stage(stage=stage, move="approve")
        return open_next_stage(project=review.project, after=stage)
    return None


def _tell_result(actor: User, review: Round, verdict: Decision.Verdict, reason: str, next_stage: Stage | None) -> None:
    after = {
        Decision.Verdict.APPROVE: f"{next_stage.name} is open." if next_stage else f"{review.stage.name} is approved.",
        Decision.Verdict.CHANGES: "The stage is in work again; submit it anew when the points are settled.",
        Decision.Verdict.REJECT: "The stage is in work again. Open a post-mortem before more is spent: "
        f"/projects/{review.project.key}/post-mortems/new/",
    }
    tell(
        people=[review.requester, *people_in(review.project, *TEAM)],
        kind="round_decided",
        subject=f"{_SAID[verdict]}: {review.title}",
        body="\n\n".join(part for part in (f"{actor.name} decided.", reason, after[verdict]) if part),
        link=review.get_absolute_url(),
        actor=actor,
        project_id=review.project_id,
        event_key=f"round_decided:{review.pk}:{actor.pk}",
    )
