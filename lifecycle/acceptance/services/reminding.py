"""What time does to a condition of an acceptance: it is told in good time, then to more people, until it is verified.

It never ends the acceptance: that verdict is the customer's to take back.
"""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch

from foundation.audit.services import record
from foundation.notices.services import tell
from foundation.people.models import User
from foundation.web.formats import day_text
from lifecycle.acceptance import moves
from lifecycle.acceptance.clock import AGAIN_DAYS, ESCALATE_DAYS, Phase, Word, word_due
from lifecycle.acceptance.models import AcceptanceCondition, AcceptanceReminder
from lifecycle.acceptance.permits import VERIFIERS
from lifecycle.acceptance.services.holding import hold_condition
from lifecycle.projects.models import Member, Role, people_in
from lifecycle.signoff.clock import SOON_DAYS
from lifecycle.signoff.days import add_working_days
from lifecycle.signoff.services.round_timers import WORKING


def conditions_to_tell(on: date) -> list[int]:
    """Conditions of acceptances that are due soon or were due, of which something is to be told now. Two queries."""
    rows = (
        AcceptanceCondition.objects.filter(
            due_on__lte=add_working_days(on, SOON_DAYS),
            acceptance__state=moves.CONDITIONS,
            acceptance__project__state__in=WORKING,
        )
        .exclude(state=AcceptanceCondition.State.VERIFIED)
        .prefetch_related(Prefetch("reminders", AcceptanceReminder.objects.order_by("pk")))
        .order_by("due_on", "pk")
    )
    return [row.pk for row in rows if word_due(row.due_on, on, _told(row))]


def tell_condition(condition_id: int, on: date) -> str | None:
    """Tell those who have the condition in hand, once for each word; looked at again under its lock."""
    condition = hold_condition(condition_id)
    project = condition.acceptance.project
    is_over = condition.state == AcceptanceCondition.State.VERIFIED or condition.acceptance.state != moves.CONDITIONS
    word = None if is_over or project.state not in WORKING else word_due(condition.due_on, on, _told(condition))
    if word is None:
        return None
    day = day_text(condition.due_on)
    subject = {
        Phase.SOON: f"Due on {day}",
        Phase.DUE: "Due today",
        Phase.OVERDUE: f"Overdue since {day}",
        Phase.ESCALATED: f"Overdue since {day}, told to more people",
        Phase.AGAIN: f"Still overdue, since {day}",
    }[word.phase]
    notices = tell(
        people=_people(condition, word.phase),
        kind="acceptance_condition_due",
        subject=f"{subject}: {condition.text}",
        body=f"{project.name}. {_said(condition)} {_then(word.phase)}\n\n{condition.text}",
        link=f"{condition.acceptance.get_absolute_url()}#condition-{condition.number}",
        project_id=project.pk,
        event_key=f"acceptance_condition:{condition.pk}:{word.phase}:{word.turn}",
    )
    names = sorted(notice.user.name for notice in notices)
    if not names:  # nobody is there: the next sweep asks again who is
        return None
    AcceptanceReminder.objects.create(condition=condition, phase=word.phase, turn=word.turn, on_day=word.on, told=names)
    record(
        actor=None,
        verb="escalate_acceptance_condition" if word.phase == Phase.ESCALATED else "remind_acceptance_condition",
        thing=condition,
        kind="acceptance_condition",
        project_id=project.pk,
        after={"number": condition.number, "phase": word.phase, "due_on": condition.due_on.isoformat(), "told": names},
    )
    what = f"condition {condition.number} of acceptance {condition.acceptance.number}"
    return f"{project.name}, {what}: {subject[0].lower()}{subject[1:]}, told {', '.join(names)}"


def _told(condition: AcceptanceCondition) -> list[Word]:
    return [Word(Phase(row.phase), row.turn, row.on_day) for row in condition.reminders.all()]


def _said(condition: AcceptanceCondition) -> str:
    if condition.state == AcceptanceCondition.State.CLOSED:
        return f"{condition.closed_by} has given the proof; it waits to be verified by somebody else."
    return f"{condition.owner_name} gives the proof that it is met; somebody else verifies it."


def _then(phase: Phase) -> str:
    if phase in (Phase.SOON, Phase.DUE):
        return f"If it is not verified {ESCALATE_DAYS} working days after its day, it is told to more people."
    return (
        "An overdue condition does not end the acceptance; only who signed can take the verdict back. It is asked for "
        f"again every {AGAIN_DAYS} working days until the proof is verified."
    )


def _people(condition: AcceptanceCondition, phase: Phase) -> list[User]:
    project = condition.acceptance.project
    hands = in_hand(condition)
    if phase in (Phase.SOON, Phase.DUE):
        return hands
    leads = people_in(project, Role.LEAD)
    if phase == Phase.AGAIN:
        return [*hands, *leads]
    concerned = [*hands, *leads, *people_in(project, Role.CUSTOMER)]
    return concerned if phase == Phase.OVERDUE else [*_named(condition), *concerned]


def in_hand(condition: AcceptanceCondition) -> list[User]:
    """Who has to do something now: the owner, or those who may verify; the leads where there is nobody."""
    project = condition.acceptance.project
    if condition.state == AcceptanceCondition.State.CLOSED:
        without = (condition.owner_id, condition.closed_by_id)
        people = [person for person in people_in(project, *VERIFIERS) if person.pk not in without]
    else:
        present = Member.objects.filter(
            project=project, user=condition.owner_id, left_at__isnull=True, user__is_active=True
        )
        people = [member.user for member in present.select_related("user")[:1]]
    return people or people_in(project, Role.LEAD)


def _named(condition: AcceptanceCondition) -> list[User]:
    """Whom the project names for what is late; without a name the administrators, as for late decisions."""
    named = condition.acceptance.project.escalates_to
    if named is not None and named.is_active:
        return [named]
    return list(User.objects.filter(is_administrator=True, is_active=True))
