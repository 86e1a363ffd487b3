"""Lines of the inbox: rounds that wait for a person's answer, and approvals of theirs that no longer hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.utils import timezone

from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import TEAM, Member, Role
from lifecycle.signoff import moves, policy
from lifecycle.signoff.manifest import Line
from lifecycle.signoff.models import Decision, Round
from lifecycle.signoff.permits import stands_apart
from lifecycle.signoff.seats import still_needed

_WORKING = (project_moves.ACTIVE, project_moves.IN_USE)
Roles = Mapping[int, set[str]]


@dataclass(frozen=True)
class _Cover:
    """A seat of somebody for whom the person stands in."""

    holder_id: int
    holder_name: str
    role: str


def waiting_for(user: User) -> list[Waiting]:
    """Decisions that wait for the person, and approvals of theirs that no longer hold. Five queries at most."""
    if not user.is_active:
        return []
    roles: dict[int, set[str]] = {}
    for project_id, role in Member.objects.filter(user=user, left_at__isnull=True).values_list("project_id", "role"):
        roles.setdefault(project_id, set()).add(role)
    covers = _covers(user, roles)
    if not roles and not covers:
        return []
    return [*_awaited(user, roles, covers), *_lapsed(user, roles)]


def _covers(user: User, roles: Roles) -> dict[int, list[_Cover]]:
    """Seats by project that the person may take for others. One query."""
    today = timezone.localdate()
    rows = Member.objects.filter(
        Q(user__delegations_given__project__isnull=True) | Q(user__delegations_given__project=F("project")),
        Q(user__delegations_given__role="") | Q(user__delegations_given__role=F("role")),
        left_at__isnull=True,
        user__is_active=True,
        user__delegations_given__to_person=user,
        user__delegations_given__ended_at__isnull=True,
        user__delegations_given__starts_on__lte=today,
        user__delegations_given__ends_on__gte=today,
    ).values_list("project_id", "user_id", "user__name", "role")
    found: dict[int, list[_Cover]] = {}
    for project_id, holder_id, name, role in rows.distinct():
        if not roles.get(project_id, set()).intersection(TEAM):
            found.setdefault(project_id, []).append(_Cover(holder_id, name, role))
    return found


def _awaited(user: User, roles: Roles, covers: Mapping[int, list[_Cover]]) -> list[Waiting]:
    today = timezone.localdate()
    found = []
    standing = Decision.objects.filter(stands=True).only("round", "decider", "holder", "role", "verdict")
    rounds: Iterable[Round] = (
        Round.objects.filter(project__in=[*roles, *covers], project__state__in=_WORKING, state__in=moves.DECIDABLE)
        .exclude(Exists(Decision.objects.filter(round=OuterRef("pk"), decider=user, stands=True)))
        .select_related("project", "stage", "requester")
        .defer("manifest")
        .prefetch_related(Prefetch("decisions", standing, to_attr="standing"))
    )
    for review in rounds:
        seat = _seat_for(user, review, roles.get(review.project_id, set()), covers.get(review.project_id, []))
        if seat is None:
            continue
        late = review.due_on is not None and review.due_on < today
        stands_in = f", for {seat.holder_name}" if seat.holder_id != user.pk else ""
        urgent = "Emergency: " if review.emergency else ""
        found.append(
            Waiting(
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
        )
    return found


def _seat_for(user: User, review: Round, held: set[str], covers: Iterable[_Cover]) -> _Cover | None:
    """The seat in which the person's yes is still needed, their own first."""
    standing: list[Decision] = review.standing  # type: ignore[attr-defined]  # prefetched
    heard = {one.holder_id for one in standing}
    given: dict[str, int] = {}
    for one in standing:
        if one.verdict in policy.YES:
            given[one.role] = given.get(one.role, 0) + 1
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


def _lapsed(user: User, roles: Roles) -> list[Waiting]:
    leads = [project_id for project_id, held in roles.items() if Role.LEAD in held]
    newer = Round.objects.filter(stage=OuterRef("stage"), number__gt=OuterRef("number")).filter(
        state__in=moves.OPEN_STATES | moves.APPROVALS
    )
    rounds: Iterable[Round] = (
        Round.objects.filter(
            Q(project__in=leads) | Exists(Decision.objects.filter(round=OuterRef("pk"), decider=user)),
            project__in=list(roles),
            project__state__in=_WORKING,
            stage__is_current=True,
            state__in=moves.LAPSED,
        )
        .exclude(Exists(newer))
        .select_related("project", "stage")
        .defer("manifest")
    )
    return [
        Waiting(
            title=f"{_LAPSED_TITLES[review.state]}: {review.stage.name}",
            why=_first_line(review.difference),
            link=review.get_absolute_url(),
            group="tasks",
            state="stale",
            word="submit again" if review.project_id in leads else review.get_state_display(),
            since=review.lapsed_at or review.closed_at or timezone.now(),
            project=review.project.name,
        )
        for review in rounds
    ]


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
    more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"{line['label']}{more}"
