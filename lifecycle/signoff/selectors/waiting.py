"""Lines of the inbox: rounds that wait for a person's answer, and approvals of theirs that no longer hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.utils import timezone

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import TEAM, Member, Role
from lifecycle.signoff import moves, policy
from lifecycle.signoff.manifest import Line
from lifecycle.signoff.models import Decision, Round
from lifecycle.signoff.permits.rounds import stands_apart
from lifecycle.signoff.seats import still_needed

_WORKING = (project_moves.ACTIVE, project_moves.IN_USE)
Roles = Mapping[int, set[str]]


class _Said(NamedTuple):
    """An answer that stands: in whose seat, in which role."""

    holder_id: int
    role: str
    verdict: str


@dataclass(frozen=True)
class _Cover:
    """A seat of somebody for whom the person stands in."""

    holder_id: int
    holder_name: str
    role: str


def waiting_for(user: User) -> list[Waiting]:
    """Decisions that wait for the person, and approvals of theirs that no longer hold. Two queries."""
    if not user.is_active:
        return []
    roles, covers = _seats_of(user)
    if not roles and not covers:
        return []
    leads = [project_id for project_id, held in roles.items() if Role.LEAD in held]
    found = []
    for review, standing in _rounds(user, roles, covers, leads):
        if review.state in moves.LAPSED:
            found.append(_lapsed(review, is_lead=review.project_id in leads))
            continue
        seat = _seat_for(user, review, standing, roles.get(review.project_id, set()), covers.get(review.project_id, []))
        if seat is not None:
            found.append(_awaited(user, review, seat))
    return found


def _seats_of(user: User) -> tuple[Roles, dict[int, list[_Cover]]]:
    """The person's roles by project, and the seats by project that they may take for others. One query."""
    today = timezone.localdate()
    # All in one filter, so that every condition speaks of the same delegation.
    covered = Q(
        Q(user__delegations_given__project__isnull=True) | Q(user__delegations_given__project=F("project")),
        Q(user__delegations_given__role="") | Q(user__delegations_given__role=F("role")),
        user__is_active=True,
        user__delegations_given__to_person=user,
        user__delegations_given__ended_at__isnull=True,
        user__delegations_given__starts_on__lte=today,
        user__delegations_given__ends_on__gte=today,
    )
    rows = Member.objects.filter(Q(user=user) | covered, left_at__isnull=True)
    roles: dict[int, set[str]] = {}
    covers: dict[int, list[_Cover]] = {}
    seats = rows.values_list("project_id", "user_id", "user__name", "role").distinct()
    for project_id, holder_id, name, role in seats:
        if holder_id == user.pk:
            roles.setdefault(project_id, set()).add(role)
        else:
            covers.setdefault(project_id, []).append(_Cover(holder_id, name, role))
    # Who works on a project stands in for nobody who judges it.
    team = {project_id for project_id, held in roles.items() if held.intersection(TEAM)}
    return roles, {project_id: seats for project_id, seats in covers.items() if project_id not in team}


def _rounds(
    user: User, roles: Roles, covers: Mapping[int, list[_Cover]], leads: list[int]
) -> Iterable[tuple[Round, list[_Said]]]:
    """Rounds that may concern the person, each with the answers that stand. One query: a row for each answer."""
    mine = Decision.objects.filter(round=OuterRef("pk"), decider=user)
    newer = Round.objects.filter(stage=OuterRef("stage"), number__gt=OuterRef("number")).filter(
        state__in=moves.OPEN_STATES | moves.APPROVALS
    )
    awaited = Q(project__in=[*roles, *covers], state__in=moves.DECIDABLE) & ~Exists(mine.filter(stands=True))
    lapsed = Q(project__in=list(roles), state__in=moves.LAPSED, stage__is_current=True) & ~Exists(newer)
    rows: Iterable[Round] = (
        Round.objects.filter(awaited | (lapsed & (Q(project__in=leads) | Exists(mine))), project__state__in=_WORKING)
        .select_related("project", "stage", "requester")
        .defer("manifest")
        .annotate(standing=FilteredRelation("decisions", condition=Q(decisions__stands=True)))
        .annotate(
            said_holder=F("standing__holder_id"), said_role=F("standing__role"), said_verdict=F("standing__verdict")
        )
        .order_by("-pk")
    )
    found: dict[int, tuple[Round, list[_Said]]] = {}
    for row in rows:
        _, said = found.setdefault(row.pk, (row, []))
        if row.said_holder is not None:  # type: ignore[attr-defined]  # annotated
            said.append(_Said(row.said_holder, row.said_role, row.said_verdict))  # type: ignore[attr-defined]
    return found.values()


def _awaited(user: User, review: Round, seat: _Cover) -> Waiting:
    today = timezone.localdate()
    late = review.due_on is not None and review.due_on < today
    stands_in = f", for {seat.holder_name}" if seat.holder_id != user.pk else ""
    urgent = "Emergency: " if review.emergency else ""
    return Waiting(
        title=f"{urgent}{review.title}",
        why=f"{review.stage.name}, asked by {review.requester.name}{stands_in}",
        link=review.get_absolute_url(),
        group="decisions",
        state="cond" if late else "wait",
        word=late_words((today - review.due_on).days) if review.due_on and late else "decide",
        since=review.submitted_at or timezone.now(),
        due_on=review.due_on,
        project=review.project.name,
    )


def _seat_for(
    user: User, review: Round, standing: Iterable[_Said], held: set[str], covers: Iterable[_Cover]
) -> _Cover | None:
    """The seat in which the person's yes is still needed, their own first."""
    heard = {one.holder_id for one in standing}
    given = Counter(one.role for one in standing if one.verdict in policy.YES)
    needed = still_needed(review.policy, given)

    def apart(person: int) -> bool:
        return bool(
            stands_apart(person, requester_id=review.requester_id, authors=review.written_by, rules=review.policy)
        )

    if not apart(user.pk):
        return None
    own = [_Cover(user.pk, user.name, role) for role in policy.approver_roles(review.policy) if role in held]
    for seat in [*own, *covers]:
        if seat.role in needed and seat.holder_id not in heard and apart(seat.holder_id):
            return seat
    return None


def _lapsed(review: Round, *, is_lead: bool) -> Waiting:
    return Waiting(
        title=f"{_LAPSED_TITLES[review.state]}: {review.stage.name}",
        why=_first_line(review.difference),
        link=review.get_absolute_url(),
        group="tasks",
        state="stale",
        word="submit again" if is_lead else review.get_state_display(),
        since=review.lapsed_at or review.closed_at or timezone.now(),
        project=review.project.name,
    )


_LAPSED_TITLES = {
    moves.STALE: "Changed since it was approved",
    moves.EXPIRED: "The approval has expired",
    moves.REVOKED: "The approval was revoked",
}


def late_words(days: int) -> str:
    """2 days late."""
    return f"{days} day{'' if days == 1 else 's'} late"


def _first_line(lines: list[Line]) -> str:
    if not lines:
        return "the evidence changed"
    line = lines[0]
    label = str(line["label"])
    return f"{label.removesuffix('.')}, and {len(lines) - 1} more" if len(lines) > 1 else label
