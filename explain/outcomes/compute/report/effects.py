"""One KPI of a report: its effect by the ladder of methods, with what it was worth month by month (`months.py`).

The effect is that of the KPI as a whole, of which the project counts a share. A claim that is split by steps has its own
step as its effect, and counts the whole of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from statistics import fmean
from typing import Any

from explain.outcomes.compute.report.claims import claimed_share
from explain.outcomes.compute.report.months import KpiMonth, lay_out_months
from explain.outcomes.compute.report.warnings import warnings_of
from explain.outcomes.compute.report.windows import (
    Laid,
    Readings,
    Window,
    laid_out,
    last_over,
    readings,
)

FORECAST_MONTHS = 3  # a coming month is taken to have the mean volume of that many measured ones


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
    def own(self) -> dict[str, Any] | None:
        """The project's own step, where that is what its claim counts: the effect is then that of the step."""
        row = self.details.get("own_step")
        return row if row and row["counts"] else None

    def share_in(self, month: date) -> Decimal:
        """The share of the effect that belongs to the project: as claimed, or the whole of its own step."""
        share = claimed_share(self.kpi, month)
        return share if self.own is None else Decimal(share > 0)

    def weight_of(self, month: KpiMonth) -> float:
        """Units that one unit of the effect brought in the month."""
        return month.weight if self.own is None else month.own_weight

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
    from explain.outcomes.compute.report.staggered import effect_of_step, own_step, steps_of_claimants

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
    expected = dict(zip(asked.after, answered.expected, strict=True)) if answered.expected else {}
    band = list(zip(*answered.band(), strict=True))
    course = {day: (expected[day], *ends) for (day, _), ends in zip(post, band, strict=True)} if expected else {}
    measured = steps_of_claimants(kpi, window.as_of)
    own = own_step(measured, effect)
    if measured is not None and own is not None and own["counts"]:
        effect, course = effect_of_step(measured, own, effect, asked.question)
        expected = measured.base
    details = {
        "steps": measured.table if measured else None,
        "own_step": own,
        "season": kpi.get("season"),
        "counts": bool(kpi.get("counts")),
        "controls": kpi.get("controls", []),
        "bridge": kpi.get("bridge"),
        "counterfactual": _course([(day, *course[day]) for day, _ in post if day in course]),
        "volume_held": _volume_held(kpi),
    }
    if not effect["n_pre"] or not effect["n_post"]:
        effect["why"] = "No method could be chosen yet."
    found = KpiOutcome(kpi=kpi, effect=effect, pre=pre, post=post, details=details)
    if effect["status"] != "not_enough_data" and window.go_live:
        laid = laid_out(series, frequency, window.go_live, end)
        kept = [(day, value) for day, value in laid if not any(one.holds(day) for one in excluded)]
        left = [day for day, _ in laid if any(one.holds(day) for one in excluded)]
        found.months = lay_out_months(kpi, kept, left, expected, window, others, frequencies, found.own)
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


def _course(rows: list[tuple[date, float | None, float | None, float | None]]) -> list[list[Any]]:
    """[period, expected, low, high] of each judged period; of a level its two ends say all."""
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


def coming_weight(found: KpiOutcome) -> float:
    """Units per unit of improvement in a coming month: the mean of the last measured whole months."""
    known = [month for month in found.months if month.units is not None]
    whole = [month for month in known if month.measured == month.expected and not month.in_ramp]
    chosen = (whole or known)[-FORECAST_MONTHS:]
    return fmean(month.weight for month in chosen) if chosen else 0.0


def _dates(baseline: dict[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(baseline["starts_on"]), date.fromisoformat(baseline["ends_on"])
