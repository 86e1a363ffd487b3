"""The first page: sums by grade of evidence, months, and which projects stand out."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from heapq import nlargest

from django.conf import settings

from explain.outcomes.compute.portfolio.packed import later, number_of, sums_between, unpack
from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors.portfolio.filters import ALL, NO_OUTCOME, Filters
from explain.outcomes.selectors.portfolio.rows import Row, Sums, major, rows_of
from explain.outcomes.selectors.portfolio.scope import Light, lights, projects_in
from foundation.people.models import User
from lifecycle.kpis.periods import months_later

GRADES = [
    OutcomeReport.Grade.VERIFIED,
    OutcomeReport.Grade.MEASURED,
    OutcomeReport.Grade.INDICATIVE,
    OutcomeReport.Grade.ASSUMED,
    OutcomeReport.Grade.NOT_ENOUGH,
    OutcomeReport.Grade.NONE,
]
TOP, WORST, BUBBLES, ROWS = 10, 10, 40, 25
UNITS = 8  # the others are one bar
SERIES = 4


@dataclass
class GradeTotal:
    """All projects of one grade in one currency. The interval takes the projects as independent."""

    grade: str
    currency: str
    projects: int = 0
    known: int = 0  # projects whose benefit is known
    costs_minor: int = 0
    benefits_minor: int = 0
    planned_minor: int = 0
    below: float = 0.0  # sums of squares, in minor units
    above: float = 0.0
    as_of_first: date | None = None
    as_of_last: date | None = None
    filters: Filters = field(default_factory=Filters)

    @property
    def query(self) -> str:
        """The projects of this total, as an address."""
        return self.filters.query_with(currency=self.currency, grade=self.grade or NO_OUTCOME)

    @property
    def costs(self) -> Decimal:
        return _major(self.costs_minor, self.currency)

    @property
    def benefits(self) -> Decimal:
        return _major(self.benefits_minor, self.currency)

    @property
    def planned_benefits(self) -> Decimal:
        return _major(self.planned_minor, self.currency)

    @property
    def net(self) -> Decimal:
        return self.benefits - self.costs

    @property
    def low(self) -> Decimal:
        return self.net - _major(round(math.sqrt(self.below)), self.currency)

    @property
    def high(self) -> Decimal:
        return self.net + _major(round(math.sqrt(self.above)), self.currency)

    @property
    def realisation_percent(self) -> Decimal | None:
        return 100 * self.benefits / self.planned_benefits if self.planned_benefits > 0 else None


@dataclass(frozen=True)
class UnitValue:
    """Benefits to date of a business unit by grade of evidence."""

    unit: str
    benefits: dict[str, Decimal]


@dataclass
class Portfolio:
    """All that the page shows of one currency, and how many projects are in others or have no report."""

    filters: Filters
    currency: str
    currencies: list[str]
    totals: list[GradeTotal]
    elsewhere: list[GradeTotal]
    without: int
    not_added: int  # reports whose figures do not add up to a total
    chosen: str
    order: list[int] = field(default_factory=list)  # projects by net benefit, the best first
    units: list[UnitValue] = field(default_factory=list)
    top: list[Row] = field(default_factory=list)
    worst: list[Row] = field(default_factory=list)
    bubbles: list[Row] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)  # of the page
    page: int = 1
    added: int = 0  # projects in the curve and the bars
    first_month: date | None = None
    planned: list[Decimal] = field(default_factory=list)
    realised: list[Decimal] = field(default_factory=list)
    planned_benefits: list[Decimal] = field(default_factory=list)
    realised_benefits: list[Decimal] = field(default_factory=list)
    as_of_first: date | None = None
    as_of_last: date | None = None

    def total_of(self, grade: str) -> GradeTotal:
        """The total of a grade, empty when no project has it."""
        return next((total for total in self.totals if total.grade == grade), GradeTotal(grade, self.currency))

    @property
    def losing(self) -> list[Row]:
        """Of the projects that are shown below, those that do not pay, the worst first."""
        return [row for row in reversed(self.rows) if row.is_losing]

    @property
    def months(self) -> list[str]:
        count = max(len(self.planned), len(self.realised))
        return [] if self.first_month is None else [f"{months_later(self.first_month, k):%Y-%m}" for k in range(count)]

    @property
    def pages(self) -> int:
        return max(1, math.ceil(len(self.order) / ROWS))


def portfolio_of(user: User, filters: Filters | None = None, page: int = 1, every: bool = False) -> Portfolio:
    """The projects that the person may see and the filters leave. Four queries, however many projects there are.

    `page`: of the table of all projects, twenty-five a page; `every`: all of them, for a download. The curve and the bars add
    up one grade of evidence: the chosen one, else the best there is; only "all" mixes them.
    """
    filters = filters or Filters()
    rows_of_all = lights(user, filters)
    by_currency: dict[str, list[Light]] = {}
    for light in rows_of_all:
        by_currency.setdefault(light.currency, []).append(light)
    currencies = sorted(by_currency)
    own = settings.ORGANISATION_CURRENCY
    currency = filters.currency or (own if own in currencies or not currencies else currencies[0])
    found = by_currency.get(currency, [])
    added_up = [light for light in found if light.net is not None]
    sums = {light.project: _in_period(light, filters) for light in added_up} if filters.has_period else None
    totals = _totals(added_up, sums, currency, filters)
    known = [total.grade for total in totals]
    wanted = "" if filters.grade == NO_OUTCOME else filters.grade
    chosen = filters.grade if filters.grade else next((grade for grade in known if grade), ALL)
    rows = [light for light in added_up if filters.grade in ("", ALL) or light.grade == wanted]
    portfolio = Portfolio(
        filters=filters,
        currency=currency,
        currencies=currencies,
        totals=totals,
        elsewhere=[
            total
            for name in currencies
            if name != currency
            for total in _totals(by_currency[name], None, name, filters)
        ],
        without=projects_in(user, filters).order_by().count() - len(rows_of_all),
        not_added=len(found) - len(added_up),
        chosen=chosen,
        units=_units(rows, sums, currency),
    )
    curves = rows if chosen in (ALL, NO_OUTCOME) else [light for light in rows if light.grade == chosen]
    _add_up(portfolio, curves)
    _stand_out(portfolio, rows, sums, page, every)
    days = [light.as_of for light in found]
    portfolio.as_of_first, portfolio.as_of_last = _day(min(days, default="")), _day(max(days, default=""))
    return portfolio


def _major(amount: int, currency: str) -> Decimal:
    return major(amount, currency) or Decimal(0)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _in_period(light: Light, filters: Filters) -> Sums:
    """What the months of the period brought, as far as they lie before the report's day."""
    if light.first_month is None:
        return Sums(0, None, 0, None, None, None)
    first = _place(filters.first) - light.first_month if filters.first else 0
    end = min(light.to_date, _place(filters.last) + 1 - light.first_month if filters.last else light.to_date)
    planned, net, planned_benefits, benefits = sums_between(light.series, SERIES, first, end)
    known = light.benefits is not None
    has_plan = light.planned_net is not None
    return Sums(
        costs=benefits - net,
        benefits=benefits if known else None,
        net=net,
        planned_net=planned if has_plan else None,
        planned_benefits=planned_benefits,
        shortfall=max(0, planned - net) if has_plan else None,
    )


