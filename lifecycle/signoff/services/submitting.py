"""Putting a stage to a decision, and taking the request back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import Refused
from lifecycle.projects.models import Stage
from lifecycle.projects.services import lock_project, lock_stage, missing_for_submission, move_stage
from lifecycle.signoff import moves
from lifecycle.signoff.days import add_working_days, due_after
from lifecycle.signoff.manifest import authors_of, manifest_of
from lifecycle.signoff.models import Round
from lifecycle.signoff.permits.rounds import (
    deciders_of,
    may_submit,
    may_withdraw,
    people_at,
    present_members,
    stands_apart,
)
from lifecycle.signoff.services.rules import rules_and_seats

TITLE_LIMIT, COMMENT_LIMIT, EMERGENCY_LIMIT = 200, 20_000, 2_000  # characters


@transaction.atomic
def submit_round(
    *, actor: User, stage: Stage, title: str, comment: str = "", due_on: date | None = None, emergency: str = ""
) -> Round:
    """Freeze the evidence of a stage and ask for a decision; the round that is open already, if there is one.

    `due_on` None: as many working days from today as the policy gives. An approved stage whose approval has lapsed
    may be submitted again; it stays approved meanwhile if later stages have begun. `emergency`: why it cannot wait; then
    the policy's short quorum decides on what is there, and a regular round must follow.
    Raises Refused: not_permitted, stage_state, project_closed, title_missing, due_in_past, stage_incomplete,
    nobody_may_decide, emergency_too_long, emergency_follows_emergency.
    """
    stage = lock_stage(stage)
    rounds = Round.objects.filter(stage=stage).order_by("-number")
    last: Round | None = rounds.first()
    if last is not None and last.is_open:
        # A second click, or a second lead: one request, once. It is shown to those who could take it back.
        may_withdraw(actor, last).demand()
        return last
    may_submit(actor, stage, last=last).demand()
    asked = _asked(title, comment, due_on, emergency)
    today = timezone.localdate()
    if asked.emergency and last is not None and last.emergency and last.state in moves.ONCE_APPROVED:
        raise Refused(
            "The last approval of this stage was an emergency's. One emergency is not followed by another: submit it as "
            "a regular round.",
            code="emergency_follows_emergency",
        )
    missing = missing_for_submission(stage)
    if missing and not asked.emergency:
        raise Refused(
            f"{stage.name} is not complete: {len(missing)} {'things are' if len(missing) > 1 else 'thing is'} missing.",
            code="stage_incomplete",
            details=missing,
        )
    manifest, digest = manifest_of(stage, missing=missing)
    rules, seats = rules_and_seats(stage, actor, manifest, today=today, emergency=bool(asked.emergency))
    review = Round(
        stage=stage,
        project=stage.project,
        number=_newest_number(stage) + 1,
        title=asked.title,
        comment=asked.comment,
        emergency=asked.emergency,
        requester=actor,
        submitted_at=timezone.now(),
        due_on=due_on or due_after(rules, today),
        policy=rules,
        manifest=manifest,
        digest=digest,
        authors=sorted(authors_of(manifest)),
    )
    review.apply("submit")
    advisers = _advisers(review) if rules.get("feedback") and not asked.emergency else []
    if advisers:
        review.apply("ask_feedback")
        review.feedback_until = add_working_days(today, int(rules["feedback"]))
    else:
        review.apply("await_decision")
    review.save(force_insert=True)
    stage_to_review(stage)
    tell_asked(review, people=advisers or people_at(seats), advice=bool(advisers))
    record(
        actor=actor,
        verb="submit_round",
        thing=review,
        kind="round",
        project_id=stage.project_id,
        after={
            "stage": stage.key,
            "iteration": stage.iteration,
            "number": review.number,
            "title": asked.title,
            "digest": digest,
            "policy": rules["name"],
            "emergency": asked.emergency,
            "due_on": review.due_on.isoformat() if review.due_on else "",
            "may_decide": [person.name for person in people_at(seats)],
        },
        reason=comment,
    )
    return review


@dataclass(frozen=True)
class _Request:
    """What is asked, tidied."""

    title: str
    comment: str
    emergency: str


def _asked(title: str, comment: str, due_on: date | None, emergency: str) -> _Request:
    title, comment, emergency = title.strip(), comment.strip(), emergency.strip()
    if not title or len(title) > TITLE_LIMIT:
        raise Refused(
            f"Write in one sentence what is asked, in at most {TITLE_LIMIT} characters.",
            code="title_missing",
            status=400,
            field="title",
        )
    if len(comment) > COMMENT_LIMIT:
        raise Refused(
            f"The comment is longer than {COMMENT_LIMIT} characters. Put the rest into a deliverable.",
            code="comment_too_long",
            status=400,
            field="comment",
        )
    if len(emergency) > EMERGENCY_LIMIT:
        raise Refused(
            f"Say in at most {EMERGENCY_LIMIT} characters why it cannot wait.",
            code="emergency_too_long",
            status=400,
            field="emergency",
        )
    if due_on is not None and due_on < timezone.localdate():
        raise Refused(
            "The date for the decision lies in the past. Choose today or a later day.",
            code="due_in_past",
            status=400,
            field="due_on",
        )
    return _Request(title, comment, emergency)


def _newest_number(stage: Stage) -> int:
    newest: int | None = Round.objects.filter(project_id=stage.project_id, stage__key=stage.key).aggregate(
        n=Max("number")
    )["n"]
    return newest or 0


def _advisers(review: Round) -> list[User]:
    """Present holders of a role that gives advice, who stand apart from the evidence."""
    roles = set(review.policy.get("advisers", []))
    authors = review.written_by
    return [
        member.user
        for member in present_members(review.project)
        if member.role in roles
        and member.user.is_active
        and stands_apart(member.user_id, requester_id=review.requester_id, authors=authors, rules={})
    ]


def tell_asked(review: Round, *, people: Iterable[User], advice: bool = False) -> None:
    """Tell those who are asked for a decision, or for advice before it, with the requester's comment."""
    asked = "advice" if advice else "a decision"
    until = review.feedback_until if advice else review.due_on
    urgent = f"\n\nIt is an emergency: {review.emergency}" if review.emergency else ""
    tell(
        people=people,
        kind="round_advice" if advice else "round_submitted",
        subject=f"Your {'advice' if advice else 'decision'} is asked: {review.title}",
        body=f"{review.project.name}, {review.stage.name}. {review.requester.name} asks for {asked} by "
        f"{day_text(until)}.{urgent}" + (f"\n\n{review.comment}" if review.comment else ""),
        link=review.get_absolute_url(),
        actor=review.requester,
        project_id=review.project_id,
        event_key=f"{'round_advice' if advice else 'round_submitted'}:{review.pk}",
    )


