"""Reads of the room: what the figures suggest, a project's proposals, which wait for whom, and all that are open."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.functions import Concat
from django.utils import timezone

from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors import current_report
from explain.steering import moves
from explain.steering.compute import Ahead, Suggestion, ahead_of, suggested
from explain.steering.models import Proposal
from explain.steering.permits import WORKING
from foundation.people.models import User
from foundation.web.waiting import Waiting
from lifecycle.projects.models import TEAM, Delegation, Member, Project, Role
from lifecycle.signoff.signing import signature_state

_BETWEEN = "\x1f"  # no name holds it


class _Joined(models.Func):
    """All values of a column in one text, in a subquery that gives one row."""

    output_field = models.TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="GROUP_CONCAT(%(expressions)s, CHAR(31))", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="STRING_AGG(%(expressions)s, CHR(31))", **context)


@dataclass(frozen=True)
class OpenProposal:
    """A line of the list of open proposals. `signers`: names, and "B for A" for who stands in; empty: nobody can sign."""

    name: str
    link: str
    what: str
    amount: Decimal | None
    currency: str
    suggestion: str
    why: str
    by: str
    since: datetime
    signers: list[str]
    is_mine: bool

    @property
    def differs(self) -> bool:
        """Whether the figures suggested something else that day."""
        return bool(self.suggestion) and self.suggestion != self.what


@dataclass(frozen=True)
class Outlook:
    """The current report with the figures ahead of it and what they suggest."""

    report: OutcomeReport
    figures: Ahead
    suggestion: Suggestion


def outlook_of(report: OutcomeReport) -> Outlook:
    """Of a done report; computed anew each time, for the figures are stored and the rest is a few comparisons."""
    figures = ahead_of(report.result, report.grade, timezone.localdate())
    return Outlook(report, figures, suggested(figures))


def current_outlook(project: Project) -> Outlook | None:
    """None while the project has no report. One query."""
    report = current_report(project)
    if report is None:
        return None
    found = outlook_of(report)
    if project.state in WORKING:
        return found
    over = f"The project is {project.get_state_display()}, so there is no course to choose any more."
    return Outlook(report, found.figures, Suggestion("", (), (over,)))


def proposals_of(project: Project) -> list[Proposal]:
    """All of them, the newest first. One query."""
    found = Proposal.objects.filter(project=project).select_related("proposed_by", "decider", "report", "signature")
    return list(found.defer("report__inputs", "report__result").order_by("-number"))


def proposal_numbered(project: Project, number: int) -> Proposal | None:
    """One with its people, its report (without inputs and result) and its signature. One query."""
    found = Proposal.objects.filter(project=project, number=number).select_related(
        "project", "proposed_by", "decider", "report", "signature__signer", "signature__on_behalf_of"
    )
    return found.defer("report__inputs", "report__result").first()


def signature_state_of(proposal: Proposal) -> str:
    """`valid`, or `record changed since`; "" without a signature."""
    return "" if proposal.signature is None else signature_state(proposal.signature, proposal.content_hash)


def waiting_for(user: User) -> list[Waiting]:
    """Proposals that wait for this person's signature, as a sponsor or in the seat of one. One query."""
    if not user.is_active:
        return []
    found = (
        Proposal.objects.filter(
            state=moves.OPEN, project__state__in=WORKING, project__members__in=sponsor_seats_for(user)
        )
        .exclude(proposed_by=user)
        .annotate(holder=F("project__members__user_id"), holder_name=F("project__members__user__name"))
        .exclude(holder=F("proposed_by"))
        .select_related("project", "proposed_by")
        .defer("content")
        .order_by("proposed_at")
    )
    # Their own seat comes before one of somebody for whom they stand in.
    own_first = sorted(found, key=lambda row: (row.proposed_at, row.holder != user.pk))
    rows: dict[int, Proposal] = {}
    for row in own_first:
        rows.setdefault(row.pk, row)
    return [
        Waiting(
            title=f"{proposal.get_what_display().capitalize()} {proposal.project.name}?",
            why=_why_asked(proposal, user),
            link=proposal.get_absolute_url(),
            group="decisions",
            state="wait",
            word="proposal",
            since=proposal.proposed_at,
            project=proposal.project.name,
        )
        for proposal in rows.values()
    ]


