"""What was promised beside what came: business goals and money, and what floors above tell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from foundation.web.formats import day_text, money_text
from lifecycle.kpis.cash import CashLike, cash_by_month
from lifecycle.kpis.periods import aligned, period_text
from lifecycle.postmortems.prefill.known import Goal
from lifecycle.postmortems.promised import GOALS, Promised, Sheet, frozen, sheets_for
from lifecycle.projects.models import Project


def promise_of(project: Project, goals: Sequence[Goal], lines: Sequence[CashLike], on: date) -> dict[str, Any]:
    """`PostMortem.promise` as of a day; see `promised.frozen`."""
    base = project.get_absolute_url()
    above = sheets_for(project)
    own = [Sheet(GOALS, tuple(_goal(goal, on) for goal in goals), f"{base}kpis/")]
    # Where a report has counted the money already, its figures stand for it.
    if not any(row.is_money for sheet in above for row in sheet.rows):
        own.append(Sheet("Money", tuple(_money(lines, on)), f"{base}money/"))
    return frozen([*(sheet for sheet in own if sheet.rows), *above], on.isoformat())


def _goal(goal: Goal, on: date) -> Promised:
    if goal.target is None or goal.due_on is None:
        promised, kept, note = "no target was set", None, ""
    else:
        promised = f"{goal.said(goal.target)} by {day_text(goal.due_on)}"
        if goal.baseline is not None:
            promised = f"from {goal.said(goal.baseline)} to {promised}"
        kept, note = _kept(goal, on)
    if goal.last is None:
        return Promised(goal.name, promised, "never measured", note, kept)
    period, value = goal.last
    return Promised(goal.name, promised, f"{goal.said(value)} ({period_text(period, goal.frequency)})", note, kept)


def _kept(goal: Goal, on: date) -> tuple[bool | None, str]:
    if goal.due_on is None or goal.last is None:
        return None, ""
    if not goal.misses(goal.last[1]):
        return True, "reached"
    return (None, "its day is still to come") if goal.due_on > on else (False, "not reached")


def _money(lines: Iterable[CashLike], on: date) -> list[Promised]:
    known = list(lines)
    month = aligned(on, "month")
    rows = []
    for currency, table in cash_by_month(known, month).items():
        for side in ("cost", "benefit"):
            planned, actual = getattr(table, f"planned_{side}"), getattr(table, f"actual_{side}")
            if planned is None and actual is None:
                continue
            kept = None
            if planned is not None and actual is not None:
                kept = actual <= planned if side == "cost" else actual >= planned
            rows.append(
                Promised(
                    f"{'Costs' if side == 'cost' else 'Benefits'} up to {on:%B %Y}",
                    "not planned" if planned is None else money_text(planned, currency),
                    "not recorded" if actual is None else money_text(actual, currency),
                    kept=kept,
                    is_money=True,
                )
            )
    last = max([month, *(aligned(line.until or line.month, "month") for line in known)])
    for currency, table in cash_by_month(known, last).items():
        if table.planned_net is not None:
            rows.append(
                Promised(
                    f"Net benefit of the whole plan, to {last:%B %Y}",
                    money_text(table.planned_net, currency),
                    "–" if table.actual_net is None else f"{money_text(table.actual_net, currency)} so far",
                    is_money=True,
                )
            )
    return rows
