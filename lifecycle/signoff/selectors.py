"""Reads of rounds: what waits for a person, and all that the page of a decision shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Verdict
from foundation.web.waiting import Waiting
from lifecycle.projects import moves as project_moves
from lifecycle.projects.models import Member, Project, Role, Stage
from lifecycle.projects.selectors import Step, missing_for_submission, present_stages, stage_of, step_of
from lifecycle.signoff import moves, policy
from lifecycle.signoff.evidence import Figure, Item, Summary, all_kinds
from lifecycle.signoff.manifest import (
    Line,
    authors_of,
    difference,
    items_of,
    lapsed_items,
    lines_for,
    manifest_of,
    present_hashes,
)
from lifecycle.signoff.models import Decision, Round
from lifecycle.signoff.permits import (
    deciders,
    may_decide,
    may_go_back,
    may_submit,
    may_withdraw,
    present_members,
    stands_apart,
)
from lifecycle.signoff.signing import signature_state

_FIGURES_SHOWN = 4
_WORKING = (project_moves.ACTIVE, project_moves.IN_USE)


@dataclass(frozen=True)
class Shown:
    """A kind of evidence on a page: its own summary, or its items as a plain list."""

    label: str
    summary: Summary | None
    items: list[Item]

    @property
    def title(self) -> str:
        """What heads its sheet."""
        return (self.summary.title if self.summary else "") or self.label


@dataclass(frozen=True)
class Asked:
    """Somebody whose role lets them answer: what they said, or why they may not."""

    person: User
    role: str
    decision: Decision | None
    barred: str
    is_me: bool


@dataclass(frozen=True)
class Signed:
    """A decision with the present state of its signature."""

    decision: Decision
    state: str  # valid, record changed since, superseded

    @property
    def mark(self) -> str:
        """Kind of the state mark."""
        return {"valid": "yes", "superseded": "idle"}.get(self.state, "stale")


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
    signed: list[Signed]
    history: list[Round]
    may_decide: Verdict
    may_withdraw: Verdict
    may_submit_again: bool
    role: str
    next_stage: str
    confirms: bool
    days_late: int

    @property
    def late_words(self) -> str:
        """2 days late."""
        return _late_words(self.days_late)

    @property
    def figures(self) -> list[Figure]:
        """The numbers at the head of the page."""
        return figures_of(self.evidence)


@dataclass(frozen=True)
class SubmitPage:
    """What a person sees before they submit a stage."""

    stage: Stage
    verdict: Verdict
    missing: list[str]
    evidence: list[Shown]
    items: list[Item]
    digest: str
    people: list[User]
    open_round: Round | None
    last: Round | None
    rules: dict[str, Any]

    @property
    def figures(self) -> list[Figure]:
        """The numbers that those who decide will see first."""
        return figures_of(self.evidence)


@dataclass(frozen=True)
class GoBackPage:
    """What going back would do."""

    stage: Stage
    verdict: Verdict
    targets: list[Stage]
    loops: list[dict[str, Any]]
    approvals: list[Round]


def page_of(round_id: int, user: User) -> RoundPage | None:
    """The page of a round, or None where the person may not see it. A constant number of queries."""
    review: Round | None = (
        Round.objects.visible_to(user)
        .select_related("stage", "project__methodology", "requester")
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
    decisions = list(review.decisions.select_related("decider", "signature"))
    members = present_members(review.project)
    present = present_hashes(review.project, items)
    lapsed = lapsed_items(items, present)
    mine = frozenset(member.role for member in members if member.user_id == user.pk)
    superseded = any(other.number > review.number and other.state in moves.APPROVALS for other in history)
    still = review.digest if not lapsed and review.state not in moves.LAPSED else ""
    following = next((stage.name for stage in stages if stage.order > review.stage.order), "")
    late = (timezone.localdate() - review.due_on).days if review.is_open and review.due_on else 0
    return RoundPage(
        review=review,
        steps=[step_of(stage) for stage in stages],
        evidence=shown(review.project, items),
        items=items,
        former=former,
        since_former=difference(items_of(former.manifest), items) if former and former.digest else [],
        since_submission=lines_for(review.stage, lapsed, present) if lapsed else [],
        asked=_asked(review, members, decisions, user),
        signed=[
            Signed(decision, signature_state(decision.signature, still, superseded=superseded))
            for decision in decisions
        ],
        history=history,
        may_decide=may_decide(
            user,
            review,
            roles=mine,
            has_answered=any(decision.decider_id == user.pk for decision in decisions),
            has_changed=bool(lapsed),
        ),
        may_withdraw=may_withdraw(user, review, roles=mine),
        may_submit_again=history[0].pk == review.pk
        and not review.is_open
        and bool(may_submit(user, review.stage, last=review, roles=mine)),
        role=_role_words(policy.eligible(review.policy, mine)),
        next_stage=following,
        confirms=review.stage.state == Stage.State.APPROVED and review.is_open,
        days_late=max(late, 0),
    )


def shown(project: Project, items: list[Item]) -> list[Shown]:
    """Evidence by kind, each kind summarised by its own room, in the order of their places."""
    found = []
    known = sorted(all_kinds(), key=lambda kind: kind.place)
    for kind in known:
        own = [item for item in items if item.kind == kind.name]
        if own:
            found.append(Shown(kind.label, kind.summarise(project, own) if kind.summarise else None, own))
    names = {kind.name for kind in known}
    rest = [item for item in items if item.kind not in names]
    if rest:
        found.append(Shown("Other evidence", None, rest))
    return found


def figures_of(evidence: Iterable[Shown]) -> list[Figure]:
    """The figures that the kinds offer, the most telling first, four at most."""
    offered = [figure for kind in evidence if kind.summary for figure in kind.summary.figures]
    return sorted(offered, key=lambda figure: figure.rank)[:_FIGURES_SHOWN]


def submit_page(project: Project, stage_key: str, user: User) -> SubmitPage | None:
    """What submitting the present iteration of a stage would put forward; None when there is no such stage."""
    stage = stage_of(project, stage_key)
    if stage is None:
        return None
    stage.project = project
    last = stage.rounds.order_by("-number").first()
    manifest, digest = manifest_of(stage)
    items = items_of(manifest)
    members = present_members(project)
    mine = frozenset(member.role for member in members if member.user_id == user.pk)
    rules = policy.standard_policy()
    return SubmitPage(
        stage=stage,
        verdict=may_submit(user, stage, last=last, roles=mine),
        missing=missing_for_submission(stage),
        evidence=shown(project, items),
        items=items,
        digest=digest,
        people=deciders(rules=rules, requester_id=user.pk, authors=authors_of(manifest), members=members),
        open_round=last if last is not None and last.is_open else None,
        last=last,
        rules=rules,
    )


def go_back_page(project: Project, stage_key: str, user: User) -> GoBackPage | None:
    """Where the project could go back to from a stage, and which approvals that would end."""
    stages = present_stages(project)
    stage = next((stage for stage in stages if stage.key == stage_key), None)
    if stage is None:
        return None
    stage.project = project
    approved = stage.state == Stage.State.APPROVED
    targets = [other for other in stages if other.order < stage.order or (approved and other.pk == stage.pk)]
    reachable = {target.key for target in targets}
    return GoBackPage(
        stage=stage,
        verdict=may_go_back(user, stage),
        targets=targets,
        loops=[
            loop for loop in project.methodology.feedback_loops if loop["from"] == stage.key and loop["to"] in reachable
        ],
        approvals=list(
            Round.objects.filter(project=project, stage__is_current=True, state__in=moves.APPROVALS)
            .select_related("stage")
            .defer("manifest")
            .order_by("stage__order")
        ),
    )


def waiting_for(user: User) -> list[Waiting]:
    """Decisions that wait for the person, and approvals of theirs that no longer fit. Three queries at most."""
    if not user.is_active:
        return []
    roles: dict[int, set[str]] = {}
    for project_id, role in Member.objects.filter(user=user, left_at__isnull=True).values_list("project_id", "role"):
        roles.setdefault(project_id, set()).add(role)
    if not roles:
        return []
    return [*_awaited(user, roles), *_lapsed(user, roles)]


def _awaited(user: User, roles: dict[int, set[str]]) -> list[Waiting]:
    today = timezone.localdate()
    found = []
    rounds: Iterable[Round] = (
        Round.objects.filter(project__in=list(roles), project__state__in=_WORKING, state__in=moves.DECIDABLE)
        .exclude(requester=user)
        .exclude(Exists(Decision.objects.filter(round=OuterRef("pk"), decider=user)))
        .select_related("project", "stage", "requester")
    )
    for review in rounds:
        if policy.eligible(review.policy, roles[review.project_id]) is None or not stands_apart(
            user.pk, requester_id=review.requester_id, authors=authors_of(review.manifest), rules=review.policy
        ):
            continue
        late = review.due_on is not None and review.due_on < today
        found.append(
            Waiting(
                title=review.title,
                why=f"{review.stage.name}, asked by {review.requester.name}",
                link=review.get_absolute_url(),
                group="decisions",
                state="cond" if late else "wait",
                word=_late_words((today - review.due_on).days) if review.due_on and late else "decide",
                since=review.submitted_at or timezone.now(),
                due_on=review.due_on,
                project=review.project.name,
            )
        )
    return found


def _lapsed(user: User, roles: dict[int, set[str]]) -> list[Waiting]:
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
            title=f"Changed since it was approved: {review.stage.name}",
            why=_first_line(review.difference),
            link=review.get_absolute_url(),
            group="tasks",
            state="stale",
            word="submit again" if review.project_id in leads else "changed since",
            since=review.lapsed_at or review.closed_at or timezone.now(),
            project=review.project.name,
        )
        for review in rounds
    ]


def open_rounds(project: Project) -> list[Round]:
    """Rounds of the project that wait for an answer, with stage and requester. One query."""
    return list(
        Round.objects.filter(project=project, state__in=moves.OPEN_STATES)
        .select_related("stage", "requester")
        .defer("manifest")
        .order_by("stage__order")
    )


def rounds_of(project: Project) -> list[Round]:
    """All rounds of the project, newest first, with stage and requester. One query."""
    return list(
        Round.objects.filter(project=project).select_related("stage", "requester").defer("manifest").order_by("-pk")
    )


def list_of(user: User, *, project: str = "", state: str = "", mine: bool = False) -> QuerySet[Round]:
    """Rounds that a person sees, newest first; `mine`: only those that wait for their answer."""
    rounds: QuerySet[Round] = (
        Round.objects.visible_to(user).select_related("stage", "project", "requester").order_by("-pk")
    )
    if project:
        rounds = rounds.filter(project__key=project)
    if state:
        rounds = rounds.filter(state=state)
    if mine:
        waiting = [int(line.link.strip("/").split("/")[-1]) for line in waiting_for(user) if line.group == "decisions"]
        rounds = rounds.filter(pk__in=waiting)
    return rounds


def _asked(review: Round, members: list[Member], decisions: list[Decision], user: User) -> list[Asked]:
    said = {decision.decider_id: decision for decision in decisions}
    authors = authors_of(review.manifest)
    found: list[Asked] = []
    for member in members:
        if policy.eligible(review.policy, [member.role]) is None or not member.user.is_active:
            continue
        apart = stands_apart(member.user_id, requester_id=review.requester_id, authors=authors, rules=review.policy)
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
            )
        )
    # Who answered and has left since keeps their line.
    found.extend(
        Asked(decision.decider, _role_words(decision.role), decision, "", decision.decider_id == user.pk)
        for decision in said.values()
    )
    return found


def _role_words(role: str | None) -> str:
    return str(Role(role).label) if role in Role.values else ""


def _late_words(days: int) -> str:
    return f"{days} day{'' if days == 1 else 's'} late"


def _first_line(lines: list[Line]) -> str:
    if not lines:
        return "the evidence changed"
    line = lines[0]
    more = f" and {len(lines) - 1} more" if len(lines) > 1 else ""
    return f"{line['label']}{more}"
