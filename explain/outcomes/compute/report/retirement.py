"""A solution that is taken away: benefits end with the day, costs of running go on until it is decommissioned."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from explain.outcomes.compute.report.cash import Cash, Line
from explain.outcomes.compute.report.windows import Window
from lifecycle.kpis.periods import months_later

AFTERWARDS = "decommissioning"  # the category of cost that may still come


def lines_until_retired(lines: Iterable[Line], retirement: dict[str, Any] | None) -> tuple[list[Line], bool]:
    """The lines that still hold, and whether a booked benefit was left out.

    Left out: benefits booked after the month of retirement, and planned costs after the month of decommissioning except
    those of decommissioning itself. What was booked as cost stays, and so does the promise of benefits, which the
    realised ones are compared with.
    """
    rows = list(lines)
    if not retirement:
        return rows, False
    last_benefit = date.fromisoformat(retirement["on"]).replace(day=1)
    ended = retirement["decommissioned_on"]
    last_cost = date.fromisoformat(ended).replace(day=1) if ended else None
    kept: list[Line] = []
    dropped = False
    for row in rows:
        cut: Line | None = row
        if row.side == "benefit" and row.basis == "actual":
            cut = _cut(row, last_benefit)
            dropped = dropped or cut != row
        elif row.side == "cost" and row.basis == "planned" and row.category != AFTERWARDS and last_cost is not None:
            cut = _cut(row, last_cost)
        if cut is not None:
            kept.append(cut)
    return kept, dropped


def months_ahead(cash: Cash, window: Window, *, forecast: bool) -> list[tuple[int, float]]:
    """Months to forecast, by index, each with the share of its days in which the solution works."""
    if not forecast:
        return []
    ahead = range(cash.last + 1, len(cash.months))
    if window.retired_on is None:
        return [(k, 1.0) for k in ahead]
    shares = [(k, _share(cash.months[k].month, window.retired_on)) for k in ahead]
    return [(k, share) for k, share in shares if share > 0]


def _cut(row: Line, last: date) -> Line | None:
    """The line up to and with the month `last`; None when it begins later."""
    if row.month > last:
        return None
    return replace(row, until=last) if row.until is not None and row.until.replace(day=1) > last else row


def _share(month: date, retired_on: date) -> float:
    following = months_later(month, 1)
    return min(max((retired_on - month).days, 0) / (following - month).days, 1.0)