@transaction.atomic
def withdraw_round(*, actor: User, round_id: int, reason: str = "") -> Round:
    """Take a request back before it is decided; the stage is in work again. Twice changes nothing."""
    review = lock_round(round_id)
    if review.state == moves.WITHDRAWN:
        return review
    may_withdraw(actor, review).demand()
    close_withdrawn(review)
    stage_back_to_work(review.stage)
    tell(
        people=deciders_of(review),
        kind="round_withdrawn",
        subject=f"No decision is needed any more: {review.title}",
        body=f"{actor.name} withdrew the request." + (f" Reason: {reason}" if reason else ""),
        link=review.get_absolute_url(),
        actor=actor,
        project_id=review.project_id,
        event_key=f"round_withdrawn:{review.pk}",
    )
    record(
        actor=actor,
        verb="withdraw_round",
        thing=review,
        kind="round",
        project_id=review.project_id,
        before={"state": moves.AWAITING},
        after={"state": review.state},
        reason=reason,
    )
    return review


def lock_round(round_id: int) -> Round:
    """The round as it is now, locked after its project, with its stage locked too."""
    found = Round.objects.only("project_id", "stage_id").get(pk=round_id)
    project = lock_project(found.project_id)
    review: Round = Round.objects.select_for_update(of=("self",)).select_related("requester").get(pk=round_id)
    stage = Stage.objects.select_for_update().get(pk=found.stage_id)
    stage.project = project
    review.project, review.stage = project, stage
    return review


def close_withdrawn(review: Round) -> None:
    """Mark a locked round as withdrawn."""
    review.apply("withdraw")
    review.closed_at = timezone.now()
    review.save(update_fields=["state", "closed_at"])


def stage_to_review(stage: Stage) -> None:
    """The stage waits for the decision. An approved one that later stages build on stays approved."""
    if stage.state == Stage.State.APPROVED:
        if later_has_begun(stage):
            return
        stage = move_stage(stage=stage, move="reopen")
    move_stage(stage=stage, move="submit")


def stage_back_to_work(stage: Stage) -> None:
    """The stage is in work again after a round without a yes."""
    if stage.state == Stage.State.IN_REVIEW:
        move_stage(stage=stage, move="return")


def later_has_begun(stage: Stage) -> bool:
    """Whether a later stage of the present iteration has left its waiting state."""
    return (
        Stage.objects.filter(project_id=stage.project_id, is_current=True, order__gt=stage.order)
        .exclude(state=Stage.State.WAITING)
        .exists()
    )
