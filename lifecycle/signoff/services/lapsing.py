"""Approvals that end: the evidence changed, their time or a trigger came, or a condition was not met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from lifecycle.projects.models import Role, Stage, people_in
from lifecycle.signoff import moves
from lifecycle.signoff.manifest import Line
from lifecycle.signoff.models import Round

EndMove = Literal["go_stale", "expire", "revoke"]


@dataclass(frozen=True)
class _Words:
    """How an end is told and recorded."""

    verb: str
    notice: str
    subject: str
    first: str


_WORDS: dict[str, _Words] = {
    "go_stale": _Words(
        "approval_went_stale", "approval_stale", "Changed since it was approved", "no longer fits its evidence."
    ),
    "expire": _Words("approval_expired", "approval_expired", "The approval has expired", "has expired."),
    "revoke": _Words("approval_revoked", "approval_revoked", "The approval is revoked", "is revoked."),
}


@transaction.atomic
def end_approval(review: Round, *, move: EndMove, lines: list[Line], actor: User | None, then: str = "") -> bool:
    """End an approval and tell signers and leads what that means; False when it is no approval any more.

    `lines` say why; `then` what follows, where that is not that the lead may submit the stage again. A row that another deed holds is left to it: going back ends approvals itself, and what comes round
    looks again. So no deed waits here, and none of two that come at once ends it twice.
    """
    locked: Round | None = (
        Round.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=review.pk, state__in=moves.APPROVALS)
        .first()
    )
    if locked is None:
        return False
    words, before, later = _WORDS[move], locked.state, later_begun(review.stage)
    locked.apply(move)
    locked.lapsed_at = timezone.now()
    # Changed evidence is a list of what changed; an approval that time or a condition ended says what rests on it.
    locked.difference = lines if move == "go_stale" else [*lines, reason_line(effect_on(later), "effect")]
    locked.save(update_fields=["state", "lapsed_at", "difference"])
    tell(
        people=[*_signers(locked, later), *people_in(review.project, Role.LEAD)],
        kind=words.notice,
        subject=f"{words.subject}: {review.title}",
        body="\n".join(
            [
                f"The approval of {review.stage.name} in {review.project.name} {words.first}",
                *(said(line) for line in lines),
                *([then] if then else [effect_on(later), "The lead may submit the stage again."]),
            ]
        ),
        link=review.get_absolute_url(),
        actor=actor,
        project_id=review.project_id,
        event_key=f"{words.notice}:{review.pk}",
    )
    record(
        actor=None,
        verb=words.verb,
        thing=review,
        kind="round",
        project_id=review.project_id,
        before={"state": before},
        after={"state": locked.state, "difference": locked.difference, "later_stages": [stage.name for stage in later]},
    )
    review.state, review.lapsed_at, review.difference = locked.state, locked.lapsed_at, locked.difference
    return True


def make_stale(review: Round, lines: list[Line], *, actor: User | None, then: str = "") -> bool:
    """Mark an approval as changed since; see `end_approval`."""
    return end_approval(review, move="go_stale", lines=lines, actor=actor, then=then)


def later_begun(stage: Stage) -> list[Stage]:
    """Later stages of the present iteration that have begun: they rest on the approval of this one. One query."""
    return list(
        Stage.objects.filter(project_id=stage.project_id, is_current=True, order__gt=stage.order)
        .exclude(state=Stage.State.WAITING)
        .order_by("order")
    )


def effect_on(later: Sequence[Stage]) -> str:
    """What the end of an approval means for the stages after it, as a sentence."""
    if not later:
        return "No later stage has begun on it."
    names = [f"{stage.name} ({stage.get_state_display()})" for stage in later]
    if len(names) == 1:
        return f"A later stage has begun on it: {names[0]}. It stays open, and is marked until the approval is renewed."
    return (
        f"Later stages have begun on it: {', '.join(names[:-1])} and {names[-1]}. "
        "They stay open, and are marked until the approval is renewed."
    )


def said(line: Line) -> str:
    """A line of a difference as a sentence."""
    if line["kind"] == "gone":
        return f"{line['label']}: gone (was {line['was']})"
    if line["kind"] == "added":
        return f"{line['label']}: added ({line['now']})"
    if line["was"] or line["now"]:
        return f"{line['label']}: {line['was']}, now {line['now']}"
    return line["label"]


def reason_line(label: str, kind: str) -> Line:
    """A line that says why an approval ended; `kind`: returned, expired, trigger, condition or effect."""
    return {"label": label, "was": "", "now": "", "kind": kind}


def _signers(review: Round, later: Sequence[Stage]) -> list[User]:
    """Who signed this approval, and the approvals in force of stages that rest on it. One query."""
    rests = Round.objects.filter(stage__in=[stage.pk for stage in later], state__in=moves.APPROVALS)
    return list(
        User.objects.filter(
            pk__in=[
                *review.decisions.filter(stands=True).values_list("decider_id", flat=True),
                *rests.filter(decisions__stands=True).values_list("decisions__decider_id", flat=True),
            ]
        )
    )
