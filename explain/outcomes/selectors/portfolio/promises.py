"""The third page: of what closed cases promised, how much came, by team and by method."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from explain.outcomes.compute.portfolio.accuracy import ENOUGH, Accuracy, accuracy_of, realisation_rate
from explain.outcomes.models import OutcomeReport, PortfolioHead
from explain.outcomes.selectors.portfolio.filters import ALL, NO_OUTCOME, Filters
from explain.outcomes.selectors.portfolio.rows import major
from explain.outcomes.selectors.portfolio.scope import projects_in
from foundation.people.models import User
from lifecycle.projects.models import Project

ENDED = (Project.State.CLOSED, Project.State.STOPPED)
EVIDENCED = (OutcomeReport.Grade.VERIFIED, OutcomeReport.Grade.MEASURED, OutcomeReport.Grade.INDICATIVE)


@dataclass(frozen=True)
class Case:
    """A closed case: net benefit promised by its plan, and realised by its last report, in its own currency."""

    key: str
    name: str
    unit: str
    method: str
    state: str
    number: int
    currency: str
    grade: str
    promised: Decimal | None
    realised: Decimal | None
    rate: Decimal | None

    @property
    def rate_percent(self) -> Decimal | None:
        return None if self.rate is None else 100 * self.rate


@dataclass(frozen=True)
class Group:
    """The figures of a team, a method or all."""

    name: str
    accuracy: Accuracy


@dataclass(frozen=True)
class Promises:
    """All that the page shows."""

    filters: Filters
    whole: Accuracy
    by_unit: list[Group]
    by_method: list[Group]
    cases: list[Case]
    enough: int = ENOUGH


def promises_of(user: User, filters: Filters | None = None) -> Promises:
    """Closed and stopped projects with a current report. One query."""
    filters = filters or Filters()
    heads = PortfolioHead.objects.filter(project__in=projects_in(user, filters).filter(state__in=ENDED))
    if filters.currency:
        heads = heads.filter(currency=filters.currency)
    if filters.grade not in ("", ALL):
        heads = heads.filter(grade="" if filters.grade == NO_OUTCOME else filters.grade)
    cases = [
        _case(*row)
        for row in heads.order_by("project__name", "project_id").values_list(
            "project__key",
            "project__name",
            "project__unit",
            "project__methodology__name",
            "project__state",
            "project__stopped_reason",
            "number",
            "currency",
            "grade",
            "promised_net_minor",
            "net_minor",
            "benefits_minor",
        )
    ]
    return Promises(
        filters=filters,
        whole=accuracy_of([case.rate for case in cases]),
        by_unit=_groups(cases, "unit"),
        by_method=_groups(cases, "method"),
        cases=cases,
    )


def _case(
    key: str, name: str, unit: str, method: str, state: str, stopped: str, number: int, currency: str, grade: str,
    promised: int | None, net: int | None, benefits: int | None,
) -> Case:  # fmt: skip
    # A stopped project that never measured a benefit brought what it cost; of any other, nothing is known without one.
    known = net is not None and bool((benefits is not None and grade in EVIDENCED) or (benefits is None and stopped))
    rate = realisation_rate(promised, net) if known and promised is not None and net is not None else None
    return Case(
        key, name, unit or "no unit given", method, str(Project.State(state).label), number, currency, grade,
        major(promised, currency), major(net, currency) if known else None, rate,
    )  # fmt: skip


def _groups(cases: list[Case], by: str) -> list[Group]:
    found: dict[str, list[Decimal | None]] = {}
    for case in cases:
        found.setdefault(getattr(case, by), []).append(case.rate)
    groups = [Group(name, accuracy_of(rates)) for name, rates in found.items()]
    return sorted(groups, key=lambda group: (-group.accuracy.rated, group.name))
