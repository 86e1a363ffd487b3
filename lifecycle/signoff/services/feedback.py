"""Graded advice on a round, and the step from advice to the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from foundation.web.refused import Refused, Verdict
from lifecycle.projects.models import Member, Role, people_in
from lifecycle.projects.permits import roles_of
from lifecycle.projects.services.texts import sound_text
from lifecycle.signoff import moves
from lifecycle.signoff.models import Feedback, Round
from lifecycle.signoff.permits.feedback import may_feedback, may_settle
from lifecycle.signoff.permits.rounds import deciders_of, present_members
from lifecycle.signoff.services.submitting import lock_round

TEXT_LIMIT = 20_000  # characters


@dataclass(frozen=True)
class Advice:
    """Feedback as a page shows it. `counts`: it is the newest of its author."""

    given: Feedback
    counts: bool
    may_settle: Verdict

    @property
    def is_open(self) -> bool:
        """An issue that counts and that nobody settled."""
        return self.counts and self.given.grade != Feedback.Grade.FINE and self.given.settled_at is None


def advice_on(review: Round, actor: User) -> list[Advice]:
    """All feedback on a round, the newest first, as `actor` sees it. One query."""
    heard: set[int] = set()
    found = []
    for given in Feedback.objects.filter(round=review).select_related("author").order_by("-pk"):
        given.round = review
        found.append(Advice(given, given.author_id not in heard, may_settle(actor, given)))
        heard.add(given.author_id)
    return found


def open_majors(review: Round) -> list[Feedback]:
    """Major issues that block approval: the newest word of their author, and not settled. One query."""
    newest: dict[int, Feedback] = {}
    for given in Feedback.objects.filter(round=review).select_related("author").order_by("pk"):
        newest[given.author_id] = given
    return [given for given in newest.values() if given.blocks]


def advisers_of(review: Round, *, members: Sequence[Member] | None = None) -> list[User]:
    """Whose advice the policy asks for: present holders of its advising roles who stand apart. One query, or none with
    the present `members`."""
    asked = set(review.policy.get("advisers", []))
    apart = review.written_by | {review.requester_id}
    found = {
        member.user_id: member.user
        for member in (present_members(review.project) if members is None else members)
        if member.role in asked and member.user.is_active and member.user_id not in apart
    }
    return list(found.values())


@transaction.atomic
def give_feedback(*, actor: User, round_id: int, grade: str, text: str = "") -> Feedback:
    """Say how the evidence looks: fine, minor or major; an issue is described. The newest word of a person counts.

    When all advisers have spoken the round goes on to its decision at once.
    Raises Refused: not_permitted, requester_cannot_advise, author_cannot_advise, round_closed, grade_unknown, empty.
    """
    review = lock_round(round_id)
    roles = roles_of(actor, review.project)
    may_feedback(actor, review, roles=roles).demand()
    if grade not in Feedback.Grade.values:
        raise Refused(
            f"{grade!r} is no grade. Use one of: {', '.join(Feedback.Grade.values)}.",
            code="grade_unknown",
            status=400,
            field="grade",
        )
    said = sound_text(
        text, limit=TEXT_LIMIT, field="text", what="The issue", may_be_empty=grade == Feedback.Grade.FINE
    ).strip()
    former = Feedback.objects.filter(round=review, author=actor).order_by("-pk").first()
    if former is not None and (former.grade, former.text, former.settled_at) == (grade, said, None):
        return former  # a second click
    advising = [*review.policy.get("advisers", []), *Role.values]
    given = Feedback.objects.create(
        round=review, author=actor, role=next(role for role in advising if role in roles), grade=grade, text=said
    )
    people = [review.requester, *people_in(review.project, Role.LEAD)]
    if grade != Feedback.Grade.FINE:
        people += deciders_of(review)
    consequence = {
        Feedback.Grade.MAJOR: "It stops an approval until its author says that it is settled, or until a decider says why not.",
        Feedback.Grade.MINOR: "It stops nothing; those who decide see it.",
    }.get(Feedback.Grade(grade), "")
    tell(
        people=people,
        kind="feedback_given",
        subject=f"{given.get_grade_display().capitalize()}: {review.title}",
        body="\n\n".join(part for part in (f"{actor.name} looked at {review.stage.name}.", said, consequence) if part),
        link=review.get_absolute_url(),
        actor=actor,
        project_id=review.project_id,
        event_key=f"feedback_given:{given.pk}",
    )
    record(
        actor=actor,
        verb="give_feedback",
        thing=given,
        kind="feedback",
        name=str(review),
        project_id=review.project_id,
        before={"grade": former.grade} if former else {},
        after={"round": review.pk, "grade": grade, "role": given.role},
        reason=said,
    )
    asked = {person.pk for person in advisers_of(review)}
    heard = set(Feedback.objects.filter(round=review).values_list("author_id", flat=True))
    if review.state == moves.IN_FEEDBACK and asked and asked <= heard:
        begin_deciding(review)
    return given


@transaction.atomic
def settle_feedback(*, actor: User, feedback_id: int, note: str) -> Feedback:
    """Its author says that an issue is settled, and how. Settling it again changes nothing.

    Raises Refused: not_permitted, round_closed, nothing_to_settle, feedback_superseded, empty.
    """
    found = Feedback.objects.only("round_id").get(pk=feedback_id)
    review = lock_round(found.round_id)
    given = Feedback.objects.select_for_update(of=("self",)).select_related("author").get(pk=feedback_id)
    given.round = review
    if given.settled_at is not None and given.author_id == actor.pk:
        return given
    may_settle(actor, given).demand()
    if given.grade == Feedback.Grade.FINE:
        raise Refused("This advice raises no issue, so there is nothing to settle.", code="nothing_to_settle")
    if Feedback.objects.filter(round=review, author=actor, pk__gt=given.pk).exists():
        raise Refused("You have given newer advice, and only that counts. Settle it there.", code="feedback_superseded")
    given.settled_note = sound_text(note, limit=TEXT_LIMIT, field="note", what="How it was settled").strip()
    given.settled_at = timezone.now()
    given.save(update_fields=["settled_at", "settled_note"])
    tell(
        people=[review.requester, *people_in(review.project, Role.LEAD), *deciders_of(review)],
        kind="feedback_settled",
        subject=f"Settled: {given.get_grade_display()} in {review.title}",
        body=f"{actor.name}: {given.settled_note}",
        link=review.get_absolute_url(),
        actor=actor,
        project_id=review.project_id,
        event_key=f"feedback_settled:{given.pk}",
    )
    record(
        actor=actor,
        verb="settle_feedback",
        thing=given,
        kind="feedback",
        name=str(review),
        project_id=review.project_id,
        before={"round": review.pk, "grade": given.grade},
        after={"settled": given.settled_note},
        reason=given.settled_note,
    )
    return given


@transaction.atomic
def begin_deciding(review: Round) -> bool:
    """Advice is in, or its time is over: the round awaits its decision. False where it is not in feedback any more."""
    locked = lock_round(review.pk)
    if locked.state != moves.IN_FEEDBACK:
        return False
    locked.apply("await_decision")
    locked.save(update_fields=["state"])
    majors = len(open_majors(locked))
    issues = (
        f"{majors} major {'issue is' if majors == 1 else 'issues are'} open." if majors else "No major issue is open."
    )
    tell(
        people=deciders_of(locked),
        kind="round_submitted",
        subject=f"Your decision is asked: {locked.title}",
        body=f"{locked.project.name}, {locked.stage.name}. The advice is in. {issues}"
        + (f" {locked.requester.name} asks for a decision by {day_text(locked.due_on)}." if locked.due_on else "")
        + (f"\n\n{locked.comment}" if locked.comment else ""),
        link=locked.get_absolute_url(),
        project_id=locked.project_id,
        event_key=f"round_awaits:{locked.pk}",
    )
    record(
        actor=None,
        verb="begin_deciding",
        thing=locked,
        kind="round",
        project_id=locked.project_id,
        before={"state": moves.IN_FEEDBACK},
        after={"state": locked.state, "major_issues": majors},
    )
    review.state = locked.state
    return True
