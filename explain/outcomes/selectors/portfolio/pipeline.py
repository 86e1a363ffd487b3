"""The second page: what lies at each stage, how long stages take, and what waiting for decisions costs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, FilteredRelation, Min, Q, QuerySet, Sum, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from explain.outcomes.compute.portfolio.delay import cost_of_days
from explain.outcomes.compute.portfolio.head import NO_FORECAST, NO_RESULT, NO_TOTAL, NOTHING_AHEAD
from explain.outcomes.compute.portfolio.survival import Lasting, Span, lasting
from explain.outcomes.selectors.portfolio.filters import IN_WORK, Filters
from explain.outcomes.selectors.portfolio.rows import major
from explain.outcomes.selectors.portfolio.scope import projects_in
from explain.outcomes.selectors.portfolio.spans import DAY, spans_by
from foundation.people.models import User
from lifecycle.kpis.periods import organisation_today
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff import moves
from lifecycle.signoff.models import Round

ASKING = (moves.SUBMITTED, moves.IN_FEEDBACK, moves.AWAITING)
LONGEST = 15
AFTER_ALL_STAGES = 1000
COSTS_NOTHING, NO_REPORT = "costs_nothing", ""
UNPRICED = {
    NO_REPORT: "no outcome report yet",
    NO_RESULT: "no outcome report with figures",
    NO_TOTAL: "amounts in other currencies, or too large to add",
    NOTHING_AHEAD: "no month lies ahead of its report",
    NO_FORECAST: "no benefit is planned or forecast",
    COSTS_NOTHING: "its months ahead cost more than they bring, so waiting loses nothing",
}


@dataclass
class AtStage:
    """Projects that are at a stage now. Worth: net present value over the horizon, in the page's currency."""

    name: str
    order: int
    projects: int = 0
    promised: int = 0
    expected: dict[str, int] = field(default_factory=dict)  # by grade of evidence
    unknown: int = 0  # without any worth in this currency

    def shown(self, currency: str) -> dict[str, Any]:
        """The same in amounts of the currency."""
        return {
            "name": self.name,
            "projects": self.projects,
            "promised": major(self.promised, currency),
            "expected": {grade: major(amount, currency) for grade, amount in self.expected.items()},
            "unknown": self.unknown,
        }


@dataclass(frozen=True)
class StageTime:
    """How long a stage takes, and its approvals; what waits there now and what that has cost."""

    name: str
    stage: Lasting
    approval: Lasting
    waiting: int
    days: int
    cost: Decimal | None


@dataclass(frozen=True)
class Wait:
    """A round that waits for its decision. `cost` in `currency`; None with the reason in words."""

    round: int
    project: str
    name: str
    stage: str
    days: int
    due_on: date | None
    cost: Decimal | None
    a_day: Decimal | None
    currency: str
    why: str


@dataclass(frozen=True)
class Pipeline:
    """All that the page shows."""

    filters: Filters
    currency: str
    as_of: date
    stages: list[dict[str, Any]]
    times: list[StageTime]
    to_market: Lasting
    never_live: int
    waits: list[Wait]
    waiting: int
    priced: dict[str, Decimal]  # by currency
    unpriced: list[tuple[str, int]]


def pipeline_of(user: User, filters: Filters | None = None, every: bool = False) -> Pipeline:
    """Six queries, however many projects there are. `every`: all waits, not only the dearest.

    The period narrows stages and approvals to those that began in it.
    """
    filters = filters or Filters()
    projects = projects_in(user, filters)
    currency = filters.currency or settings.ORGANISATION_CURRENCY
    now, today = timezone.now(), organisation_today()
    stages = _begun(Stage.objects.filter(project__in=projects), "opened_at", filters)
    rounds = _begun(Round.objects.filter(project__in=projects).exclude(state=moves.WITHDRAWN), "submitted_at", filters)
    times = spans_by(stages, "name", "opened_at", "closed_at", now)
    approvals = spans_by(rounds, "stage__name", "submitted_at", "closed_at", now)
    waits = _waits(rounds, now, filters.currency)
    market, never = _to_market(projects, today)
    at_stages, order = _at_stages(projects, currency)
    by_stage: dict[str, list[Wait]] = {}
    for wait in waits:
        by_stage.setdefault(wait.stage, []).append(wait)
    names = sorted({str(name) for name in [*times, *approvals]}, key=lambda name: (order.get(name, len(order)), name))
    priced: dict[str, Decimal] = {}
    for wait in waits:
        if wait.cost is not None:
            priced[wait.currency] = priced.get(wait.currency, Decimal(0)) + wait.cost
    reasons: dict[str, int] = {}
    for wait in waits:
        if wait.cost is None:
            reasons[wait.why] = reasons.get(wait.why, 0) + 1
    return Pipeline(
        filters=filters,
        currency=currency,
        as_of=today,
        stages=[stage.shown(currency) for stage in at_stages],
        times=[
            _stage_time(name, times.get(name, []), approvals.get(name, []), by_stage.get(name, []), currency)
            for name in names
        ],
        to_market=market,
        never_live=never,
        waits=waits if every else waits[:LONGEST],
        waiting=len(waits),
        priced=priced,
        unpriced=sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])),
    )