def _why_asked(proposal: Proposal, user: User) -> str:
    holder, name = proposal.holder, proposal.holder_name  # type: ignore[attr-defined]  # by annotate
    stands_in = "" if holder == user.pk else f" You stand in for {name}."
    return f"{proposal.proposed_by.name} proposes it, and a sponsor decides.{stands_in}"


def sponsor_seats_for(user: User) -> QuerySet[Member]:
    """Seats of sponsors that the person may take today: their own, or one of somebody for whom they stand in."""
    covers = Delegation.objects.in_force(timezone.localdate()).filter(
        Q(project__isnull=True) | Q(project=OuterRef("project")),
        to_person=user,
        from_person=OuterRef("user"),
        role__in=("", Role.SPONSOR),
    )
    works = Member.objects.filter(project=OuterRef("project"), user=user, role__in=TEAM, left_at__isnull=True)
    seats = Member.objects.filter(role=Role.SPONSOR, left_at__isnull=True, user__is_active=True)
    return seats.filter(Q(user=user) | Q(Exists(covers), ~Exists(works)))


def open_proposals(
    user: User, projects: QuerySet[Project], *, what: str = "", is_mine: bool = False
) -> QuerySet[Proposal]:
    """Proposals of these projects that can be answered now, who waits longest first, with who may sign and whether
    `user` may; `of_all` counts all that fit. One query, whatever part of it is read; `open_lines` makes lines of it.
    """
    found = Proposal.objects.filter(state=moves.OPEN, project__in=projects, project__state__in=WORKING)
    if what:
        found = found.filter(what=what)
    mine = sponsor_seats_for(user).filter(project=OuterRef("project")).exclude(user=OuterRef("proposed_by"))
    sponsors = Member.objects.filter(
        project=OuterRef("project"), role=Role.SPONSOR, left_at__isnull=True, user__is_active=True
    ).exclude(user=OuterRef("proposed_by"))
    found = found.annotate(
        mine=Q(Exists(mine)) & ~Q(proposed_by=user),
        sponsors=Subquery(sponsors.order_by().values_list(_Joined("user__name"))),
        stand_ins=Subquery(_covers_of_sponsors().order_by().values_list(_Joined("words"))),
        of_all=Window(models.Count("pk")),
    )
    if is_mine:
        found = found.filter(mine=True)
    narrow = found.select_related("project", "proposed_by").only(
        "number", "what", "suggestion", "reasons", "amount", "currency", "proposed_at", "proposed_by__name",
        "project__key", "project__name",
    )  # fmt: skip
    return narrow.order_by("proposed_at", "pk")


def open_lines(rows: Iterable[Proposal]) -> list[OpenProposal]:
    """Lines of rows of `open_proposals`."""
    return [
        OpenProposal(
            name=row.project.name,
            link=row.get_absolute_url(),
            what=row.what,
            amount=row.amount,
            currency=row.currency,
            suggestion=row.suggestion,
            why=row.reasons.split("\n", 1)[0],
            by=row.proposed_by.name,
            since=row.proposed_at,
            signers=[*_names(row.sponsors), *_names(row.stand_ins)],  # type: ignore[attr-defined]  # annotated
            is_mine=row.mine,  # type: ignore[attr-defined]
        )
        for row in rows
    ]


def _names(joined: str | None) -> list[str]:
    return sorted(set(joined.split(_BETWEEN))) if joined else []


def _covers_of_sponsors() -> QuerySet[Delegation]:
    """Covers in force today that let somebody answer the proposal around, with `words` such as "B for A"."""
    seats = Member.objects.filter(
        project=OuterRef(OuterRef("project")), user=OuterRef("from_person"), role=Role.SPONSOR, left_at__isnull=True
    )
    works = Member.objects.filter(
        project=OuterRef(OuterRef("project")), user=OuterRef("to_person"), role__in=TEAM, left_at__isnull=True
    )
    found: QuerySet[Delegation] = Delegation.objects.in_force(timezone.localdate()).filter(
        Q(project__isnull=True) | Q(project=OuterRef("project")),
        Exists(seats),
        ~Exists(works),
        role__in=("", Role.SPONSOR),
        from_person__is_active=True,
        to_person__is_active=True,
    )
    apart = found.exclude(from_person=OuterRef("proposed_by")).exclude(to_person=OuterRef("proposed_by"))
    return apart.annotate(words=Concat("to_person__name", Value(" for "), "from_person__name"))
