"""What time does to a round: reminders, escalation, the end of an approval. It never answers for anybody."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from foundation.audit.services import record
from foundation.notices.models import Notice
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import Role, people_in
from lifecycle.signoff import clock, moves
from lifecycle.signoff.models import Round
from lifecycle.signoff.services.asking_again import still_asked
from lifecycle.signoff.services.feedback import begin_deciding
from lifecycle.signoff.services.lapsing import end_approval, reason_line
from lifecycle.signoff.services.submitting import lock_round

REMIND, ESCALATE = (3, 5), 2  # working days, where a policy says nothing
WORKING = (project_moves.ACTIVE, project_moves.IN_USE)


def _rounds(*states: str) -> QuerySet[Round]:
    rounds: QuerySet[Round] = Round.objects.filter(
        state__in=states, stage__is_current=True, project__state__in=WORKING
    ).defer("manifest")
    return rounds.order_by("pk")


def told_already(keys: list[str]) -> set[str]:
    """Which of these events were told to anybody. One query."""
    told = Notice.objects.filter(event_key__in=keys).order_by().values_list("event_key", flat=True).distinct()
    return {key for key in told if key is not None}


# The end of the time for advice


def advice_over(on: date) -> list[int]:
    """Rounds whose time for advice is over."""
    return list(_rounds(moves.IN_FEEDBACK).filter(feedback_until__lt=on).values_list("pk", flat=True))


def end_advice(round_id: int, on: date) -> str | None:
    """The round goes on to its decision."""
    review = lock_round(round_id)
    if review.feedback_until is None or review.feedback_until >= on or not begin_deciding(review):
        return None
    return f"{_name(review)}: the time for advice is over, the decision is awaited"


# Reminders


def reminders_due(on: date) -> list[int]:
    """Rounds whose newest reminder was not sent yet. Two queries."""
    due = {review.pk: _reminder_key(review, on) for review in _rounds(moves.AWAITING)}
    told = told_already([key for key in due.values() if key])
    return [pk for pk, key in due.items() if key and key not in told]


def send_reminder(round_id: int, on: date) -> str | None:
    """Remind those whose answer is needed: of several reminders that were missed, the newest only."""
    review = lock_round(round_id)
    key = _reminder_key(review, on)
    if review.state not in moves.DECIDABLE or not key or told_already([key]):
        return None
    people = still_asked(review)
    told = tell(
        people=people,
        kind="round_reminder",
        subject=f"Your decision is awaited: {review.title}",
        body=f"{review.project.name}, {review.stage.name}. {review.requester.name} asks for a decision"
        + (f" by {day_text(review.due_on)}." if review.due_on else ".")
        + " Silence is no answer: it neither approves nor rejects."
        + (f"\n\n{review.comment}" if review.comment else ""),
        link=review.get_absolute_url(),
        project_id=review.project_id,
        event_key=key,
    )
    return f"{_name(review)}: reminded {_people(people)}" if told else None


def _reminder_key(review: Round, on: date) -> str:
    if review.submitted_at is None:
        return ""
    after = [int(count) for count in review.policy.get("remind", REMIND)]
    newest = clock.newest_reminder(after, timezone.localdate(review.submitted_at), on)
    return "" if newest is None else f"round_reminder:{review.pk}:{newest}"


# Escalation


def escalations_due(on: date) -> list[int]:
    """Rounds whose decision is so late that a named person is told, and was not told yet. Two queries."""
    late = [review.pk for review in _rounds(moves.AWAITING).filter(due_on__lt=on) if _is_to_escalate(review, on)]
    told = told_already([_escalation_key(pk) for pk in late])
    return [pk for pk in late if _escalation_key(pk) not in told]


def escalate(round_id: int, on: date) -> str | None:
    """Tell whom the project names for this, or its leads and the administrators, once."""
    review = lock_round(round_id)
    key = _escalation_key(review.pk)
    if review.state not in moves.DECIDABLE or not _is_to_escalate(review, on) or told_already([key]):
        return None
    named = review.project.escalates_to
    people = [named] if named is not None and named.is_active else []
    if not people:
        administrators = User.objects.filter(is_administrator=True, is_active=True)
        people = [*people_in(review.project, Role.LEAD), *administrators]
    silent = _people(still_asked(review))
    told = tell(
        people=people,
        kind="round_escalated",
        subject=f"A decision is overdue: {review.title}",
        body=f"{review.project.name}, {review.stage.name}. It was asked by {day_text(review.due_on)}, and reminders did "
        f"not help. The answer of {silent} is missing. Nothing is approved by waiting: speak to them, or let somebody "
        "stand in for them.",
        link=review.get_absolute_url(),
        project_id=review.project_id,
        event_key=key,
    )
    if not told:
        return None
    names = [notice.user.name for notice in told]
    record(
        actor=None,
        verb="escalate_round",
        thing=review,
        kind="round",
        project_id=review.project_id,
        after={"told": names, "missing": silent, "due_on": review.due_on.isoformat() if review.due_on else ""},
    )
    return f"{_name(review)}: overdue, told {', '.join(names)}"


def _is_to_escalate(review: Round, on: date) -> bool:
    return clock.is_to_escalate(review.due_on, int(review.policy.get("escalate", ESCALATE)), on)


def _escalation_key(round_id: int) -> str:
    return f"round_escalated:{round_id}"


# The last day of an approval


def _that_count() -> QuerySet[Round]:
    """Approvals in force that no newer one of their stage has replaced, such as the regular one after an emergency's."""
    newer = Round.objects.filter(stage=OuterRef("stage"), number__gt=OuterRef("number"), state__in=moves.APPROVALS)
    return _rounds(*moves.APPROVALS).exclude(Exists(newer))


