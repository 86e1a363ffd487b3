"""Planned against realised, by month and to date. Months not measured are unknown, not zero."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from explain.outcomes.compute.roots import PRECISE

SHRINK_MONTHS = 3  # a young rate is pulled towards 1 as if three months had gone to plan


@dataclass(frozen=True, slots=True)
class MonthOfPlan:
    """One month: amounts in one currency; variance = realised - planned; rate = realised / planned."""

    planned: Decimal
    realised: Decimal | None
    variance: Decimal | None
    rate: Decimal | None
    cumulative_planned: Decimal
    cumulative_realised: Decimal | None


@dataclass(frozen=True, slots=True)
class PlanAndRealised:
    """All months, and the totals over the months that were measured."""

    months: tuple[MonthOfPlan, ...]
    planned_total: Decimal
    planned_to_date: Decimal
    realised_to_date: Decimal
    variance_to_date: Decimal
    realisation_rate: Decimal | None
    forecast_rate: Decimal | None
    forecast_to_complete: Decimal
    months_measured: int
    months_unknown: int


def planned_and_realised(planned: Sequence[Decimal], realised: Sequence[Decimal | None]) -> PlanAndRealised:
    """Lay realised amounts beside the plan; None = not measured (yet). Rows may differ in length: the plan
    sets the months.

    The realisation rate compares measured months only, undefined when their plan is 0. The forecast takes
    the plan of the months after the last measured one times (k r + 3)/(k + 3), k months measured; months
    unknown in between add nothing. Raises ValueError when something was realised after the last planned
    month: extend the plan with zeros.
    """
    if any(amount is not None for amount in realised[len(planned) :]):
        raise ValueError("A month with a realised amount needs a planned one, be it zero.")
    actual = [*realised[: len(planned)], *([None] * (len(planned) - len(realised)))]
    last = max((k for k, amount in enumerate(actual) if amount is not None), default=-1)
    with localcontext(PRECISE):
        months, sum_planned, sum_realised, plan_measured = [], Decimal(0), Decimal(0), Decimal(0)
        for k, (plan, real) in enumerate(zip(planned, actual, strict=True)):
            sum_planned += plan
            if real is not None:
                sum_realised += real
                plan_measured += plan
            months.append(
                MonthOfPlan(
                    planned=plan,
                    realised=real,
                    variance=None if real is None else real - plan,
                    rate=None if real is None or not plan else real / plan,
                    cumulative_planned=sum_planned,
                    cumulative_realised=sum_realised if k <= last else None,
                )
            )
        measured = sum(amount is not None for amount in actual)
        rate = sum_realised / plan_measured if measured and plan_measured else None
        shrunk = None if rate is None else (measured * rate + SHRINK_MONTHS) / (measured + SHRINK_MONTHS)
        rest = sum(planned[last + 1 :], Decimal(0))
        return PlanAndRealised(
            months=tuple(months),
            planned_total=sum_planned,
            planned_to_date=plan_measured,
            realised_to_date=sum_realised,
            variance_to_date=sum_realised - plan_measured,
            realisation_rate=rate,
            forecast_rate=shrunk,
            forecast_to_complete=sum_realised + rest * (Decimal(1) if shrunk is None else shrunk),
            months_measured=measured,
            months_unknown=last + 1 - measured,
        )
