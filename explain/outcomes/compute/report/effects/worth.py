"""Units of improvement month by month, and what they were worth; the formulas stand with the package."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, localcontext
from statistics import fmean
from typing import Any

from explain.outcomes.compute.money import from_statistic
from explain.outcomes.compute.report.claims import claimed_share
from explain.outcomes.compute.report.effects.found import KpiMonth, KpiOutcome
from explain.outcomes.compute.report.windows import Laid, Readings, Window, is_over, month_end
from explain.outcomes.compute.roots import PRECISE

FORECAST_MONTHS = 3  # a coming month is taken to have the mean volume of that many measured ones


def value_on(kpi: dict[str, Any], day: date) -> dict[str, Any] | None:
    """The newest value per unit whose dates hold the day."""
    valid = [
        row
        for row in kpi["unit_values"]
        if date.fromisoformat(row["valid_from"]) <= day
        and (row["valid_to"] is None or day <= date.fromisoformat(row["valid_to"]))
    ]
    return max(valid, key=lambda row: row["valid_from"]) if valid else None


def coming_weight(found: KpiOutcome) -> float:
    """Units per unit of improvement in a coming month: the mean of the last measured whole months."""
    known = [month for month in found.months if month.units is not None]
    whole = [month for month in known if month.measured == month.expected and not month.in_ramp]
    chosen = (whole or known)[-FORECAST_MONTHS:]
    return fmean(month.weight for month in chosen) if chosen else 0.0


def worth(units: float, value: Decimal, share: Decimal) -> Decimal:
    """u x v x share, at full precision; the statistic crosses into Decimal here and nowhere else."""
    with localcontext(PRECISE):
        return from_statistic(units) * value * share


def months_of(
    found: KpiOutcome,
    kept: Laid,
    left: list[date],
    expected: dict[date, float | None],
    window: Window,
    others: dict[str, Readings],
    frequencies: dict[str, str],
) -> list[KpiMonth]:
    """Months from go-live on, with units and worth. `kept`: periods that count, `left`: those that an exclusion takes out,
    `expected`: by period, what would have been read without the change.
    """
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
            _count_units(row, judged, found.kpi, window, others, frequencies)
        rows.append(row)
    for row in rows:
        _price(row, found.kpi, window)
    return rows


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
    attribution = claimed_share(kpi, row.month)
    row.gross = worth(row.units, row.value, Decimal(1))
    row.claimed = worth(row.units, row.value, attribution)
    row.hard = worth(row.units, row.value, attribution * Decimal(kpi["cashable"]))
