"""One KPI of a report: its effect by the ladder of methods, and what it was worth month by month.

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
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from statistics import fmean
from typing import Any

from explain.outcomes.compute.money import from_statistic
from explain.outcomes.compute.report.claims import claimed_share
from explain.outcomes.compute.report.warnings import warnings_of
from explain.outcomes.compute.report.windows import (
    Laid,
    Readings,
    Window,
    is_over,
    laid_out,
    last_over,
    month_end,
    readings,
)
from explain.outcomes.compute.roots import PRECISE

FORECAST_MONTHS = 3  # a coming month is taken to have the mean volume of that many measured ones


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
    excluded: int = 0
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
    pre: Laid
    post: Laid
    months: list[KpiMonth] = field(default_factory=list)
    money: str = "no_value"
    details: dict[str, Any] = field(default_factory=dict)
    with_all: KpiOutcome | None = None

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
    kpi: dict[str, Any], window: Window, others: dict[str, Readings], frequencies: dict[str, str], seed: int = 0
) -> KpiOutcome:
    """The effect of one KPI and, where its units can be counted, its months; `with_all` is the same without exclusions.

    `others`: readings of the KPIs that serve as volume or for comparison, by key.
    """
    found = _read(kpi, window, others, frequencies, seed)
    rows = [row for row in kpi.get("exclusions", []) if _touches(row, found, window)]
    if rows:
        found.with_all = _read({**kpi, "exclusions": []}, window, others, frequencies, seed)
    found.details |= {"exclusions": rows, "warnings": warnings_of(kpi, found.effect, found.pre, window)}
    return found


def _read(
    kpi: dict[str, Any], window: Window, others: dict[str, Readings], frequencies: dict[str, str], seed: int
) -> KpiOutcome:
    # Statistics libraries are loaded by the worker that computes, never by a page.
    from explain.outcomes.compute.answer import answer_to
    from explain.outcomes.compute.report.asking import Excluded, asked_of

    frequency, baseline = str(kpi["frequency"]), kpi["baseline"]
    pre = laid_out(readings(baseline["values"]), frequency, *_dates(baseline)) if baseline else []
    known = readings(kpi["series"])
    start, end = window.judged_from, last_over(frequency, window.last_day)
    series = {day: value for day, value in known.items() if day <= end}
    post = laid_out(series, frequency, start, end) if start else []
    excluded = [Excluded.read(row) for row in kpi.get("exclusions", [])]
    asked = asked_of(kpi, pre, post, others, excluded=excluded, as_of=window.as_of, seed=seed)
    caveats = ["retrospective_baseline"] if baseline and baseline["retrospective"] else []
    if len(known) < len(kpi["series"]) or (baseline and len(readings(baseline["values"])) < len(baseline["values"])):
        caveats.append("non_finite_values")
    answered = answer_to(asked.question, caveats=caveats, obstacles=_obstacles(kpi, window))
    effect = answered.plain
    effect.pop("counterfactual")
    expected = answered.expected
    details = {
        "season": kpi.get("season"),
        "counts": bool(kpi.get("counts")),
        "controls": kpi.get("controls", []),
        "bridge": kpi.get("bridge"),
        "counterfactual": _course([day for day, _ in post], expected[-len(post) :] if post else [], *answered.band()),
        "volume_held": _volume_held(kpi),
    }
    if not effect["n_pre"] or not effect["n_post"]:
        effect["why"] = "No method could be chosen yet."
    found = KpiOutcome(kpi=kpi, effect=effect, pre=pre, post=post, details=details)
    if effect["status"] != "not_enough_data" and window.go_live:
        laid = laid_out(series, frequency, window.go_live, end)
        kept = [(day, value) for day, value in laid if not any(one.holds(day) for one in excluded)]
        left = [day for day, _ in laid if any(one.holds(day) for one in excluded)]
        found.months = _months(
            found, kept, left, dict(zip(asked.after, expected, strict=True)), window, others, frequencies
        )
    return found


def _obstacles(kpi: dict[str, Any], window: Window) -> list[str]:
    """Reason codes that allow no figure."""
    baseline, codes = kpi["baseline"], []
    if not baseline:
        codes.append("no_frozen_baseline")
    if window.go_live is None or window.go_live > window.as_of:
        codes.append("no_go_live")
    elif baseline and date.fromisoformat(baseline["ends_on"]) >= window.go_live:
        codes.append("baseline_overlaps_go_live")
    if kpi.get("counts") and any(row[1] < 0 for row in [*(baseline["values"] if baseline else []), *kpi["series"]]):
        codes.append("not_a_count")
    return codes


def _course(
    days: list[date], expected: list[float | None], low: list[float | None], high: list[float | None]
) -> list[list[Any]]:
    """[period, expected, low, high] of each judged period; of a level its two ends say all."""
    rows = list(zip(days, expected, low, high, strict=True)) if expected else []
    known = [row for row in rows if row[1] is not None]
    if len(known) > 2 and all(row[1:] == known[0][1:] for row in known):
        known = [known[0], known[-1]]
    return [[row[0].isoformat(), *row[1:]] for row in known]


def _volume_held(kpi: dict[str, Any]) -> str | None:
    """Which volume a saving is counted on, in words; None where there is none."""
    if kpi["volume_kpi"] is None or kpi.get("counts"):
        return None
    return "Savings are counted on the cases that there really were after go-live, period by period."


def _touches(row: dict[str, Any], found: KpiOutcome, window: Window) -> bool:
    """Whether an exclusion takes out a period of the baseline or from go-live on."""
    first, last = date.fromisoformat(row["starts_on"]), date.fromisoformat(row["ends_on"])
    since_live = window.go_live is not None and last >= window.go_live and first <= window.last_day
    return since_live or any(first <= day <= last for day, _ in found.pre)


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


def _months(
    found: KpiOutcome,
    kept: Laid,
    left: list[date],
    expected: dict[date, float | None],
    window: Window,
    others: dict[str, Readings],
    frequencies: dict[str, str],
) -> list[KpiMonth]:
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


def _dates(baseline: dict[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(baseline["starts_on"]), date.fromisoformat(baseline["ends_on"])
