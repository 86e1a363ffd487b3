"""Who may give advice on a round, and settle it; a no comes with its reasons.

| deed | who |
|---|---|
| give | present members who neither asked nor wrote part of the evidence, while nobody has closed the round |
| settle | who gave it; a decider who goes on in spite of a major issue says why with their decision |
"""

from __future__ import annotations

from foundation.people.models import User
from foundation.web.refused import ALLOWED, Verdict, denied
from lifecycle.projects.permits import roles_of
from lifecycle.signoff import moves
from lifecycle.signoff.models import Feedback, Round

ADVISABLE = frozenset({moves.IN_FEEDBACK, moves.AWAITING})


def may_feedback(actor: User, review: Round, *, roles: frozenset[str] | None = None) -> Verdict:
    """Whether `actor` may give advice on the round; `roles`: theirs in the project now."""
    held = roles_of(actor, review.project) if roles is None else roles
    if not actor.is_active or not held:
        return denied("Only members of the project give advice on its rounds. Ask the lead to name you one.")
    if actor.pk == review.requester_id:
        return denied("You asked for this decision, so the advice comes from others.", code="requester_cannot_advise")
    if actor.pk in review.written_by:
        return denied("You wrote part of this evidence, so the advice comes from others.", code="author_cannot_advise")
    return _still_asked(review)


def may_settle(actor: User, given: Feedback) -> Verdict:
    """Whether `actor` may mark an issue as settled."""
    if not actor.is_active or given.author_id != actor.pk:
        return denied(
            "Only who raised an issue says that it is settled. Ask them; a decider may go on in spite of it and says why."
        )
    return _still_asked(given.round)


def _still_asked(review: Round) -> Verdict:
    if review.state in ADVISABLE:
        return ALLOWED
    return denied(
        f"This round is {review.get_state_display()}, so no more advice is taken.", code="round_closed", status=409
    )
