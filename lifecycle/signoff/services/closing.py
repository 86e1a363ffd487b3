"""What an answer does to its round, its stage and the approvals before it."""

from __future__ import annotations

from django.utils import timezone

from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.nouns import house_noun
from lifecycle.projects.models import TEAM, Stage, people_in
from lifecycle.projects.services import move_stage, open_next_stage
from lifecycle.signoff import moves, policy
from lifecycle.signoff.days import add_months, add_working_days
from lifecycle.signoff.manifest import Line
from lifecycle.signoff.models import Decision, Round
from lifecycle.signoff.permits.rounds import deciders_of, table_of
from lifecycle.signoff.services.lapsing import end_approval
from lifecycle.signoff.services.stuck import tell_if_stuck
from lifecycle.signoff.services.submitting import stage_back_to_work

_SAID = {
    Decision.Verdict.APPROVE: "Approved",
    Decision.Verdict.CONDITIONS: "Approved with conditions",
    Decision.Verdict.CHANGES: "Not yet",
    Decision.Verdict.REJECT: "Rejected",
}


def close_if_decided(review: Round, decision: Decision, *, actor: User) -> Stage | None:
    """Move a locked round and its stage as the answers say; the stage that opened, if one did.

    One no closes the round. A yes closes it when the quorum is met; else the round waits on for the other seats.
    """
    if decision.verdict in policy.YES:
        if not table_of(review).is_met:
            # Who has two roles, or stands in, may have been needed in the other seat.
            tell_if_stuck(review)
            return None
        return _approve(review)
    _send_back(review, decision, actor=actor)
    return None


def _approve(review: Round) -> Stage | None:
    conditional = review.decisions.filter(stands=True, verdict=Decision.Verdict.CONDITIONS).exists()
    review.apply("approve_with_conditions" if conditional else "approve")
    review.closed_at = timezone.now()
    today = timezone.localdate()
    if review.emergency:
        review.expires_on = add_working_days(today, int(review.policy.get("emergency_days", 10)))
    elif review.policy.get("months"):
        review.expires_on = add_months(today, int(review.policy["months"]))
    review.save(update_fields=["state", "closed_at", "expires_on"])
    if review.stage.state == Stage.State.IN_REVIEW:
        stage = move_stage(stage=review.stage, move="approve")
        return open_next_stage(project=review.project, after=stage)
    return None


def _send_back(review: Round, decision: Decision, *, actor: User) -> None:
    review.apply(str(decision.verdict))
    review.closed_at = timezone.now()
    review.save(update_fields=["state", "closed_at", "returned_to"])
    # Who approved in an emergency did so until the regular round: its no ends that approval.
    line: Line = {
        "label": f"Round {review.number}: {_SAID[Decision.Verdict(decision.verdict)].lower()}",
        "was": "",
        "now": "",
        "kind": "returned",
    }
    held = Round.objects.filter(stage=review.stage, state__in=moves.APPROVALS).exclude(emergency="")
    for former in held.select_related("stage", "project", "requester"):
        end_approval(former, move="revoke", lines=[line], actor=actor)
    stage_back_to_work(review.stage)


def tell_result(actor: User, review: Round, decision: Decision, next_stage: Stage | None) -> None:
    """Tell the requester and the team what was said and what follows; the other seats when none is needed any more."""
    verdict = Decision.Verdict(decision.verdict)
    back = review.returned_to.name if review.returned_to else review.requester.name
    if verdict in policy.YES:
        if review.is_open:
            after = "Others are still to answer."
        else:
            after = f"{next_stage.name} is open." if next_stage else f"{review.stage.name} is approved."
    elif verdict == Decision.Verdict.CHANGES:
        after = f"The stage is in work again, with {back}; submit it anew when the points are settled."
    else:
        after = (
            f"The stage is in work again, with {back}. Open {house_noun().a} before more is spent: "
            f"/projects/{review.project.key}/post-mortems/new/"
        )
    who = f"{actor.name} for {decision.holder.name}" if decision.on_behalf_of_id else actor.name
    told = [review.requester, *people_in(review.project, *TEAM)]
    if review.returned_to is not None:
        told.append(review.returned_to)
    if decision.on_behalf_of_id:
        told.append(decision.holder)
    tell(
        people=told,
        kind="round_decided",
        # One yes of several approves nothing yet.
        subject=f"{who} says yes: {review.title}" if review.is_open else f"{_SAID[verdict]}: {review.title}",
        body="\n\n".join(part for part in (f"{who} decided.", decision.reason, after) if part),
        link=review.get_absolute_url(),
        actor=actor,
        project_id=review.project_id,
        event_key=f"round_decided:{review.pk}:{decision.pk}",
    )
    if not review.is_open:
        tell(
            people=deciders_of(review),
            kind="round_closed",
            subject=f"No answer is needed any more: {review.title}",
            body=f"The round has ended: {review.get_state_display()}.",
            link=review.get_absolute_url(),
            actor=actor,
            project_id=review.project_id,
            event_key=f"round_closed:{review.pk}",
        )
