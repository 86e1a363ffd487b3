"""What the first page of the portfolio holds: totals, units, and all of one currency."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from explain.outcomes.selectors.portfolio.filters import NO_OUTCOME, Filters
from explain.outcomes.selectors.portfolio.rows import Row, major_of
from lifecycle.kpis.periods import months_later

ROWS = 25  # of the table, a page


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
        return major_of(self.costs_minor, self.currency)

    @property
    def benefits(self) -> Decimal:
        return major_of(self.benefits_minor, self.currency)

    @property
    def planned_benefits(self) -> Decimal:
        return major_of(self.planned_minor, self.currency)

    @property
    def net(self) -> Decimal:
        return self.benefits - self.costs

    @property
    def low(self) -> Decimal:
        return self.net - major_of(round(math.sqrt(self.below)), self.currency)

    @property
    def high(self) -> Decimal:
        return self.net + major_of(round(math.sqrt(self.above)), self.currency)

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
    losing: list[Row] = field(default_factory=list)  # below zero and not likely to pay, the most first
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
    def months(self) -> list[str]:
        count = max(len(self.planned), len(self.realised))
        return [] if self.first_month is None else [f"{months_later(self.first_month, k):%Y-%m}" for k in range(count)]

    @property
    def pages(self) -> int:
        return max(1, math.ceil(len(self.order) / ROWS))

    @property
    def on_page(self) -> list[int]:
        """The projects of the table's page."""
        return self.order[(self.page - 1) * ROWS : self.page * ROWS]