def _sums_of(light: Light, sums: dict[int, Sums] | None) -> Sums | Light:
    return light if sums is None else sums[light.project]


def _totals(rows: Iterable[Light], sums: dict[int, Sums] | None, currency: str, filters: Filters) -> list[GradeTotal]:
    """One total for each grade, in whole minor units: Python's integers are exact, whatever the database."""
    of_grade: dict[str, list[Light]] = {}
    for light in rows:
        of_grade.setdefault(light.grade, []).append(light)
    found = []
    for grade in GRADES:
        there = of_grade.get(grade, [])
        if not there:
            continue
        own = [_sums_of(light, sums) for light in there]
        total = GradeTotal(grade, currency, len(there), filters=filters)
        total.known = sum(each.benefits is not None for each in own)
        total.costs_minor = sum(each.costs or 0 for each in own)
        total.benefits_minor = sum(each.benefits or 0 for each in own)
        total.planned_minor = sum(each.planned_benefits or 0 for each in own)
        if sums is None:  # the draws of a report are of its whole time to date
            total.below = sum(light.below**2 for light in there)
            total.above = sum(light.above**2 for light in there)
        total.as_of_first, total.as_of_last = _day(min(o.as_of for o in there)), _day(max(o.as_of for o in there))
        found.append(total)
    return found


