"""What the money page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from foundation.people.models import User
from foundation.web.formats import MoneyScale
from foundation.web.refused import Verdict
from lifecycle.kpis.cash import Table, cash_by_month
from lifecycle.kpis.models import CashLine, GoLive
from lifecycle.kpis.periods import aligned, months_later, organisation_today
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.selectors.series import go_live_of
from lifecycle.projects.models import Project


@dataclass
class MoneyPage:
    """Costs and benefits of a project."""

    project: Project
    lines: list[CashLine]
    tables: dict[str, Table]
    go_live: GoLive | None
    may_record: Verdict
    last_month: date

    @property
    def valid(self) -> list[CashLine]:
        return [line for line in self.lines if line.voided_at is None]

    @property
    def void(self) -> list[CashLine]:
        return [line for line in self.lines if line.voided_at is not None]

    @property
    def valid_written(self) -> list[tuple[CashLine, str]]:
        """Valid lines with their amounts, written alike."""
        return _written(self.valid)

    @property
    def void_written(self) -> list[tuple[CashLine, str]]:
        return _written(self.void)

    @property
    def main(self) -> Table:
        """Months in the project's currency."""
        return self.tables.get(self.project.currency) or Table(self.project.currency)

    @property
    def other_tables(self) -> list[Table]:
        """Months in other currencies, which are never added to the main ones."""
        return [table for currency, table in self.tables.items() if currency != self.project.currency]


def _written(lines: list[CashLine]) -> list[tuple[CashLine, str]]:
    """Costs with a minus, benefits with a plus; in one currency all with cents or none."""
    signed = [(line, -line.amount if line.side == CashLine.Side.COST else line.amount) for line in lines]
    scales = {
        currency: MoneyScale.of([amount for line, amount in signed if line.currency == currency], currency)
        for currency in {line.currency for line in lines}
    }
    return [(line, scales[line.currency].text(amount, signed=True)) for line, amount in signed]


def last_month_of(project: Project) -> date:
    """The last month of the project's horizon, or this month when that is later."""
    end = months_later(aligned(project.started_on, "month"), project.horizon_months - 1)
    return max(end, aligned(organisation_today(), "month"))


def money_page(project: Project, user: User) -> MoneyPage:
    """The money page; three queries."""
    lines = list(
        CashLine.objects.filter(project=project).select_related("recorded_by", "kpi").order_by("month", "side", "pk")
    )
    last = last_month_of(project)
    return MoneyPage(
        project=project,
        lines=lines,
        tables=cash_by_month([line for line in lines if line.voided_at is None], last),
        go_live=go_live_of(project),
        may_record=may(user, RECORD, project),
        last_month=last,
    )
