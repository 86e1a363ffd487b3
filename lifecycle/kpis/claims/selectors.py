"""Who counts how much of a KPI in which month, now or as it was known on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch

from foundation.people.models import User
from lifecycle.kpis.claims.models import ClaimEvent, KpiClaim
from lifecycle.kpis.claims.permits import MOVES, may_move, may_propose, sides_by
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.periods import aligned, months_later, organisation_today
from lifecycle.kpis.shares import scaled
from lifecycle.projects.models import TEAM, Member, Project

ZERO = Decimal(0)
SHOWN_MONTHS = 60


@dataclass(frozen=True)
class Standing:
    """A claim as it stood at an instant."""

    id: int
    kpi_id: int
    project_id: int
    project_key: str
    project_name: str
    share: Decimal
    from_month: date
    until: date | None
    state: str
    rule: str
    counts: bool

    def holds_in(self, month: date) -> bool:
        return self.from_month <= month and (self.until is None or month <= self.until)


def standing_claims(kpi_ids: Iterable[int], instant: datetime | None = None) -> dict[int, list[Standing]]:
    """KPI id -> its claims as they stood at the instant (None: now), withdrawn ones too; two queries.

    A KPI on which nothing was ever claimed is not in the answer: its own project counts the whole of it.
    """
    events = ClaimEvent.objects.order_by("pk")
    if instant is not None:
        events = events.filter(at__lte=instant)
    claims = (
        KpiClaim.objects.filter(kpi_id__in=list(kpi_ids))
        .select_related("project")
        .prefetch_related(Prefetch("events", queryset=events, to_attr="known"))
        .order_by("from_month", "pk")
    )
    found: dict[int, list[Standing]] = {}
    for claim in claims:
        known: list[ClaimEvent] = claim.known
        if known:
            found.setdefault(claim.kpi_id, []).append(_standing(claim, known[-1]))
    return found


def _standing(claim: KpiClaim, last: ClaimEvent) -> Standing:
    return Standing(
        id=claim.pk,
        kpi_id=claim.kpi_id,
        project_id=claim.project_id,
        project_key=claim.project.key,
        project_name=claim.project.name,
        share=claim.share,
        from_month=claim.from_month,
        until=last.until,
        state=last.state,
        rule=claim.rule,
        counts=last.counts,
    )


@dataclass(frozen=True)
class MonthShares:
    """One month of a KPI: what each claim asks for, and what it counts once the sum is cut to the whole."""

    month: date
    asked: dict[int, Decimal]
    counted: dict[int, Decimal]
    disputed: bool

    @property
    def asked_sum(self) -> Decimal:
        return sum(self.asked.values(), ZERO)

    @property
    def unclaimed(self) -> Decimal:
        return 1 - sum(self.counted.values(), ZERO)


def shares_in(claims: Sequence[Standing], month: date) -> MonthShares:
    """Shares by claim id; above the whole they are scaled in proportion, so that they sum to 1."""
    chosen = [claim for claim in claims if claim.counts and claim.holds_in(month)]
    parts = scaled([claim.share for claim in chosen])
    return MonthShares(
        month,
        {claim.id: claim.share for claim in chosen},
        {claim.id: part for claim, part in zip(chosen, parts, strict=True)},
        any(claim.state == KpiClaim.State.DISPUTED for claim in chosen),
    )


def own_shares(kpis: Iterable[Kpi], month: date | None = None) -> dict[int, Decimal]:
    """KPI id -> what its own project asks for in a month (absent: this one); two queries."""
    chosen, when = list(kpis), aligned(month or organisation_today(), "month")
    standing = standing_claims(kpi.pk for kpi in chosen)
    return {
        kpi.pk: _own(standing[kpi.pk], kpi.project_id, when) if kpi.pk in standing else Decimal(1) for kpi in chosen
    }


def _own(claims: Sequence[Standing], project_id: int, month: date) -> Decimal:
    own = [claim for claim in claims if claim.counts and claim.project_id == project_id]
    # Before the first claim begins, it is the first one that people mean.
    when = max([month, *([min(claim.from_month for claim in own)] if own else [])])
    return sum((claim.share for claim in own if claim.holds_in(when)), ZERO)


def steps_of(claims: Sequence[Standing], project_id: int) -> list[dict[str, Any]]:
    """What a project counts of a KPI, month by month, as steps: each holds from its month until the next one.

    `[{"from_month": "2026-01-01", "share": "0.5", "asked": "0.6", "disputed": false}]`; before the first: nothing.
    """
    counting = [claim for claim in claims if claim.counts]
    starts = {claim.from_month for claim in counting}
    starts |= {months_later(claim.until, 1) for claim in counting if claim.until is not None}
    found: list[dict[str, Any]] = []
    for start in sorted(starts):
        at = shares_in(counting, start)
        own = [claim.id for claim in counting if claim.project_id == project_id and claim.id in at.counted]
        step = {
            "from_month": start.isoformat(),
            "share": _text(sum((at.counted[one] for one in own), ZERO)),
            "asked": _text(sum((at.asked[one] for one in own), ZERO)),
            "disputed": at.disputed or at.asked_sum > 1,
        }
        if not found or {**found[-1], "from_month": ""} != {**step, "from_month": ""}:
            found.append(step)
    return found


def _text(share: Decimal) -> str:
    return format(share.normalize(), "f") if share else "0"


@dataclass
class ClaimRow:
    """A claim on the page, with what the person may do."""

    claim: KpiClaim
    counted: Decimal | None
    may: dict[str, bool]


@dataclass
class ClaimsPage:
    """All claims on a KPI."""

    kpi: Kpi
    rows: list[ClaimRow]
    months: list[tuple[MonthShares, list[tuple[Decimal | None, Decimal | None]]]]
    claimants: list[Project]
    may_propose: list[Project]
    is_cut: bool

    @property
    def open_rows(self) -> list[ClaimRow]:
        return [row for row in self.rows if row.claim.state != KpiClaim.State.WITHDRAWN]

    @property
    def withdrawn(self) -> list[ClaimRow]:
        return [row for row in self.rows if row.claim.state == KpiClaim.State.WITHDRAWN]

    @property
    def disputed_months(self) -> int:
        return sum(month.disputed or month.asked_sum > 1 for month, _ in self.months)


def claims_of(kpi: Kpi) -> list[KpiClaim]:
    """Every claim on a KPI with people and turns; two queries."""
    return list(
        KpiClaim.objects.filter(kpi=kpi)
        .select_related("project", "kpi__project", "proposed_by", "claimant_by", "keeper_by")
        .prefetch_related(Prefetch("events", queryset=ClaimEvent.objects.select_related("by").order_by("pk")))
        .order_by("from_month", "pk")
    )


def claims_page(kpi: Kpi, user: User) -> ClaimsPage:
    """The page of claims: who asks for what, month by month, and what the person may do. Seven queries."""
    claims = claims_of(kpi)
    standing = standing_claims([kpi.pk]).get(kpi.pk, [])
    now = shares_in(standing, aligned(organisation_today(), "month"))
    roles = _roles_of(user)
    rows = [
        ClaimRow(
            claim,
            now.counted.get(claim.pk),
            {move: bool(may_move(user, move, claim, sides=sides_by(roles, claim))) for move in MOVES},
        )
        for claim in claims
    ]
    counting = [claim for claim in standing if claim.counts]
    claimants = sorted({(claim.project_name, claim.project_id) for claim in counting})
    projects = Project.objects.in_bulk([pk for _, pk in claimants])
    months = _months(kpi, counting)
    table = [(at, [_cell(at, counting, pk) for _, pk in claimants]) for at in months]
    teams = Project.objects.filter(
        pk__in=[pk for pk, held in roles.items() if not held.isdisjoint(TEAM)],
        state__in=[Project.State.ACTIVE, Project.State.IN_USE],
    ).order_by("name", "pk")
    return ClaimsPage(
        kpi=kpi,
        rows=rows,
        months=table,
        claimants=[projects[pk] for _, pk in claimants],
        may_propose=[
            project for project in teams if may_propose(user, kpi, project, roles=roles[project.pk], sees=True)
        ],
        is_cut=len(months) == SHOWN_MONTHS,
    )


def _roles_of(user: User) -> dict[int, set[str]]:
    """Project id -> roles that the person holds there now; one query."""
    found: dict[int, set[str]] = {}
    for project_id, role in Member.objects.filter(user=user, left_at__isnull=True).values_list("project_id", "role"):
        found.setdefault(project_id, set()).add(role)
    return found


def _cell(at: MonthShares, claims: Sequence[Standing], project_id: int) -> tuple[Decimal | None, Decimal | None]:
    own = [claim.id for claim in claims if claim.project_id == project_id and claim.id in at.counted]
    if not own:
        return None, None
    return sum((at.counted[one] for one in own), ZERO), sum((at.asked[one] for one in own), ZERO)


def _months(kpi: Kpi, claims: Sequence[Standing]) -> list[MonthShares]:
    """The newest months from the first claim to this month, newest first."""
    if not claims:
        return []
    first, month = min(claim.from_month for claim in claims), aligned(organisation_today(), "month")
    month = max(month, first)
    found: list[MonthShares] = []
    while month >= first and len(found) < SHOWN_MONTHS:
        found.append(shares_in(claims, month))
        month = months_later(month, -1)
    return found