def _begun(rows: QuerySet[Any], column: str, filters: Filters) -> QuerySet[Any]:
    """Rows that began in the period, by the calendar of the organisation."""
    zone = timezone.get_default_timezone()
    if filters.first:
        rows = rows.filter(**{f"{column}__gte": datetime(filters.first.year, filters.first.month, 1, tzinfo=zone)})
    if filters.last:
        following = (filters.last + timedelta(days=32)).replace(day=1)
        rows = rows.filter(**{f"{column}__lt": datetime(following.year, following.month, 1, tzinfo=zone)})
    return rows


def _stage_time(name: str, stage: list[Span], approval: list[Span], waits: list[Wait], currency: str) -> StageTime:
    own = [wait.cost for wait in waits if wait.cost is not None and wait.currency == currency]
    return StageTime(
        name=name,
        stage=lasting(stage),
        approval=lasting(approval),
        waiting=len(waits),
        days=sum(wait.days for wait in waits),
        cost=sum(own, Decimal(0)) if own else None,
    )


def _waits(rounds: QuerySet[Any], now: datetime, only: str) -> list[Wait]:
    """Rounds that wait, the dearest first, those without a price by days. `only`: of this currency, if it is not empty."""
    head = "project__portfolio_head__"
    asking = rounds.filter(state__in=ASKING, submitted_at__isnull=False).order_by()
    found = []
    for pk, key, name, stage, submitted, due, a_month, why, currency in asking.values_list(
        "pk", "project__key", "project__name", "stage__name", "submitted_at", "due_on", f"{head}delay_minor",
        f"{head}delay_why", f"{head}currency",
    ):  # fmt: skip
        if only and currency and currency != only:
            continue
        days = max(0, int((now - submitted).total_seconds() // DAY))
        price = a_month if a_month is not None and a_month > 0 else None
        reason = "" if price is not None else COSTS_NOTHING if a_month is not None else why or NO_REPORT
        found.append(
            Wait(
                round=pk, project=key, name=name, stage=stage, days=days, due_on=due,
                cost=None if price is None else major(cost_of_days(price, days), currency),
                a_day=None if price is None else major(cost_of_days(price, 1), currency),
                currency=currency or "", why="" if price is not None else UNPRICED[reason],
            )
        )  # fmt: skip
    return sorted(found, key=lambda wait: (wait.cost is None, -(wait.cost or 0), -wait.days, wait.round))


def _to_market(projects: QuerySet[Project], today: date) -> tuple[Lasting, int]:
    """From the start of a project to its go-live, projects that are not live yet included; and how many never will be.

    A project that ended without going live is no longer on its way, so it is counted apart.
    """
    newest: dict[int, tuple[str, str, str | None]] = {}
    # Days as texts: the driver's own reading of ten thousand days takes longer than the rest of the page.
    began_on, live_on = Cast("started_on", TextField()), Cast("go_lives__on", TextField())
    rows = projects.order_by("go_lives__pk").values_list("pk", began_on, "state", live_on)
    for pk, began, state, live in rows:  # the newest go-live counts
        newest[pk] = (began, state, live)
    spans, never = [], 0
    ended = (Project.State.STOPPED, Project.State.CLOSED)
    for began, state, live in newest.values():
        started = date.fromisoformat(began)
        if live is not None and live <= today.isoformat():
            spans.append(Span(max(0, (date.fromisoformat(live) - started).days), ended=True))
        elif state in ended:
            never += 1
        else:
            spans.append(Span(max(0, (today - started).days), ended=False))
    return lasting(spans), never


def _at_stages(projects: QuerySet[Project], currency: str) -> tuple[list[AtStage], dict[str, int]]:
    """Projects by stage in work, in the order of the methodology, then those without one by state."""
    head = "portfolio_head__"
    there = FilteredRelation("stages", condition=Q(stages__is_current=True, stages__state__in=IN_WORK))
    grouped = (
        projects.order_by()
        .annotate(at=there)
        .values_list("state", "at__name", f"{head}currency", f"{head}grade")
        .annotate(place=Min("at__order"), count=Count("pk"), **_worth(head))
    )
    found: dict[str, AtStage] = {}
    order: dict[str, int] = {}
    states = list(Project.State.values)
    for state, name, of, grade, place, *figures in grouped:
        if state == Project.State.ACTIVE and name:
            order[name] = min(place, order.get(name, place))
            at = found.setdefault(name, AtStage(name, order[name]))
        else:
            label = str(Project.State(state).label)
            at = found.setdefault(label, AtStage(label, AFTER_ALL_STAGES + states.index(state)))
        _count(at, of == currency, grade, *figures)
    return sorted(found.values(), key=lambda stage: (stage.order, stage.name)), order


def _worth(head: str) -> dict[str, Any]:
    """Sums of what is promised and expected, and how many know it; in the order in which `_count` takes them."""
    return {
        "promised": Sum(f"{head}promised_npv_minor"),
        "expected": Sum(f"{head}npv_minor"),
        "worth": Count(f"{head}npv_minor"),
        "plans": Count(f"{head}promised_npv_minor"),
    }


def _count(
    at: AtStage, is_own: bool, grade: str | None, count: int, promised: Any, expected: Any, worth: int, plans: int
) -> None:
    at.projects += count
    if not is_own:
        at.unknown += count
        return
    at.promised += int(promised or 0)
    at.unknown += count - max(worth, plans)
    if worth and grade is not None:
        at.expected[grade] = at.expected.get(grade, 0) + int(expected or 0)
