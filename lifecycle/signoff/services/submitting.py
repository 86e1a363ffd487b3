"""Putting a stage to a decision, and taking the request back."""

from __future__ import annotations

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
from lifecycle.signoff import moves, policy
from lifecycle.signoff.manifest import authors_of, manifest_of
from lifecycle.signoff.models import Round
from lifecycle.signoff.permits import deciders, deciders_of, may_submit, may_withdraw, present_members

TITLE_LIMIT, COMMENT_LIMIT = 200, 20_000  # characters


@transaction.atomic
def submit_round(*, actor: User, stage: Stage, title: str, comment: str = "", due_on: date | None = None) -> Round:
    """Freeze the evidence of a stage and ask for a decision; the round that is open already, if there is one.

    `due_on` None: as many working days from today as the policy gives. An approved stage whose approval has lapsed
    may be submitted again; it stays approved meanwhile if later stages have begun.
    Raises Refused: not_permitted, stage_state, project_closed, title_missing, due_in_past, stage_incomplete,
    nobody_may_decide.
    """
    stage = lock_stage(stage)
    rounds = Round.objects.filter(stage=stage).order_by("-number")
    last: Round | None = rounds.first()
    if last is not None and last.is_open:
        # A second click, or a second lead: one request, once. It is shown to those who could take it back.
        may_withdraw(actor, last).demand()
        return last
    may_submit(actor, stage, last=last).demand()
    title, comment = title.strip(), comment.strip()
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
    today = timezone.localdate()
    rules = policy.standard_policy()
    if due_on is not None and due_on < today:
        raise Refused(
            "The date for the decision lies in the past. Choose today or a later day.",
            code="due_in_past",
            status=400,
            field="due_on",
        )
    missing = missing_for_submission(stage)
    if missing:
        raise Refused(
            f"{stage.name} is not complete: {len(missing)} {'things are' if len(missing) > 1 else 'thing is'} missing.",
            code="stage_incomplete",
            details=missing,
        )
    manifest, digest = manifest_of(stage)
    people = deciders(
        rules=rules, requester_id=actor.pk, authors=authors_of(manifest), members=present_members(stage.project)
    )
    if not people:
        raise Refused(
            "Nobody could decide this round: the project has no sponsor who neither asks for the decision nor wrote "
            "part of the evidence. Name such a sponsor, then submit again.",
            code="nobody_may_decide",
        )
    newest: int = Round.objects.filter(project=stage.project, stage__key=stage.key).aggregate(n=Max("number"))["n"] or 0
    review = Round(
        stage=stage,
        project=stage.project,
        number=newest + 1,
        title=title,
        comment=comment,
        requester=actor,
        submitted_at=timezone.now(),
        due_on=due_on or policy.due_after(rules, today),
        policy=rules,
        manifest=manifest,
        digest=digest,
    )
    review.apply("submit")
    review.apply("await_decision")
    review.save(force_insert=True)
    stage_to_review(stage)
    tell(
        people=people,
        kind="round_submitted",
        subject=f"Your decision is asked: {title}",
        body=f"{stage.project.name}, {stage.name}. {actor.name} asks for a decision by {day_text(review.due_on)}."
        + (f"\n\n{comment}" if comment else ""),
        link=review.get_absolute_url(),
        actor=actor,
        project_id=stage.project_id,
        event_key=f"round_submitted:{review.pk}",
    )
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
            "title": title,
            "digest": digest,
            "policy": rules["name"],
            "due_on": review.due_on.isoformat() if review.due_on else "",
            "may_decide": [person.name for person in people],
        },
        reason=comment,
    )
    return review


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