def expired(on: date) -> list[int]:
    """Approvals whose last day is over."""
    return list(_that_count().filter(expires_on__lt=on).values_list("pk", flat=True))


def expire(round_id: int, on: date) -> str | None:
    """End an approval whose last day is over."""
    review = lock_round(round_id)
    if review.expires_on is None or review.expires_on >= on or not _that_count().filter(pk=review.pk).exists():
        return None
    if review.emergency:
        said = f"It was given in an emergency, until {day_text(review.expires_on)}, and no regular approval followed."
    else:
        said = f"It was given until {day_text(review.expires_on)}."
    if not end_approval(review, move="expire", lines=[reason_line(said, "expired")], actor=None):
        return None
    return f"{_name(review)}: the approval has expired"


def ending_soon(on: date) -> list[int]:
    """Approvals that end within days, of which nobody was told yet. Two queries."""
    ending = {
        review.pk: _ending_key(review)
        for review in _that_count().filter(expires_on__gte=on)
        if review.expires_on is not None and clock.ends_soon(review.expires_on, on)
    }
    told = told_already(list(ending.values()))
    return [pk for pk, key in ending.items() if key not in told]


def warn_of_end(round_id: int, on: date) -> str | None:
    """Tell leads and requester in time that the stage must be submitted again."""
    review = lock_round(round_id)
    key = _ending_key(review)
    if review.state not in moves.APPROVALS or review.expires_on is None or told_already([key]):
        return None
    told = tell(
        people=[review.requester, *people_in(review.project, Role.LEAD)],
        kind="approval_ends_soon",
        subject=f"The approval ends on {day_text(review.expires_on)}: {review.title}",
        body=f"{review.project.name}, {review.stage.name}. Submit the stage again in time, so that the approval does "
        "not lapse.",
        link=review.get_absolute_url(),
        project_id=review.project_id,
        event_key=key,
    )
    return f"{_name(review)}: the approval ends on {day_text(review.expires_on)}, the lead was told" if told else None


def _ending_key(review: Round) -> str:
    return f"approval_ends_soon:{review.pk}:{review.expires_on}"


def _name(review: Round) -> str:
    return f"{review.project.name}, {review}"


def _people(people: list[User]) -> str:
    return ", ".join(sorted(person.name for person in people)) or "nobody"
