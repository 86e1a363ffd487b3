"""Whether the approval of a stage holds now: the one answer for pages and for machines."""

from __future__ import annotations

from dataclasses import dataclass

from lifecycle.projects.models import Stage
from lifecycle.signoff import clock, days, moves
from lifecycle.signoff.evidence import Item
from lifecycle.signoff.manifest import items_of, lapsed_items, present_hashes
from lifecycle.signoff.models import Round

_LAPSED_CODES = {
    moves.STALE: "approval_stale",
    moves.EXPIRED: "approval_expired",
    moves.REVOKED: "approval_revoked",
}
_LAPSED_WORDS = {
    moves.STALE: "what was approved has changed since",
    moves.EXPIRED: "the approval has expired",
    moves.REVOKED: "the approval was revoked",
}


@dataclass(frozen=True)
class Standing:
    """The approval of a stage: `review` is the round that decided it last.

    `code` is empty while the approval is in force; else it is stable, and `why` says in words what is wrong.
    """

    stage: Stage
    review: Round | None = None
    code: str = ""
    why: str = ""

    @property
    def is_in_force(self) -> bool:
        """Approved, and nothing has ended the approval."""
        return self.review is not None and not self.code

    @property
    def items(self) -> list[Item]:
        """The evidence that was decided on."""
        return items_of(self.review.manifest) if self.review is not None else []


def standing_of(stage: Stage) -> Standing:
    """The standing of an iteration of a stage. `stage.project` is read; a query for the round, one a kind of evidence.

    The last answer counts, not any approval: a later "not yet" ends an earlier yes. The evidence is hashed anew, so
    that an approval whose change nobody recorded does not pass either.
    """
    review: Round | None = (
        Round.objects.filter(stage=stage)
        .exclude(state__in=moves.OPEN_STATES | {moves.WITHDRAWN})
        .order_by("-number")
        .first()
    )
    if review is None or not stage.is_current:
        return Standing(stage, None, "stage_not_approved", "nobody has approved it")
    if review.state in moves.LAPSED:
        return Standing(stage, review, _LAPSED_CODES[review.state], _LAPSED_WORDS[review.state])
    if review.state not in moves.APPROVALS:
        said = f"the last answer was: {review.get_state_display()}"
        return Standing(stage, review, "stage_not_approved", said)
    today = days.today()
    # What the clock has ended is not in force, even where no scheduler has come round to it.
    if review.expires_on is not None and review.expires_on < today:
        return Standing(stage, review, _LAPSED_CODES[moves.EXPIRED], _LAPSED_WORDS[moves.EXPIRED])
    for condition in review.conditions.filter(state__in=moves.OPEN_CONDITIONS, decision__stands=True):
        if clock.phase_of(condition.due_on, condition.grace_days, today) == clock.Phase.LAPSED:
            return Standing(
                stage, review, "condition_overdue", f"a condition of the approval is overdue: {condition.text}"
            )
    items = items_of(review.manifest)
    if lapsed_items(items, present_hashes(stage.project, items)):
        return Standing(stage, review, _LAPSED_CODES[moves.STALE], _LAPSED_WORDS[moves.STALE])
    return Standing(stage, review)
