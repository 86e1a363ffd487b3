"""The charts of the portfolio, from its sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any, Protocol

from explain.outcomes.charts.frame import Figure
from explain.outcomes.charts.pipeline import (
    GRADE_WORDS,
    Bubble,
    bubbles,
    funnel,
    time_in_stage,
    value_by_grade,
)
from explain.outcomes.charts.shares import PortfolioBar, portfolio_bars
from explain.outcomes.charts.value import j_curve, planned_v_realised

MOST_MONTHS = 24


class _Row(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def grade(self) -> str: ...
    @property
    def risk(self) -> str: ...
    @property
    def net(self) -> Decimal | None: ...
    @property
    def npv(self) -> Decimal | None: ...
    @property
    def costs(self) -> Decimal | None: ...
    @property
    def chance(self) -> float | None: ...
    @property
    def interval(self) -> tuple[float, float] | None: ...


class _Unit(Protocol):
    @property
    def unit(self) -> str: ...
    @property
    def benefits(self) -> dict[str, Decimal]: ...


class _Sums(Protocol):
    """What is drawn: net amounts by calendar month, and the projects."""

    currency: str
    planned: list[Decimal]
    realised: list[Decimal]
    planned_benefits: list[Decimal]
    realised_benefits: list[Decimal]

    @property
    def months(self) -> list[str]: ...
    @property
    def units(self) -> Sequence[_Unit]: ...
    @property
    def top(self) -> Sequence[_Row]: ...
    @property
    def bubbles(self) -> Sequence[_Row]: ...


class _Times(Protocol):
    @property
    def currency(self) -> str: ...
    @property
    def stages(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def times(self) -> Sequence[Any]: ...


def charts_of_portfolio(sums: _Sums) -> dict[str, Figure | None]:
    """J-curve, planned against realised, value by grade, the best, and worth against chance; None: nothing to draw."""
    curve = bars = None
    if sums.realised or sums.planned:
        realised = list(accumulate(sums.realised))
        below = [k for k, level in enumerate(realised) if level < 0]
        pays = below[-1] + 1 if below and below[-1] < len(realised) - 1 else None
        curve = j_curve(
            list(accumulate(sums.planned)),
            realised,
            currency=sums.currency,
            break_even=pays,
            since=sums.months[0],
        )
    kept = sums.realised_benefits
    if any(sums.planned_benefits) and kept:
        past = slice(max(0, len(kept) - MOST_MONTHS), len(kept))
        planned = [*sums.planned_benefits, *[Decimal(0)] * len(kept)][past]
        bars = planned_v_realised(sums.months[past], planned, kept[past], currency=sums.currency, measure="benefit")
    best = [
        PortfolioBar(row.name, row.net or Decimal(0), GRADE_WORDS.get(row.grade, row.grade), *(row.interval or ()))
        for row in sums.top
    ]
    spots = [
        Bubble(row.name, row.chance, row.npv, row.costs or Decimal(0), row.risk, row.grade)
        for row in sums.bubbles
        if row.chance is not None and row.npv is not None
    ]
    units = [(unit.unit, unit.benefits) for unit in sums.units]
    return {
        "curve": curve,
        "bars": bars,
        "grades": value_by_grade(units, currency=sums.currency) if units else None,
        "top": portfolio_bars(best, currency=sums.currency) if best else None,
        "bubbles": bubbles(spots, currency=sums.currency) if spots else None,
    }


def charts_of_pipeline(found: _Times) -> dict[str, Figure | None]:
    """The funnel, days in stage, and days for an approval."""
    stages = [(t.name, t.stage.median, t.stage.most, t.stage.ended, t.stage.still_open) for t in found.times]
    approvals = [
        (t.name, t.approval.median, t.approval.most, t.approval.ended, t.approval.still_open)
        for t in found.times
        if t.approval.ended or t.approval.still_open
    ]
    return {
        "funnel": funnel(found.stages, currency=found.currency) if found.stages else None,
        "stages": time_in_stage(stages) if stages else None,
        "approvals": time_in_stage(approvals) if approvals else None,
    }
