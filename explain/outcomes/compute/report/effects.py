"""One KPI of a report: its effect, and what it was worth month by month.

Worth of a month: u x v x a x f. u: improvement in units (positive = better), from the month's own readings against the
mean of the frozen baseline. Three ways to count u, by what the KPI is:

- with a volume KPI (minutes per case): sum over the periods of improvement x actual cases of the period; where the two
  are kept at unlike frequencies, the month's mean improvement x the month's cases;
- a flow (defects, cost): sum over the periods of the improvement;
- a level without volume (days of stock): the month's mean improvement x share of the month that is counted; the value
  per unit then means per unit and month.

v: value of one unit, valid on the last counted day of the month. a: share claimed by the project in that month. f: the cashable share
("hard"), or 1 ("soft": freed time counted as if it were money). A period counts in the month in which it begins, once
it is over. The ramp counts in the money by its own readings but not in the effect. A month without readings is unknown.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from statistics import fmean
from typing import Any

from explain.outcomes.compute.money import from_statistic
from explain.outcomes.compute.report.claims import claimed_share
from explain.outcomes.compute.roots import PRECISE
from lifecycle.kpis.periods import aligned, following

WEEK = 7  # days: the season of a daily KPI
FORECAST_MONTHS = 3  # a coming month is taken to have the mean volume of that many measured ones

Readings = dict[date, float]


@dataclass(frozen=True)
class Window:
    """When the solution began to work, and up to when facts count."""

    as_of: date
    go_live: date | None
    ramp_until: date | None

    @property
    def judged_from(self) -> date | None:
        """First day that counts in the effect."""
        return self.ramp_until or self.go_live


@dataclass
class KpiMonth:
    """One month of one KPI. `weight`: units that one unit of improvement brings in the month (cases, periods)."""

    month: date
    expected: int
    measured: int
    mean: float | None = None
    volume: float | None = None
    units: float | None = None
    weight: float = 0.0
    value: Decimal | None = None
    gross: Decimal | None = None
    claimed: Decimal | None = None
    hard: Decimal | None = None
    in_ramp: bool = False
    # The day whose value per unit counts; and worth at the plan's exchange rate / worth at the month's.
    valued_on: date = date.min
    at_plan: Decimal = Decimal(1)


@dataclass
class KpiOutcome:
    """A KPI with its effect and its months; `money` says whether and why its worth is counted."""

    kpi: dict[str, Any]
    effect: dict[str, Any]
    pre: list[tuple[date, float | None]]
    post: list[tuple[date, float | None]]
    months: list[KpiMonth] = field(default_factory=list)
    money: str = "no_value"

    @property
    def key(self) -> str:
        return str(self.kpi["key"])

    @property
    def status(self) -> str:
        return str(self.effect["status"])

    @property
    def cashable(self) -> Decimal:
        """Share that releases cash."""
        return Decimal(self.kpi["cashable"])

    @property
    def has_values(self) -> bool:
        return bool(self.kpi["unit_values"])


def read_kpi(
    kpi: dict[str, Any], window: Window, volumes: dict[str, Readings], frequencies: dict[str, str]
) -> KpiOutcome:
    """The effect of one KPI and, where its units can be counted, its months."""
    # Statistics libraries are loaded by the worker that computes, never by a page.
    from explain.outcomes.compute.effect import level_effect_of

    frequency = str(kpi["frequency"])
    baseline = kpi["baseline"]
    pre = _laid_out(_readings(baseline["values"]), frequency, *_dates(baseline)) if baseline else []
    series = {day: value for day, value in _readings(kpi["series"]).items() if _is_over(day, frequency, window.as_of)}
    start = window.judged_from
    post = _laid_out(series, frequency, start, _last_over(frequency, window.as_of)) if start else []
    obstacles = [] if baseline else ["no_frozen_baseline"]
    if window.go_live is None or window.go_live > window.as_of:
        obstacles.append("no_go_live")
    elif baseline and date.fromisoformat(baseline["ends_on"]) >= window.go_live:
        obstacles.append("baseline_overlaps_go_live")
    effect = level_effect_of(
        [value for _, value in pre],
        [value for _, value in post],
        direction=kpi["direction"],
        season=WEEK if frequency == "day" else None,
        daily=frequency == "day",
        unit="" if kpi["unit"] == "1" else str(kpi["unit"]),
        caveats=["retrospective_baseline"] if baseline and baseline["retrospective"] else [],
        obstacles=obstacles,
    ).as_dict()
    found = KpiOutcome(kpi=kpi, effect=effect, pre=pre, post=post)
    if effect["status"] != "not_enough_data" and window.go_live:
        found.months = _months(found, series, window, volumes, frequencies)
    return found


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


def readings_by_key(volumes: dict[str, list[list[Any]]]) -> dict[str, Readings]:
    """Volume KPIs as dictionaries by period."""
    return {key: _readings(points) for key, points in volumes.items()}


def _months(
    found: KpiOutcome, series: Readings, window: Window, volumes: dict[str, Readings], frequencies: dict[str, str]
) -> list[KpiMonth]:
    assert window.go_live is not None
    kpi, frequency = found.kpi, str(found.kpi["frequency"])
    sign = 1.0 if kpi["direction"] == "increase" else -1.0
    expected_level = float(found.effect["pre_mean"])
    by_month: dict[date, list[tuple[date, float | None]]] = {}
    for period, value in _laid_out(series, frequency, window.go_live, _last_over(frequency, window.as_of)):
        by_month.setdefault(period.replace(day=1), []).append((period, value))
    rows = []
    for month, periods in sorted(by_month.items()):
        row = KpiMonth(month, expected=len(periods), measured=0)
        row.in_ramp = any(window.ramp_until is not None and period < window.ramp_until for period, _ in periods)
        known = [(period, value) for period, value in periods if value is not None]
        if known:
            row.mean = fmean(value for _, value in known)
            row.measured = len(known)
            _count_units(row, known, kpi, sign, expected_level, window, volumes, frequencies)
        rows.append(row)
    for row in rows:
        _price(row, kpi, window)
    return rows


def _count_units(
    row: KpiMonth,
    known: list[tuple[date, float]],
    kpi: dict[str, Any],
    sign: float,
    expected_level: float,
    window: Window,
    volumes: dict[str, Readings],
    frequencies: dict[str, str],
) -> None:
    """Fill `units`, `weight` and `volume`; a month whose volume is not known stays unknown."""
    better = [(period, sign * (value - expected_level) + 0.0) for period, value in known]
    volume_key = kpi["volume_kpi"]
    if volume_key is None and kpi["kind"] == "flow":
        row.units, row.weight = sum(gain for _, gain in better), float(len(better))
    elif volume_key is None:
        row.weight = _share_of_month(row.month, window) * row.measured / row.expected
        row.units = fmean(gain for _, gain in better) * row.weight
    elif frequencies.get(volume_key) == kpi["frequency"]:
        counts = volumes.get(volume_key, {})
        both = [(gain, counts[period]) for period, gain in better if period in counts]
        row.measured = len(both)
        if both:
            row.volume = row.weight = sum(count for _, count in both)
            row.units = sum(gain * count for gain, count in both)
    else:
        of_month = [
            count
            for period, count in volumes.get(volume_key, {}).items()
            if period.replace(day=1) == row.month
            and _is_over(period, frequencies.get(volume_key, "month"), window.as_of)
        ]
        if of_month:
            row.volume = sum(of_month)
            row.weight = row.volume * _share_of_month(row.month, window, to_the_end=True)
            row.units = fmean(gain for _, gain in better) * row.weight
        else:
            row.measured = 0


def _price(row: KpiMonth, kpi: dict[str, Any], window: Window) -> None:
    row.valued_on = min(_month_end(row.month), window.as_of)
    chosen = value_on(kpi, row.valued_on)
    if chosen is None or row.units is None:
        return
    row.value = Decimal(chosen["amount"])
    attribution = claimed_share(kpi, row.month)
    row.gross = worth(row.units, row.value, Decimal(1))
    row.claimed = worth(row.units, row.value, attribution)
    row.hard = worth(row.units, row.value, attribution * Decimal(kpi["cashable"]))


def _share_of_month(month: date, window: Window, *, to_the_end: bool = False) -> float:
    """Share of the month's days from go-live on, and up to the day of the report unless `to_the_end`."""
    assert window.go_live is not None
    first = max(month, window.go_live)
    last = _month_end(month) if to_the_end else min(_month_end(month), window.as_of)
    return max(0, (last - first).days + 1) / calendar.monthrange(month.year, month.month)[1]


def _month_end(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def _readings(points: list[list[Any]]) -> Readings:
    return {date.fromisoformat(point[0]): float(point[1]) for point in points}


def _dates(baseline: dict[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(baseline["starts_on"]), date.fromisoformat(baseline["ends_on"])


def _is_over(period: date, frequency: str, as_of: date) -> bool:
    return following(aligned(period, frequency), frequency) - timedelta(days=1) <= as_of


def _last_over(frequency: str, as_of: date) -> date:
    """First day of the last period that is over."""
    current = aligned(as_of + timedelta(days=1), frequency)
    return aligned(current - timedelta(days=1), frequency)


def _laid_out(readings: Readings, frequency: str, first: date, last: date) -> list[tuple[date, float | None]]:
    """Every expected period that begins from `first` to `last`, None where nothing was measured."""
    period = aligned(first, frequency)
    if period < first:
        period = following(period, frequency)
    rows = []
    while period <= last:
        rows.append((period, readings.get(period)))
        period = following(period, frequency)
    return rows
