"""All that the page of a decision shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Verdict
from lifecycle.projects.models import Delegation, Member, Role
from lifecycle.projects.selectors import Step, present_stages, step_of
from lifecycle.projects.standing_in import delegations_in_force
from lifecycle.signoff import moves, policy
from lifecycle.signoff.evidence import Figure, Item
from lifecycle.signoff.manifest import Line, difference, items_of, lapsed_items, lines_for, present_hashes
from lifecycle.signoff.models import Condition, Decision, Feedback, Round
from lifecycle.signoff.permits.rounds import (
    may_decide,
    may_submit,
    may_withdraw,
    may_withdraw_decision,
    present_members,
    stands_apart,
    table_of,
)
from lifecycle.signoff.seats import Seat
from lifecycle.signoff.selectors.evidence import Shown, figures_of, questions_in, shown
from lifecycle.signoff.selectors.waiting import late_words
from lifecycle.signoff.services.feedback import open_majors
from lifecycle.signoff.signing import signature_state


@dataclass(frozen=True)
class Asked:
    """Somebody whose role lets them answer: what was said in their seat, who may say it for them, or why none may."""

    person: User
    role: str
    decision: Decision | None
    barred: str
    is_me: bool
    stand_ins: tuple[Delegation, ...] = ()


@dataclass(frozen=True)
class Need:
    """How far a role of the quorum is: `given` of `need` yeses."""

    role: str
    given: int
    need: int

    @property
    def is_met(self) -> bool:
        return self.given >= self.need


@dataclass(frozen=True)
class Signed:
    """A decision with the present state of its signature."""

    decision: Decision
    state: str  # valid, record changed since, superseded
    may_withdraw: bool = False

    @property
    def mark(self) -> str:
        """Kind of the state mark."""
        return {"valid": "yes", "superseded": "idle"}.get(self.state, "stale")


@dataclass(frozen=True)
class MySeat:
    """A seat that the reader may take."""

    holder: int
    label: str  # sponsor, sponsor for Sam Sponsor


@dataclass(frozen=True)
class RoundPage:
    """All that the page and the API show of a round."""

    review: Round
    steps: list[Step]
    evidence: list[Shown]
    items: list[Item]
    former: Round | None
    since_former: list[Line]
    since_submission: list[Line]
    asked: list[Asked]
    needs: list[Need]
    can_be_met: bool
    signed: list[Signed]
    history: list[Round]
    may_decide: Verdict
    may_withdraw: Verdict
    may_submit_again: bool
    my_seats: list[MySeat]
    members: list[Member]
    next_stage: str
    confirms: bool
    days_late: int
    conditions: list[Condition]
    other_conditions: list[Condition]
    majors: list[Feedback]

    @property
    def role(self) -> str:
        """In which role the reader answers, unless they choose another seat."""
        return self.my_seats[0].label if self.my_seats else ""

    @property
    def late_words(self) -> str:
        """2 days late."""
        return late_words(self.days_late)

    @property
    def figures(self) -> list[Figure]:
        """The numbers at the head of the page."""
        return figures_of(self.evidence)

    @property
    def in_brief(self) -> list[Shown]:
        """Kinds of evidence that say themselves in a few lines."""
        return [kind for kind in self.evidence if kind.brief]

    @property
    def has_brief(self) -> bool:
        """Whether there is anything for the head of the page."""
        return bool(self.review.comment or self.in_brief or self.former)

    @property
    def quorum(self) -> str:
        """Who must say yes, in words."""
        return policy.in_words(policy.quorum_of(self.review.policy), dict(Role.choices))

    @property
    def questions(self) -> list[int]:
        """Ids of the exit questions whose answers are pinned."""
        return questions_in(self.items)

    @property
    def missing(self) -> list[str]:
        """What an emergency put forward without."""
        return list(self.review.manifest.get("missing", []))

    @property
    def open_conditions(self) -> list[Condition]:
        """Conditions of this project that are not met yet, those of this round first."""
        return [one for one in [*self.conditions, *self.other_conditions] if one.is_open]


def page_of(round_id: int, user: User) -> RoundPage | None:
    """The page of a round, or None where the person may not see it. A constant number of queries."""
    review: Round | None = (
        Round.objects.visible_to(user)
        .select_related("stage", "project__methodology", "requester", "returned_to")
        .filter(pk=round_id)
        .first()
    )
    if review is None:
        return None
    review.stage.project = review.project
    items = items_of(review.manifest)
    stages = present_stages(review.project)
    history = list(
        Round.objects.filter(project=review.project, stage__key=review.stage.key)
        .select_related("requester", "stage")
        .defer("manifest")
        .order_by("-number")
    )
    former = Round.objects.filter(project=review.project, stage__key=review.stage.key, number=review.number - 1).first()
    decisions = list(review.decisions.select_related("decider", "holder", "signature", "withdrawal"))
    members = present_members(review.project)
    delegations = delegations_in_force(review.project, timezone.localdate())
    table = table_of(review, members=members, delegations=delegations, decisions=decisions)
    present = present_hashes(review.project, items)
    lapsed = lapsed_items(items, present)
    mine = frozenset(member.role for member in members if member.user_id == user.pk)
    verdict = may_decide(user, review, roles=mine, table=table, has_changed=bool(lapsed))
    late = (timezone.localdate() - review.due_on).days if review.is_open and review.due_on else 0
    conditions = list(
        Condition.objects.filter(project=review.project).select_related("owner", "verifier", "round__stage")
    )
    return RoundPage(
        review=review,
        steps=[step_of(stage) for stage in stages],
        evidence=shown(review.project, items),
        items=items,
        former=former,
        since_former=difference(items_of(former.manifest), items) if former and former.digest else [],
        since_submission=lines_for(review.stage, lapsed, present) if lapsed else [],
        asked=_asked(review, members, delegations, decisions, user),
        needs=[Need(_role_words(role), given, need) for role, given, need in table.needed()],
        can_be_met=table.can_be_met,
        signed=_signed(review, decisions, history, user, unchanged=not lapsed),
        history=history,
        may_decide=verdict,
        may_withdraw=may_withdraw(user, review, roles=mine),
        may_submit_again=history[0].pk == review.pk
        and not review.is_open
        and bool(may_submit(user, review.stage, last=review, roles=mine)),
        my_seats=_my_seats(table.of(user.pk), user, members) if verdict else [],
        members=members,
        next_stage=next((stage.name for stage in stages if stage.order > review.stage.order), ""),
        confirms=review.stage.state == "approved" and review.is_open,
        days_late=max(late, 0),
        conditions=[one for one in conditions if one.round_id == review.pk],
        other_conditions=[one for one in conditions if one.round_id != review.pk],
        majors=open_majors(review),
    )


def _signed(
    review: Round, decisions: Iterable[Decision], history: Iterable[Round], user: User, *, unchanged: bool
) -> list[Signed]:
    superseded = any(other.number > review.number and other.state in moves.APPROVALS for other in history)
    # Time, a trigger or a condition may end an approval whose content is what was signed.
    still = review.digest if unchanged and review.state != moves.STALE else ""
    found = []
    for decision in decisions:
        decision.round = review
        state = signature_state(decision.signature, still, superseded=superseded)
        found.append(Signed(decision, state, bool(may_withdraw_decision(user, decision))))
    return found


def _asked(
    review: Round,
    members: Sequence[Member],
    delegations: Sequence[Delegation],
    decisions: Iterable[Decision],
    user: User,
) -> list[Asked]:
    said = {decision.holder_id: decision for decision in decisions if decision.stands}
    found: list[Asked] = []
    for member in members:
        if policy.eligible(review.policy, [member.role]) is None or not member.user.is_active:
            continue
        apart = stands_apart(
            member.user_id, requester_id=review.requester_id, authors=review.written_by, rules=review.policy
        )
        barred = ""
        if not apart:
            barred = "asked for it" if apart.code == "requester_cannot_decide" else "wrote part of the evidence"
        found.append(
            Asked(
                member.user,
                _role_words(member.role),
                said.pop(member.user_id, None),
                barred,
                member.user_id == user.pk,
                tuple(
                    one for one in delegations if one.from_person_id == member.user_id and one.role in ("", member.role)
                ),
            )
        )
    # Who answered and has left since keeps their line.
    found.extend(
        Asked(decision.holder, _role_words(decision.role), decision, "", decision.holder_id == user.pk)
        for decision in said.values()
    )
    return found


def _my_seats(seats: Iterable[Seat], user: User, members: Iterable[Member]) -> list[MySeat]:
    names = {member.user_id: member.user.name for member in members}
    found: dict[int, MySeat] = {}
    for seat in seats:
        label = _role_words(seat.role) if seat.is_own else f"{_role_words(seat.role)} for {names[seat.holder]}"
        found.setdefault(seat.holder, MySeat(seat.holder, label))
    return list(found.values())


def _role_words(role: str | None) -> str:
    return str(Role(role).label) if role in Role.values else ""
