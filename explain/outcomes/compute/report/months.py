"""What a KPI was worth month by month.

Worth of a month: u x v x a x f. u: improvement in units (positive = better), each period's own reading against what the
chosen method says it would have been (the mean of the frozen baseline, its trend and season carried on, the control's
course, or the structural model's). Three ways to count u, by what the KPI is:

- with a volume KPI (minutes per case): sum over the periods of improvement x actual cases of the period, so that growth
  is not claimed as saving; where the two are kept at unlike frequencies, the month's mean improvement x its cases;
- a flow or a count (defects, cost): sum over the periods of the improvement; a count's volume is its exposure;
- a level without volume (days of stock): the month's mean improvement x share of the month that is counted; the value
  per unit then means per unit and month.

v: value of one unit, valid on the last counted day of the month. a: share claimed by the project in that month. f: the cashable share
("hard"), or 1 ("soft": freed time counted as if it were money). A period counts in the month in which it begins, once
it is over. The ramp counts in the money by its own readings but not in the effect. A month without readings is unknown;
an approved exclusion takes a period out of effect and money, and both are also given without it.

A claim that is split by steps counts the project's own step instead of u x a: own step x the periods or cases since the
end of its ramp, whole in each month in which it claims anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from statistics import fmean
from typing import Any

from explain.outcomes.compute.money import from_statistic
from explain.outcomes.compute.report.claims import claimed_share
from explain.outcomes.compute.report.windows import Laid, Readings, Window, is_over, month_end
from explain.outcomes.compute.roots import PRECISE


@dataclass
class KpiMonth:
    """One month of one KPI. `weight`: units that one unit of improvement brings in the month (cases, periods).
    `own`, `own_weight`: the same of the project's own step, where that is what it counts."""

    month: date
    expected: int
    measured: int
    mean: float | None = None
    volume: float | None = None
    units: float | None = None
    weight: float = 0.0
    own: float | None = None
    own_weight: float = 0.0
    excluded: int = 0
    value: Decimal | None = None
    gross: Decimal | None = None
    claimed: Decimal | None = None
    hard: Decimal | None = None
    in_ramp: bool = False
    # The day whose value per unit counts; and worth at the plan's exchange rate / worth at the month's.
    valued_on: date = date.min
    at_plan: Decimal = Decimal(1)


def value_on(kpi: dict[str, Any], day: date) -> dict[str, Any] | None:
    """The newest value per unit whose dates hold the day."""
    valid = [
        row
        for row in kpi["unit_values"]
        if date.fromisoformat(row["valid_from"]) <= day
        and (row["valid_to"] is None or day <= date.fromisoformat(row["valid_to"]))
    ]
    return max(valid, key=lambda row: row["valid_from"]) if valid else None


def worth(units: float, value: Decimal, share: Decimal) -> Decimal:
    """u x v x share, at full precision; the statistic crosses into Decimal here and nowhere else."""
    with localcontext(PRECISE):
        return from_statistic(units) * value * share


def lay_out_months(
    kpi: dict[str, Any],
    kept: Laid,
    left: list[date],
    expected: dict[date, float | None],
    window: Window,
    others: dict[str, Readings],
    frequencies: dict[str, str],
    own: dict[str, Any] | None = None,
) -> list[KpiMonth]:
    """The months since go-live. `kept`: periods that count, `left`: those of exclusions, `expected`: what each would have
    been, `own`: the project's own step, where that is what it counts."""
    by_month: dict[date, Laid] = {}
    for period, value in kept:
        by_month.setdefault(period.replace(day=1), []).append((period, value))
    rows = []
    for month, periods in sorted(by_month.items()):
        row = KpiMonth(month, expected=len(periods), measured=0)
        row.excluded = sum(day.replace(day=1) == month for day in left)
        row.in_ramp = any(window.ramp_until is not None and period < window.ramp_until for period, _ in periods)
        known = [(period, value) for period, value in periods if value is not None]
        judged = [(day, value, level) for day, value in known if (level := expected.get(day)) is not None]
        if known:
            row.mean = fmean(value for _, value in known)
        if judged:
            row.measured = len(judged)
            _count_units(row, judged, kpi, window, others, frequencies)
            if own is not None:
                _count_own(row, [day for day, _, _ in judged], own, window)
        rows.append(row)
    for row in rows:
        _price(row, kpi, window)
    return rows


def _count_own(row: KpiMonth, judged: list[date], own: dict[str, Any], window: Window) -> None:
    """Fill `own` and `own_weight`. Periods of the ramp bring nothing: the step is measured after it. In the month in which
    it ends, the part of the periods after it counts."""
    if row.units is not None:
        start = window.judged_from
        row.own_weight = row.weight * sum(start is not None and day >= start for day in judged) / len(judged)
        row.own = own["improvement"] * row.own_weight


def _count_units(
    row: KpiMonth,
    judged: list[tuple[date, float, float]],
    kpi: dict[str, Any],
    window: Window,
    others: dict[str, Readings],
    frequencies: dict[str, str],
) -> None:
    """Fill `units`, `weight` and `volume` from (period, reading, what it would have been); a month whose volume is not
    known stays unknown."""
    sign = 1.0 if kpi["direction"] == "increase" else -1.0
    better = [(period, sign * (value - level) + 0.0) for period, value, level in judged]
    volume_key = None if kpi.get("counts") else kpi["volume_kpi"]
    of_all = row.expected / (row.expected + row.excluded)
    if volume_key is None and kpi["kind"] == "flow":
        row.units, row.weight = sum(gain for _, gain in better), float(len(better))
    elif volume_key is None:
        row.weight = window.share_of_month(row.month) * of_all * row.measured / row.expected
        row.units = fmean(gain for _, gain in better) * row.weight
    elif frequencies.get(volume_key) == kpi["frequency"]:
        counts = others.get(volume_key, {})
        both = [(gain, counts[period]) for period, gain in better if period in counts]
        row.measured = len(both)
        if both:
            row.volume = row.weight = sum(count for _, count in both)
            row.units = sum(gain * count for gain, count in both)
    else:
        of_month = [
            count
            for period, count in others.get(volume_key, {}).items()
            if period.replace(day=1) == row.month
            and is_over(period, frequencies.get(volume_key, "month"), window.as_of)
        ]
        if of_month:
            row.volume = sum(of_month)
            row.weight = row.volume * window.share_of_month(row.month, to_the_end=True) * of_all
            row.units = fmean(gain for _, gain in better) * row.weight
        else:
            row.measured = 0


def _price(row: KpiMonth, kpi: dict[str, Any], window: Window) -> None:
    row.valued_on = min(month_end(row.month), window.last_day)
    chosen = value_on(kpi, row.valued_on)
    if chosen is None or row.units is None:
        return
    row.value = Decimal(chosen["amount"])
    share, units = claimed_share(kpi, row.month), row.units
    if row.own is not None:
        share, units = Decimal(share > 0), row.own
    row.gross = worth(row.units, row.value, Decimal(1))
    row.claimed = worth(units, row.value, share)
    row.hard = worth(units, row.value, share * Decimal(kpi["cashable"]))
