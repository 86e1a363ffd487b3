"""Reads of conditions: the page of one, the list of a project, and what waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Verdict
from foundation.web.waiting import Waiting
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import Project
from lifecycle.signoff import clock, days, moves, policy
from lifecycle.signoff.condition_content import digest_of_condition
from lifecycle.signoff.models import Condition, ConditionEvent, Round, Signature
from lifecycle.signoff.permits.conditions import DEEDS, binds, deciders_of_round, may
from lifecycle.signoff.permits.rounds import present_members
from lifecycle.signoff.services.condition_timers import approval_bound_by
from lifecycle.signoff.services.lapsing import effect_on, later_begun
from lifecycle.signoff.signing import signature_state

_WORKING = (project_moves.ACTIVE, project_moves.IN_USE)
# Conditions of answers that were taken back, or of rounds that were not approved, ask nothing of anybody.
_BINDING = Q(decision__stands=True, round__state__in=moves.APPROVALS | moves.LAPSED)
_MARKS = {"valid": "yes", "superseded": "idle"}


@dataclass(frozen=True)
class ConditionPage:
    """All that the page and the API show of a condition."""

    condition: Condition
    events: list[ConditionEvent]
    digest: str
    verdicts: dict[str, Verdict]
    binds: bool
    approval: Round | None
    last_day: date
    days_late: int
    effect: str
    signature: Signature | None
    signature_state: str
    owners: list[tuple[int, str]]
    verifiers: list[tuple[int, str]]

    @property
    def signature_mark(self) -> str:
        """Kind of the mark of the signature's state."""
        return _MARKS.get(self.signature_state, "stale")

    @property
    def is_over(self) -> bool:
        """Whether it is past its day and open."""
        return self.binds and self.days_late > 0


@dataclass(frozen=True)
class ConditionLine:
    """A condition in a list."""

    condition: Condition
    days_late: int

    @property
    def late_words(self) -> str:
        """2 days late."""
        return f"{self.days_late} day{'' if self.days_late == 1 else 's'} late"


def conditions_for(user: User) -> QuerySet[Condition]:
    """Conditions of projects that a person may read, with all that a line or a permit needs."""
    conditions: QuerySet[Condition] = (
        Condition.objects.filter(project__in=Project.objects.visible_to(user).values("pk"))
        .select_related("project", "owner", "verifier", "decision__decider", "round__stage")
        .defer("round__manifest")
    )
    return conditions


def condition_list(user: User, *, project: str = "", state: str = "", mine: bool = False) -> QuerySet[Condition]:
    """Conditions that a person sees, the first due first; `mine`: open ones that they own or verify."""
    rows = conditions_for(user).order_by("due_on", "pk")
    if project:
        rows = rows.filter(project__key=project)
    if state:
        rows = rows.filter(state=state)
    return rows.filter(_waits_for(user)) if mine else rows


def conditions_of(project: Project, user: User) -> tuple[list[ConditionLine], list[ConditionLine]]:
    """Open conditions of a project, the first due first, and closed ones, the newest first. One query."""
    today = days.today()
    lines = [
        ConditionLine(row, late_by(row, today))
        for row in conditions_for(user).filter(project=project).order_by("due_on", "pk")
    ]
    still_open = [line for line in lines if line.condition.is_open and binds(line.condition)]
    closed = [line for line in lines if line not in still_open]
    return still_open, sorted(closed, key=lambda line: line.condition.pk, reverse=True)


def late_by(condition: Condition, today: date) -> int:
    """Days by which an open condition is late; 0 when it is not."""
    return max(0, (today - condition.due_on).days) if condition.is_open else 0


def condition_page(condition_id: int, user: User) -> ConditionPage | None:
    """The page of a condition, or None where the person may not see it. A constant number of queries."""
    history = Prefetch("events", ConditionEvent.objects.select_related("by"))
    condition = conditions_for(user).prefetch_related(history).filter(pk=condition_id).first()
    if condition is None:
        return None
    condition.round.project = condition.round.stage.project = condition.project
    events = list(condition.events.all())
    digest = digest_of_condition(condition, events)
    deciders = deciders_of_round(condition)
    approval = approval_bound_by(condition)
    signature = _signature_of(events)
    members = present_members(condition.project)
    renewed_on = (
        timezone.localdate(approval.closed_at)
        if approval is not None and approval.pk != condition.round_id and approval.closed_at
        else None
    )
    judging = [member for member in members if member.role in policy.DECIDING_ROLES]
    return ConditionPage(
        condition=condition,
        events=events,
        digest=digest,
        verdicts={deed: may(user, deed, condition, deciders=deciders) for deed in DEEDS},
        binds=binds(condition),
        approval=approval,
        last_day=clock.last_day(condition.due_on, condition.grace_days, renewed_on),
        days_late=late_by(condition, days.today()),
        effect=effect_on(later_begun(approval.stage)) if approval is not None and condition.is_open else "",
        signature=signature,
        signature_state=signature_state(signature, digest) if signature else "",
        owners=_choices([member.user for member in members]),
        verifiers=_choices([*(member.user for member in judging), *([user] if user.pk in deciders else [])]),
    )


def _choices(people: Sequence[User]) -> list[tuple[int, str]]:
    named = {person.pk: person.name for person in people if person.is_active}
    return sorted(named.items(), key=lambda pair: pair[1])


def _signature_of(events: Sequence[ConditionEvent]) -> Signature | None:
    numbers = [event.facts["signature"] for event in events if "signature" in event.facts]
    return Signature.objects.filter(pk=numbers[-1]).first() if numbers else None


def _waits_for(user: User) -> Q:
    return (Q(owner=user, state=moves.CONDITION_OPEN) | Q(verifier=user, state=moves.CONDITION_CLAIMED)) & _BINDING


def waiting_conditions(user: User) -> list[Waiting]:
    """Conditions that the person is to do or to verify, overdue ones first. One query."""
    if not user.is_active:
        return []
    today = days.today()
    rows = (
        Condition.objects.filter(_waits_for(user), project__state__in=_WORKING)
        .filter(project__in=Project.objects.visible_to(user).values("pk"))
        .select_related("project", "round__stage", "owner")
        .defer("round__manifest")
        .order_by("due_on", "pk")
    )
    found = []
    for row in rows:
        late = late_by(row, today)
        is_mine = row.state == moves.CONDITION_OPEN
        todo = "to do" if is_mine else "to verify"
        found.append(
            Waiting(
                title=row.text.split("\n", 1)[0][:160],
                why=f"A condition of the approval of {row.round.stage.name}"
                + ("; you are to do it" if is_mine else f"; {row.owner.name} says that it is done, you verify it"),
                link=row.get_absolute_url(),
                group="tasks",
                state="no" if late else "cond" if not is_mine else "wait",
                word=ConditionLine(row, late).late_words if late else todo,
                since=row.created_at,
                due_on=row.due_on,
                project=row.project.name,
            )
        )
    return found
