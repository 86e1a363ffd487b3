"""What it cost, from figures that are there already. Pure: no database. Unlike currencies are never added."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from foundation.web.formats import day_text, number_text
from lifecycle.kpis.cash import CashLike, cash_by_month
from lifecycle.kpis.periods import aligned
from lifecycle.postmortems.prefill.known import Goal

MONEY, DELAY, EFFORT = "revenue_or_cost", "delay", "effort_lost"
ZERO, CENT = Decimal(0), Decimal("0.01")
PEOPLE = "people"
TEXT = 300  # characters of an impact


@dataclass(frozen=True)
class Found:
    """An impact as it will be stored."""

    dimension: str
    text: str
    amount: Decimal
    unit: str
    is_estimate: bool


@dataclass(frozen=True)
class Planned:
    """A stage with its planned day, and when it was approved (None: not yet)."""

    name: str
    due_on: date
    approved_on: date | None


def impacts_of(
    goals: Iterable[Goal], lines: Sequence[CashLike], stages: Iterable[Planned], *, on: date, is_over: bool
) -> list[Found]:
    """Money spent and people's work in it, benefits that did not come, and the longest delay of a stage.

    `on`: the last day that counts. `is_over`: the project ends here, so that planned benefits of later months count as
    lost as well. A benefit is counted once: where readings of a KPI tell what was missed, the plan does not tell it again.
    """
    short = _shortfalls(goals, on)
    told = {found.unit for found in short}
    missed = [found for found in _benefits(lines, on, is_over) if found.unit not in told]
    return [*short, *missed, *_spent(lines, on), *_delay(stages, on)]


def _shortfalls(goals: Iterable[Goal], on: date) -> list[Found]:
    found = []
    for goal in goals:
        readings = goal.since_due()
        if goal.target is None or goal.due_on is None or goal.worth is None or not readings:
            continue
        gap, counted = 0.0, 0
        for period, value in readings:
            size = goal.volumes.get(period) if goal.volumes is not None else 1.0 if goal.is_flow else None
            if size is None:
                continue
            gap += goal.sign * (goal.target - value) * size
            counted += 1
        amount = (Decimal(repr(gap)) * goal.worth * goal.share).quantize(CENT)
        if counted and amount > 0:
            text = (
                f"{goal.name} stayed short of its target of {goal.said(goal.target)} over {counted} "
                f"{'period' if counted == 1 else 'periods'} since {day_text(goal.due_on)}"
            )
            found.append(Found(MONEY, text[:TEXT], amount, goal.currency, True))
    return found


def _benefits(lines: Sequence[CashLike], on: date, is_over: bool) -> list[Found]:
    month = aligned(on, "month")
    horizon = max([month, *(aligned(line.until or line.month, "month") for line in lines)]) if is_over else month
    found = []
    for currency, table in cash_by_month(lines, horizon).items():
        promised = table.planned_benefit
        came = sum((row.actual_benefit or ZERO for row in table.months if row.month <= month), ZERO)
        if promised is None or promised <= came:
            continue
        until = "over the whole plan" if is_over else f"up to {on:%B %Y}"
        said = f"Planned benefits {until} that did not come: {number_text(promised)} {currency} were planned"
        said += f", {number_text(came)} {currency} came" if came else ", none is recorded"
        found.append(Found(MONEY, said[:TEXT], promised - came, currency, True))
    return found


def _spent(lines: Sequence[CashLike], on: date) -> list[Found]:
    month = aligned(on, "month")
    found = []
    for currency, table in cash_by_month(lines, month).items():
        if table.actual_cost:
            found.append(Found(MONEY, f"Money spent up to {on:%B %Y}, as recorded", table.actual_cost, currency, False))
        elif table.planned_cost:
            said = f"Money planned to be spent up to {on:%B %Y}; what was spent is not recorded"
            found.append(Found(MONEY, said, table.planned_cost, currency, True))
    work = [line for line in lines if line.category == PEOPLE and line.basis == "actual"]
    for currency, table in cash_by_month(work, month).items():
        if table.actual_cost:
            said = f"People's work up to {on:%B %Y}, a part of the money spent"
            found.append(Found(EFFORT, said, table.actual_cost, currency, False))
    return found


def _delay(stages: Iterable[Planned], on: date) -> list[Found]:
    late = [(((stage.approved_on or on) - stage.due_on).days, stage) for stage in stages]
    days, stage = max(late, key=lambda pair: pair[0], default=(0, None))
    if stage is None or days <= 0:
        return []
    then = f"approved on {day_text(stage.approved_on)}" if stage.approved_on else f"not approved by {day_text(on)}"
    said = f"{stage.name} was planned for {day_text(stage.due_on)} and {then}"
    return [Found(DELAY, said[:TEXT], Decimal(days), "day" if days == 1 else "days", False)]
