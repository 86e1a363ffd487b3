"""The charts of the portfolio, from its sums."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any, Protocol

from explain.outcomes.charts.frame import Figure
from explain.outcomes.charts.shares import PortfolioBar, portfolio_bars
from explain.outcomes.charts.value import j_curve, planned_v_realised

MOST_MONTHS = 24
MOST_BARS = 20
_WORDS = {"": "no outcome measured", "not_enough_data": "not enough data"}


class _Shown(Protocol):
    @property
    def grade(self) -> str: ...
    @property
    def net(self) -> Decimal | None: ...
    @property
    def interval(self) -> tuple[float, float] | None: ...
    @property
    def project(self) -> Any: ...


class _Sums(Protocol):
    """What is drawn: net amounts by calendar month, and the projects."""

    @property
    def currency(self) -> str: ...
    @property
    def planned(self) -> list[Decimal]: ...
    @property
    def realised(self) -> list[Decimal]: ...
    @property
    def planned_benefits(self) -> list[Decimal]: ...
    @property
    def realised_benefits(self) -> list[Decimal]: ...
    @property
    def months(self) -> list[str]: ...
    @property
    def rows(self) -> Sequence[_Shown]: ...


def charts_of_portfolio(sums: _Sums) -> dict[str, Figure | None]:
    """J-curve, planned against realised by month, and net benefit by project with its grade."""
    curve = bars = None
    if sums.realised or sums.planned:
        realised = list(accumulate(sums.realised))
        below = [k for k, level in enumerate(realised) if level < 0]
        pays = below[-1] + 1 if below and below[-1] < len(realised) - 1 else None
        curve = j_curve(list(accumulate(sums.planned)), realised, currency=sums.currency, break_even=pays)
    kept = sums.realised_benefits
    if any(sums.planned_benefits) and kept:
        past = slice(max(0, len(kept) - MOST_MONTHS), len(kept))
        planned = [*sums.planned_benefits, *[Decimal(0)] * len(kept)][past]
        bars = planned_v_realised(sums.months[past], planned, kept[past], currency=sums.currency, measure="benefit")
    chosen = [row for row in sums.rows if row.net is not None]
    if len(chosen) > MOST_BARS:
        chosen = [*chosen[: MOST_BARS // 2], *chosen[-MOST_BARS // 2 :]]
    projects = portfolio_bars(
        [
            PortfolioBar(
                row.project.name,
                row.net or Decimal(0),
                _WORDS.get(row.grade, row.grade),
                row.interval[0] if row.interval else None,
                row.interval[1] if row.interval else None,
            )
            for row in chosen
        ],
        currency=sums.currency,
    )
    return {"curve": curve, "bars": bars, "projects": projects if chosen else None}
