"""What a reviewer answered, written once with the verdict."""

from __future__ import annotations

from collections.abc import Mapping

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.postmortems import reviewing
from lifecycle.postmortems.models import PostMortem, Review
from lifecycle.postmortems.reviewing import Answer


def checked(answers: Mapping[str, Answer] | None, *, all_needed: bool) -> reviewing.Answers:
    """The answers as they will be stored. Raises Refused `review_not_answered` with every fault."""
    given = answers or {}
    faults = reviewing.faults_in(given, all_needed=all_needed)
    if faults:
        raise Refused(
            "The questions of the review are not settled. Answer them, then send it again.",
            code="review_not_answered",
            status=400,
            field="answers",
            details=[f"{fault[:1].upper()}{fault[1:]}." for fault in faults],
        )
    return reviewing.kept(given)


def write_review(
    actor: User, postmortem: PostMortem, verdict: str, number: int, answers: reviewing.Answers, comment: str = ""
) -> Review:
    """One row. `number`: the version that was under review."""
    return Review.objects.create(
        postmortem=postmortem, number=number, reviewer=actor, verdict=verdict, answers=answers, comment=comment
    )
