"""From the inputs of a KPI to its effect, by the ladder of methods, with and without approved exclusions."""

from __future__ import annotations

from datetime import date
from typing import Any

from explain.outcomes.compute.report.effects.found import KpiOutcome
from explain.outcomes.compute.report.effects.worth import months_of
from explain.outcomes.compute.report.warnings import warnings_of
from explain.outcomes.compute.report.windows import Readings, Window, laid_out, last_over, readings


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
        found.months = months_of(
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


def _dates(baseline: dict[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(baseline["starts_on"]), date.fromisoformat(baseline["ends_on"])
