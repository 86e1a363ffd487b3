"""What was decided in another way than the rules say: signed exceptions, emergencies, own work, covers by others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from foundation.people.models import User
from foundation.web.refused import Verdict, denied
from lifecycle.projects import moves as project_moves
from lifecycle.projects.cover_permits import may_end_delegation
from lifecycle.projects.models import Delegation, Member, Project, Role
from lifecycle.projects.standing_in import standing_in_words, state_words
from lifecycle.signoff.models import Decision, Round, Waiver
from lifecycle.signoff.permits.policies import may_end
from lifecycle.signoff.services.waivers import said_of

WAIVER, EMERGENCY, OWN_WORK, COVER = "waiver", "emergency", "own_work", "cover"
KINDS = {
    WAIVER: "signed exception",
    EMERGENCY: "emergency",
    OWN_WORK: "decision on own work",
    COVER: "stand-in named by somebody else",
}
_NO_END = denied("This has no end that could be moved.", code="not_endable", status=409)


@dataclass(frozen=True)
class Deviation:
    """One line of the report. `project` is None for a cover in all projects; `until` None: of one day only."""

    kind: str
    id: int
    project: Project | None
    what: str
    who: str
    by: str
    reason: str
    since: date
    until: date | None
    mark: str
    word: str
    in_force: bool
    link: str
    thing: Any = None
    may_end: Verdict = _NO_END

    @property
    def kind_words(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True)
class Wanted:
    """What the report is narrowed to; empty narrows nothing. `project`: its key or its name. Days are inclusive."""

    kind: str = ""
    project: str = ""
    since: date | None = None
    until: date | None = None
    in_force: bool = False

    def fits(self, row: Deviation) -> bool:
        """Whether a line is wanted; a period is met where it overlaps."""
        if self.in_force and not row.in_force:
            return False
        if self.since and (row.until or row.since) < self.since:
            return False
        return not (self.until and row.since > self.until)


def deviations(projects: QuerySet[Project], wanted: Wanted) -> list[Deviation]:
    """Lines of the report in these projects, the newest first; one query for each of the four kinds."""
    if wanted.project:
        projects = projects.filter(Q(key=wanted.project) | Q(name__iexact=wanted.project))
    sources = {WAIVER: _waivers, EMERGENCY: _emergencies, OWN_WORK: _own_work, COVER: _covers}
    rows: list[Deviation] = []
    for kind, source in sources.items():
        if wanted.kind in ("", kind):
            rows += [row for row in source(projects) if wanted.fits(row)]
    return sorted(rows, key=lambda row: (row.since, row.id), reverse=True)


def deviations_of(project: Project, *, actor: User, roles: frozenset[str]) -> list[Deviation]:
    """Lines of one project, with what `actor` may end; `roles`: theirs in it."""
    rows = deviations(Project.objects.filter(pk=project.pk), Wanted())
    return [_endable(row, actor, roles) for row in rows]


def _endable(row: Deviation, actor: User, roles: frozenset[str]) -> Deviation:
    if not row.in_force or row.kind not in (WAIVER, COVER):
        return row
    verdict = may_end(actor, row.thing, roles=roles) if row.kind == WAIVER else may_end_delegation(actor, row.thing)
    return replace(row, may_end=verdict)


def _waivers(projects: QuerySet[Project]) -> Iterable[Deviation]:
    today = timezone.localdate()
    rows = Waiver.objects.filter(project__in=projects).select_related("project", "person", "granted_by", "signature")
    for row in rows:
        over = row.ended_at is not None or row.ends_on < today
        mark, word = ("idle", "ended" if row.ended_at else "over") if over else (
            ("wait", "to come") if row.starts_on > today else ("cond", "in force")
        )  # fmt: skip
        ended = row.ended_at.date() if row.ended_at else row.ends_on
        yield Deviation(
            WAIVER, row.pk, row.project, said_of(row), str(row.person or Role(row.role).label), row.granted_by.name,
            row.reason, row.starts_on, max(row.starts_on, ended), mark, word, not over,
            f"/projects/{row.project.key}/exceptions/", row,
        )  # fmt: skip


def _emergencies(projects: QuerySet[Project]) -> Iterable[Deviation]:
    regular = Round.objects.filter(
        project=OuterRef("project"),
        stage__key=OuterRef("stage__key"),
        number__gt=OuterRef("number"),
        emergency="",
        state__in=project_moves.ONCE_APPROVED,
    )
    rows = (
        Round.objects.filter(project__in=projects)
        .exclude(emergency="")
        .annotate(followed=Exists(regular))
        .select_related("project", "requester", "stage")
        .defer("manifest", "policy")
    )
    for row in rows:
        approved = row.state in project_moves.ONCE_APPROVED
        followed: bool = row.followed  # type: ignore[attr-defined]  # by annotate
        if followed:
            mark, word = "yes", "regular decision followed"
        elif approved:
            mark, word = "cond", "regular decision is missing"
        else:
            mark, word = "idle", row.get_state_display()
        asked = (row.submitted_at or timezone.now()).date()
        yield Deviation(
            EMERGENCY, row.pk, row.project, f"{row.stage.name}: {row.title}", row.requester.name, row.requester.name,
            row.emergency, asked, max(asked, row.expires_on) if row.expires_on else None, mark, word,
            row.is_open or (approved and not followed), row.get_absolute_url(), row,
        )  # fmt: skip


def _own_work(projects: QuerySet[Project]) -> Iterable[Deviation]:
    # Only where the policy or an exception lets somebody decide on their own work can it have happened.
    rows = (
        Decision.objects.filter(round__project__in=projects)
        .filter(Q(round__policy__self_approval=True) | Q(round__policy__has_key="self_approval_of"))
        .select_related("round__project", "round__stage", "decider", "holder")
        .defer("round__manifest")
    )
    for row in rows:
        part = {row.round.requester_id, *row.round.written_by}
        if not part & {row.decider_id, row.holder_id}:
            continue
        did = (
            "asked for it"
            if row.round.requester_id in (row.decider_id, row.holder_id)
            else "wrote part of the evidence"
        )
        said = row.get_verdict_display()
        yield Deviation(
            OWN_WORK, row.pk, row.round.project, f"{row.round.stage.name}: {row.round.title}", row.decider.name,
            row.decider.name, f"{row.decider.name} {did} and answered: {said}. {row.reason}".strip(),
            row.decided_at.date(), None, "cond" if row.stands else "idle", said if row.stands else "taken back",
            row.stands and row.round.state in project_moves.ONCE_APPROVED, row.round.get_absolute_url(), row,
        )  # fmt: skip


def _covers(projects: QuerySet[Project]) -> Iterable[Deviation]:
    members = Member.objects.filter(project__in=projects, left_at__isnull=True).values("user_id")
    rows = (
        Delegation.objects.exclude(made_by=F("from_person"))
        .filter(Q(project__in=projects) | Q(project__isnull=True, from_person__in=members))
        .select_related("project", "from_person", "to_person", "made_by")
    )
    today = timezone.localdate()
    for row in rows:
        mark, word = state_words(row)
        # What holds is marked alike, whatever its kind.
        mark = "cond" if mark == "yes" else mark
        yield Deviation(
            COVER, row.pk, row.project, standing_in_words(row), row.from_person.name, row.made_by.name, row.reason,
            row.starts_on, max(row.starts_on, row.ended_at.date()) if row.ended_at else row.ends_on, mark, word,
            row.ended_at is None and row.ends_on >= today, "/cover/", row,
        )  # fmt: skip