def _units(rows: Iterable[Light], sums: dict[int, Sums] | None, currency: str) -> list[UnitValue]:
    """Benefits by unit and grade; the units with most benefits by name, the others together."""
    found: dict[str, dict[str, int]] = {}
    for light in rows:
        benefits = _sums_of(light, sums).benefits
        if benefits:
            unit = found.setdefault(light.unit or "no unit given", {})
            unit[light.grade] = unit.get(light.grade, 0) + benefits
    ordered = sorted(found.items(), key=lambda pair: (-sum(pair[1].values()), pair[0]))
    kept, rest = ordered[:UNITS], ordered[UNITS:]
    if rest:
        others: dict[str, int] = {}
        for _, grades in rest:
            for grade, amount in grades.items():
                others[grade] = others.get(grade, 0) + amount
        kept.append((f"{len(rest)} other units", others))
    return [
        UnitValue(unit, {grade: _major(amount, currency) for grade, amount in grades.items()}) for unit, grades in kept
    ]


def _add_up(found: Portfolio, rows: list[Light]) -> None:
    """Planned and realised net and benefits of the rows by calendar month, within the period.

    After the day of its report a project adds nothing more, so the realised curve holds no forecast.
    """
    packed: dict[int, int] = {}
    ends: dict[int, tuple[int, int]] = {}  # by first month: the longest plan, and what is over
    for light in rows:
        first = light.first_month
        if first is None or not light.months:
            continue
        found.added += 1
        packed[first] = packed.get(first, 0) + number_of(light.series)
        months, to_date = ends.get(first, (0, 0))
        if light.months > months or light.to_date > to_date:
            ends[first] = (max(months, light.months), max(to_date, light.to_date))
    if not packed:
        return
    start = min(packed)
    last = max(first - start + months for first, (months, _) in ends.items())
    over = max(first - start + to_date for first, (_, to_date) in ends.items())
    whole = sum(later(number, first - start, SERIES) for first, number in packed.items())
    planned, realised, planned_benefits, realised_benefits = unpack(whole, SERIES, last)
    low = max(0, _place(found.filters.first) - start) if found.filters.first else 0
    high = _place(found.filters.last) + 1 - start if found.filters.last else last
    if high <= low or low >= last:
        return
    past = slice(low, max(low, min(high, over)))
    found.first_month = date((start + low) // 12, (start + low) % 12 + 1, 1)
    found.planned = [_major(amount, found.currency) for amount in planned[low:high]]
    found.realised = [_major(amount, found.currency) for amount in realised[past]]
    found.planned_benefits = [_major(amount, found.currency) for amount in planned_benefits[low:high]]
    found.realised_benefits = [_major(amount, found.currency) for amount in realised_benefits[past]]


def _stand_out(found: Portfolio, rows: list[Light], sums: dict[int, Sums] | None, page: int, every: bool) -> None:
    """The best, the worst against plan, the largest for the bubbles, and one page of all."""
    own = [(light.project, _sums_of(light, sums)) for light in rows]
    nets = {project: of.net or 0 for project, of in own}
    found.order = [-project for _, project in sorted(((net, -project) for project, net in nets.items()), reverse=True)]
    gaps = [(of.shortfall or 0, project) for project, of in own]
    worst = [pk for gap, pk in nlargest(WORST, gaps) if gap > 0]
    drawn = [(abs(light.npv), light.project) for light in rows if light.npv is not None and light.chance is not None]
    bubbles = [pk for _, pk in nlargest(BUBBLES, drawn)]
    top = [pk for pk in found.order[:TOP] if nets[pk] > 0]
    found.page = page = min(max(1, page), found.pages)
    shown = found.order if every else found.order[(page - 1) * ROWS : page * ROWS]
    known = rows_of([*top, *worst, *bubbles, *shown], sums)
    found.top, found.worst, found.bubbles, found.rows = (
        [known[pk] for pk in ids if pk in known] for ids in (top, worst, bubbles, shown)
    )


def _place(month: date) -> int:
    """A month as heads count it."""
    return month.year * 12 + month.month - 1
