"""What time does to a condition: it is told in good time, and revokes the approval when its grace is over."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from foundation.audit.services import record
from foundation.people.models import User
from foundation.web.formats import day_text
from lifecycle.projects.models import Role, people_in
from lifecycle.signoff import clock, moves
from lifecycle.signoff.clock import Phase
from lifecycle.signoff.days import add_working_days
from lifecycle.signoff.models import Condition, ConditionEvent, Round
from lifecycle.signoff.permits.conditions import binds
from lifecycle.signoff.services.condition_rows import lock_condition, note_event
from lifecycle.signoff.services.conditions import close, short, tell_people
from lifecycle.signoff.services.lapsing import end_approval, reason_line
from lifecycle.signoff.services.round_timers import WORKING, told_already

_TOLD = frozenset(Phase) - {Phase.FAR, Phase.LAPSED}


def approval_bound_by(condition: Condition, *, lock: bool = False) -> Round | None:
    """The newest approval in force of the condition's stage: the one that it was set for, or one that followed it."""
    rounds = Round.objects.filter(
        project_id=condition.project_id,
        stage__key=condition.round.stage.key,
        stage__is_current=True,
        state__in=moves.APPROVALS,
    ).select_related("stage", "requester")
    if lock:
        rounds = rounds.select_for_update(of=("self",))
    approval: Round | None = rounds.order_by("-number").first()
    if approval is not None:
        approval.project = approval.stage.project = condition.project
    return approval


def phase_on(condition: Condition, approval: Round | None, on: date) -> Phase:
    """Where an open condition stands. A newer approval gives the grace anew; without one there is none to revoke."""
    renewed_on = None
    if approval is not None and approval.pk != condition.round_id and approval.closed_at is not None:
        renewed_on = timezone.localdate(approval.closed_at)
    phase = clock.phase_of(condition.due_on, condition.grace_days, on, renewed_on)
    return Phase.OVERDUE if phase == Phase.LAPSED and approval is None else phase


def conditions_to_look_at(on: date) -> list[int]:
    """Open conditions of approvals that are due soon, or were due. What was told already is left out. Two queries."""
    near = add_working_days(on, clock.SOON_DAYS)
    found: dict[int, str] = {}
    in_force = list(
        Condition.objects.filter(
            state__in=moves.OPEN_CONDITIONS,
            due_on__lte=near,
            decision__stands=True,
            round__state__in=moves.APPROVALS | moves.LAPSED,
            project__state__in=WORKING,
        ).order_by("due_on", "pk")
    )
    for condition in in_force:
        # A newer approval may hold it back still; whoever looks at it under lock knows.
        phase = clock.phase_of(condition.due_on, condition.grace_days, on)
        found[condition.pk] = "" if phase == Phase.LAPSED else _full_key(condition, phase)
    told = told_already([key for key in found.values() if key])
    return [pk for pk, key in found.items() if not key or key not in told]


def look_at_condition(condition_id: int, on: date) -> str | None:
    """Remind of a condition, or let it lapse and revoke the approval, once."""
    condition = lock_condition(condition_id)
    if not condition.is_open or not binds(condition) or condition.project.state not in WORKING:
        return None
    approval = approval_bound_by(condition, lock=True)
    phase = phase_on(condition, approval, on)
    if phase == Phase.LAPSED and approval is not None:
        return _lapse(condition, approval)
    return _remind(condition, phase, approval) if phase in _TOLD else None


def _remind(condition: Condition, phase: Phase, approval: Round | None) -> str | None:
    key = _key(condition, phase)
    if told_already([_full_key(condition, phase)]):
        return None
    day = day_text(condition.due_on)
    subject = {
        Phase.SOON: f"Due on {day}",
        Phase.DUE: "Due today",
        Phase.OVERDUE: f"Overdue since {day}",
        Phase.ENDING: "The last day before the approval is revoked",
    }[phase]
    what = (
        f"{condition.owner.name} has said that it is done; {condition.verifier.name} verifies it."
        if condition.state == moves.CONDITION_CLAIMED
        else f"{condition.owner.name} does it and says so; {condition.verifier.name} verifies it."
    )
    if approval is None:
        then = "The approval it belongs to does not hold now; the condition binds the next one."
    elif phase == Phase.ENDING:
        then = "If it is not verified today, the approval is revoked."
    else:
        then = (
            f"If it is not verified within {condition.grace_days} working days after that day, the approval is revoked."
        )
    people = _people_in_hand(condition) if phase in (Phase.SOON, Phase.DUE) else _everybody(condition)
    tell_people(
        condition,
        actor=None,
        kind="condition_due",
        subject=f"{subject}: {short(condition)}",
        body=f"{condition.project.name}, {condition.round.stage.name}. {what} {then}\n\n{condition.text}",
        key=key,
        people=people,
    )
    return f"{_name(condition)}: {subject[0].lower()}{subject[1:]}, told {_names(people)}"


def _lapse(condition: Condition, approval: Round) -> str:
    close(condition, "lapse")
    note_event(
        condition,
        ConditionEvent.Kind.LAPSED,
        None,
        f"Not met by {day_text(condition.due_on)}, nor in the {condition.grace_days} working days after it.",
        facts={"approval": approval.pk},
    )
    line = reason_line(
        f"A condition was not met by {day_text(condition.due_on)}, nor in the {condition.grace_days} working days after "
        f"it: {short(condition).removesuffix('.')} (to be done by {condition.owner.name})",
        "condition",
    )
    # The row is locked by this transaction, so nobody else ends it meanwhile.
    end_approval(approval, move="revoke", lines=[line], actor=None)
    effect = approval.difference[-1]["label"]
    tell_people(
        condition,
        actor=None,
        kind="condition_lapsed",
        subject=f"Not met in time, the approval is revoked: {short(condition)}",
        body=f"The approval of {approval.stage.name} in {condition.project.name} no longer holds. {effect}",
        key="lapsed",
    )
    record(
        actor=None,
        verb="lapse_condition",
        thing=condition,
        kind="condition",
        project_id=condition.project_id,
        after={"state": condition.state, "approval_revoked": f"{approval.stage.name}, round {approval.number}"},
    )
    return f"{_name(condition)}: not met in time, the approval of {approval.stage.name} is revoked. {effect}"


def _key(condition: Condition, phase: Phase) -> str:
    # The day is part of it: a condition that was moved is told anew.
    return f"{phase}:{condition.due_on.isoformat()}"


def _full_key(condition: Condition, phase: Phase) -> str:
    return f"condition:{condition.pk}:{_key(condition, phase)}"


def _people_in_hand(condition: Condition) -> list[User]:
    return [condition.verifier if condition.state == moves.CONDITION_CLAIMED else condition.owner]


def _everybody(condition: Condition) -> list[User]:
    leads = people_in(condition.project, Role.LEAD)
    return list(dict.fromkeys([condition.owner, condition.verifier, condition.decision.decider, *leads]))


def _name(condition: Condition) -> str:
    return f"{condition.project.name}, {condition}"


def _names(people: list[User]) -> str:
    return ", ".join(person.name for person in people)
