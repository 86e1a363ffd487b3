"""The tables of the portfolio, from the same selectors as its pages, so that both hold the same figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from typing import Any, Literal

from explain.outcomes.compute.portfolio.accuracy import Accuracy
from explain.outcomes.definitions import DEFINITIONS
from explain.outcomes.selectors.portfolio import (
    Asked,
    Pipeline,
    Portfolio,
    Promises,
    pipeline_of,
    portfolio_of,
    promises_of,
)
from explain.outcomes.selectors.portfolio.filters import LABELS
from explain.outcomes.selectors.portfolio.rows import Row
from foundation.people.models import User
from foundation.web.refused import Refused
from foundation.web.states import grade_word

Kind = Literal["text", "money", "whole", "percent", "day"]
Column = tuple[str, Kind]


@dataclass(frozen=True)
class Table:
    """`name` is its address; cells are text, Decimal or int, date, or None for what is not known."""

    name: str
    title: str
    columns: list[Column]
    rows: list[list[Any]]
    currency: str


@dataclass(frozen=True)
class Source:
    """Pages of one person under the same filters, each read when a table asks for it first."""

    user: User
    asked: Asked

    def value(self) -> Portfolio:
        return portfolio_of(self.user, self.asked.filters, every=True)

    def pipeline(self) -> Pipeline:
        return pipeline_of(self.user, self.asked.filters, every=True)

    def promises(self) -> Promises:
        return promises_of(self.user, self.asked.filters)


def tables_of(user: User, asked: Asked) -> list[Table]:
    """All tables, what they mean first. Raises Refused for a filter that is none."""
    asked.demand()
    source = Source(user, asked)
    value, pipeline, promises = source.value(), source.pipeline(), source.promises()
    read: dict[str, Any] = {"value": value, "pipeline": pipeline, "promises": promises}
    made = [build(read[needs]) for needs, build in TABLES.values()]
    return [_about(asked, value), *made]


def table_named(user: User, asked: Asked, name: str) -> Table:
    """One table. Raises Refused for a name or a filter that is none."""
    asked.demand()
    if name == "about":
        return _about(asked, portfolio_of(user, asked.filters))
    if name not in TABLES:
        raise Refused(
            f"There is no table “{name[:60]}”. Choose one of: about, {', '.join(TABLES)}.",
            code="table_unknown",
            status=400,
            field="table",
        )
    needs, build = TABLES[name]
    return build(getattr(Source(user, asked), needs)())


def _about(asked: Asked, found: Portfolio) -> Table:
    """What the figures mean: definitions, filters, days and formulas."""
    filters = asked.filters.as_query()
    words = {name: dict(asked.choices.get(name, [])).get(value, value) for name, value in filters.items()}
    days = f"{found.as_of_first} to {found.as_of_last}" if found.as_of_first else "no report yet"
    rows: list[list[Any]] = [["Filter", LABELS[name], words[name]] for name in filters] or [
        ["Filter", "none", "all projects that you may see"]
    ]
    rows += [
        ["As of", "days of the reports", days],
        ["Currency", "of the amounts", found.currency],
        ["Formula", "versions of the reports", ", ".join(sorted({row.formula_version for row in found.rows})) or "–"],
        [
            "Curves add up",
            "grade of evidence",
            "all grades, mixed" if found.chosen == "all" else grade_word(found.chosen),
        ],
        ["Not added", "reports in other currencies", sum(total.projects for total in found.elsewhere)],
        ["Not added", "reports without a total", found.not_added],
        ["Not added", "projects without a report", found.without],
        *[["Definition", name, text] for name, text in DEFINITIONS.values()],
    ]
    return Table("about", "About these figures", [("What", "text"), ("Name", "text"), ("Meaning", "text")], rows, "")


def _totals(found: Portfolio) -> Table:
    columns: list[Column] = [
        ("Grade of evidence", "text"), ("Currency", "text"), ("Projects", "whole"), ("Benefit known", "whole"),
        ("Costs to date", "money"), ("Benefits to date", "money"), ("Net to date", "money"), ("P10", "money"),
        ("P90", "money"), ("Benefits planned to date", "money"), ("Realised of plan", "percent"),
    ]  # fmt: skip
    rows = [
        [
            grade_word(total.grade), total.currency, total.projects, total.known, total.costs,
            total.benefits if total.known else None, total.net if total.known else None,
            total.low if total.below or total.above else None, total.high if total.below or total.above else None,
            total.planned_benefits, total.realisation_percent if total.known else None,
        ]
        for total in found.totals
    ]  # fmt: skip
    return Table("totals", "Net by grade", columns, rows, found.currency)


def _units(found: Portfolio) -> Table:
    grades = [total.grade for total in found.totals]
    columns: list[Column] = [("Business unit", "text"), *[(f"Benefits, {grade_word(g)}", "money") for g in grades]]
    rows = [[unit.unit, *(unit.benefits.get(grade) for grade in grades)] for unit in found.units]
    return Table("units", "Benefits by unit", columns, rows, found.currency)


def _months(found: Portfolio) -> Table:
    columns: list[Column] = [
        ("Month", "text"), ("Planned net", "money"), ("Realised net", "money"), ("Planned net, cumulative", "money"),
        ("Realised net, cumulative", "money"), ("Planned benefits", "money"), ("Realised benefits", "money"),
    ]  # fmt: skip
    series: list[list[Decimal]] = [
        found.planned, found.realised, list(accumulate(found.planned)), list(accumulate(found.realised)),
        found.planned_benefits, found.realised_benefits,
    ]  # fmt: skip
    rows = [[month, *(row[k] if k < len(row) else None for row in series)] for k, month in enumerate(found.months)]
    return Table("months", "Months", columns, rows, found.currency)


def _projects(found: Portfolio) -> Table:
    return Table("projects", "Projects", _ROW, [_row(row) for row in found.rows], found.currency)


def _top(found: Portfolio) -> Table:
    return Table("top", "Highest net benefit", _ROW, [_row(row) for row in found.top], found.currency)


def _losing(found: Portfolio) -> Table:
    return Table("losing", "Loses money", _ROW, [_row(row) for row in found.losing], found.currency)


def _shortfalls(found: Portfolio) -> Table:
    columns: list[Column] = [*_ROW, ("Largest part of the shortfall to date", "text"), ("Of that", "money")]
    rows = [[*_row(row), row.reason or None, row.reason_amount] for row in found.worst]
    return Table("shortfalls", "Worst against plan", columns, rows, found.currency)


_ROW: list[Column] = [
    ("Project", "text"), ("Key", "text"), ("Business unit", "text"), ("Stage or state", "text"), ("Risk", "text"),
    ("Owner", "text"), ("Report", "whole"), ("As of", "day"), ("Formula", "text"), ("Grade of evidence", "text"),
    ("Currency", "text"), ("Costs", "money"), ("Benefits", "money"), ("Net", "money"), ("P10", "money"),
    ("P90", "money"), ("Planned net", "money"), ("Shortfall", "money"), ("Net present value", "money"),
    ("Chance that it pays", "percent"),
]  # fmt: skip


def _row(row: Row) -> list[Any]:
    chance = None if row.chance is None else Decimal(repr(round(100 * row.chance, 1)))
    return [
        row.name, row.key, row.unit, row.where, row.risk, row.owner, row.number, row.as_of, row.formula_version,
        grade_word(row.grade), row.currency, row.costs, row.benefits, row.net, row.low, row.high, row.planned_net,
        row.shortfall, row.npv, chance,
    ]  # fmt: skip


def _stages(found: Pipeline) -> Table:
    grades = sorted({grade for stage in found.stages for grade in stage["expected"]})
    columns: list[Column] = [
        ("Stage", "text"), ("Projects", "whole"), ("Promised net present value", "money"),
        *[(f"Expected, {grade_word(grade)}", "money") for grade in grades], ("Without figures", "whole"),
    ]  # fmt: skip
    rows = [
        [stage["name"], stage["projects"], stage["promised"], *(stage["expected"].get(g) for g in grades), stage["unknown"]]
        for stage in found.stages
    ]  # fmt: skip
    return Table("stages", "By stage", columns, rows, found.currency)


def _times(found: Pipeline) -> Table:
    columns: list[Column] = [
        ("Stage", "text"), ("Median days", "whole"), ("85th percentile days", "whole"), ("Ended", "whole"),
        ("Open", "whole"), ("Approval median days", "whole"), ("Approval 85th percentile days", "whole"),
        ("Waiting now", "whole"), ("Days waited", "whole"), ("Cost of waiting", "money"),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [
            time.name, time.stage.median, time.stage.most, time.stage.ended, time.stage.still_open,
            time.approval.median, time.approval.most, time.waiting, time.days, time.cost,
        ]
        for time in found.times
    ]  # fmt: skip
    market = found.to_market
    rows.append(["Start to go-live", market.median, market.most, market.ended, market.still_open, *[None] * 5])
    return Table("times", "Time in stage", columns, rows, found.currency)


def _waits(found: Pipeline) -> Table:
    columns: list[Column] = [
        ("Project", "text"), ("Key", "text"), ("Stage", "text"), ("Days", "whole"), ("Due", "day"),
        ("Currency", "text"), ("A day costs", "money"), ("Cost so far", "money"), ("Why there is no price", "text"),
    ]  # fmt: skip
    rows = [
        [w.name, w.project, w.stage, w.days, w.due_on, w.currency, w.a_day, w.cost, w.why or None] for w in found.waits
    ]
    return Table("waiting", "Waiting", columns, rows, found.currency)


def _accuracy(found: Promises) -> Table:
    columns: list[Column] = [
        ("By", "text"), ("Name", "text"), ("Closed cases", "whole"), ("Rated", "whole"), ("Missing", "whole"),
        ("Median realised of promised", "percent"), ("Low", "percent"), ("High", "percent"),
        ("Suggested discount", "percent"),
    ]  # fmt: skip
    named: list[tuple[str, str, Accuracy]] = [
        ("all", "all", found.whole),
        *[("team", group.name, group.accuracy) for group in found.by_unit],
        *[("method", group.name, group.accuracy) for group in found.by_method],
    ]
    rows = [
        [by, name, a.cases, a.rated, a.missing, *(_percent(share) for share in (a.median, a.low, a.high, a.discount))]
        for by, name, a in named
    ]
    return Table("accuracy", "Forecast accuracy", columns, rows, "")


def _cases(found: Promises) -> Table:
    columns: list[Column] = [
        ("Project", "text"), ("Key", "text"), ("Business unit", "text"), ("Methodology", "text"), ("State", "text"),
        ("Grade of evidence", "text"), ("Currency", "text"), ("Promised net", "money"), ("Realised net", "money"),
        ("Realised of promised", "percent"),
    ]  # fmt: skip
    rows = [
        [
            c.name, c.key, c.unit, c.method, c.state, grade_word(c.grade), c.currency, c.promised, c.realised,
            _percent(c.rate),
        ]
        for c in found.cases
    ]  # fmt: skip
    return Table("cases", "Closed cases", columns, rows, "")


def _percent(share: Decimal | None) -> Decimal | None:
    return None if share is None else round(100 * share, 1)


# name: whose figures it needs, and how it is made of them
TABLES: dict[str, tuple[str, Callable[[Any], Table]]] = {
    "totals": ("value", _totals),
    "units": ("value", _units),
    "months": ("value", _months),
    "projects": ("value", _projects),
    "top": ("value", _top),
    "losing": ("value", _losing),
    "shortfalls": ("value", _shortfalls),
    "stages": ("pipeline", _stages),
    "times": ("pipeline", _times),
    "waiting": ("pipeline", _waits),
    "accuracy": ("promises", _accuracy),
    "cases": ("promises", _cases),
}
