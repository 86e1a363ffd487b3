"""Sums of projects by grade, by unit and by month, in whole minor units."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from explain.outcomes.compute.portfolio.packed import later, number_of, sums_between, unpack
from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors.portfolio.filters import Filters
from explain.outcomes.selectors.portfolio.rows import Sums, major_of
from explain.outcomes.selectors.portfolio.scope import Light
from explain.outcomes.selectors.portfolio.value.shapes import GradeTotal, Portfolio, UnitValue

GRADES = [
    OutcomeReport.Grade.VERIFIED,
    OutcomeReport.Grade.MEASURED,
    OutcomeReport.Grade.INDICATIVE,
    OutcomeReport.Grade.ASSUMED,
    OutcomeReport.Grade.NOT_ENOUGH,
    OutcomeReport.Grade.NONE,
]
UNITS = 8  # the others are one bar
SERIES = 4


def in_period(light: Light, filters: Filters) -> Sums:
    """What the months of the period brought, as far as they lie before the report's day."""
    if light.first_month is None:
        return Sums(0, None, 0, None, None, None)
    first = place_of(filters.first) - light.first_month if filters.first else 0
    end = min(light.to_date, place_of(filters.last) + 1 - light.first_month if filters.last else light.to_date)
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


def sums_of(light: Light, sums: dict[int, Sums] | None) -> Sums | Light:
    """What counts of a project: its sums of the period where one is chosen, else those to date."""
    return light if sums is None else sums[light.project]


def totals_of(rows: Iterable[Light], sums: dict[int, Sums] | None, currency: str, filters: Filters) -> list[GradeTotal]:
    """One total for each grade, in whole minor units: Python's integers are exact, whatever the database."""
    of_grade: dict[str, list[Light]] = {}
    for light in rows:
        of_grade.setdefault(light.grade, []).append(light)
    found = []
    for grade in GRADES:
        there = of_grade.get(grade, [])
        if not there:
            continue
        own = [sums_of(light, sums) for light in there]
        total = GradeTotal(grade, currency, len(there), filters=filters)
        total.known = sum(each.benefits is not None for each in own)
        total.costs_minor = sum(each.costs or 0 for each in own)
        total.benefits_minor = sum(each.benefits or 0 for each in own)
        total.planned_minor = sum(each.planned_benefits or 0 for each in own)
        if sums is None:  # the draws of a report are of its whole time to date
            total.below = sum(light.below**2 for light in there)
            total.above = sum(light.above**2 for light in there)
        total.as_of_first, total.as_of_last = day_of(min(o.as_of for o in there)), day_of(max(o.as_of for o in there))
        found.append(total)
    return found


def units_of(rows: Iterable[Light], sums: dict[int, Sums] | None, currency: str) -> list[UnitValue]:
    """Benefits by unit and grade; the units with most benefits by name, the others together."""
    found: dict[str, dict[str, int]] = {}
    for light in rows:
        benefits = sums_of(light, sums).benefits
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
        UnitValue(unit, {grade: major_of(amount, currency) for grade, amount in grades.items()})
        for unit, grades in kept
    ]


def add_up(found: Portfolio, rows: list[Light]) -> None:
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
    low = max(0, place_of(found.filters.first) - start) if found.filters.first else 0
    high = place_of(found.filters.last) + 1 - start if found.filters.last else last
    if high <= low or low >= last:
        return
    past = slice(low, max(low, min(high, over)))
    found.first_month = date((start + low) // 12, (start + low) % 12 + 1, 1)
    found.planned = [major_of(amount, found.currency) for amount in planned[low:high]]
    found.realised = [major_of(amount, found.currency) for amount in realised[past]]
    found.planned_benefits = [major_of(amount, found.currency) for amount in planned_benefits[low:high]]
    found.realised_benefits = [major_of(amount, found.currency) for amount in realised_benefits[past]]


def day_of(text: str) -> date | None:
    """A day as heads write it; None where there is none."""
    return date.fromisoformat(text) if text else None


def place_of(month: date) -> int:
    """A month as heads count it."""
    return month.year * 12 + month.month - 1
