"""What to bear in mind with one KPI, beside its grade: sentences with a code, from its own figures."""

from __future__ import annotations

from datetime import date
from statistics import fmean, stdev
from typing import Any

from explain.outcomes.compute.report.windows import Laid, Window
from explain.outcomes.compute.statement import figure
from lifecycle.kpis.periods import period_text

LEAST_OF_HISTORY = 8  # readings before the baseline from which on its usual range can be told
USUAL = 2.0  # standard deviations


def warnings_of(kpi: dict[str, Any], effect: dict[str, Any], pre: Laid, window: Window) -> list[dict[str, str]]:
    """Code and sentence of each, in a stable order."""
    found = [
        ("regression_to_the_mean", _unusual_baseline(kpi, pre)),
        ("definition_changed", _bridge(kpi)),
        ("control_added_late", _late_controls(kpi, window)),
        ("effect_changes", _novelty(kpi, effect)),
        ("exposure_is_the_volume", _exposure(kpi)),
    ]
    return [{"code": code, "text": text} for code, text in found if text]


def _unusual_baseline(kpi: dict[str, Any], pre: Laid) -> str:
    """A KPI that was chosen because it was just then bad gets better by itself (Galton 1886)."""
    history = [float(value) for _, value, _ in kpi["before"]]
    known = [value for _, value in pre if value is not None]
    if len(history) < LEAST_OF_HISTORY or not known:
        return ""
    usual, spread, mean = fmean(history), stdev(history), fmean(known)
    if abs(mean - usual) <= USUAL * spread:
        return ""
    return (
        f"The baseline lies at {_text(mean, spread)}, more than two standard deviations from the {len(history)} readings "
        f"before it (mean {_text(usual, spread)}, deviation {_text(spread, spread)}). What was unusual tends to go back "
        "by itself: a part of the change may be that."
    )


def _bridge(kpi: dict[str, Any]) -> str:
    """Both definitions side by side; no mean is taken over the two."""
    bridge = kpi.get("bridge")
    if not bridge:
        return ""
    if not bridge["periods"]:
        return (
            f"The definition changed (version {kpi['version']}) and no period was measured by both, so the two cannot be "
            "compared. Only readings of the present definition count."
        )
    first, last = (period_text(date.fromisoformat(bridge[end]), kpi["frequency"]) for end in ("first", "last"))
    step = abs(bridge["present_mean"]) or abs(bridge["former_mean"])
    return (
        f"The definition changed (version {kpi['version']}). In {bridge['periods']} periods measured by both, {first} to "
        f"{last}, the present one reads {_text(bridge['present_mean'], step)} where the former read "
        f"{_text(bridge['former_mean'], step)}. Only readings of the present definition count."
    )


def _late_controls(kpi: dict[str, Any], window: Window) -> str:
    if window.go_live is None:
        return ""
    late = [row["name"] for row in kpi.get("controls", []) if date.fromisoformat(row["added_on"]) >= window.go_live]
    if not late:
        return ""
    return f"Chosen for comparison after go-live, when the result could be known: {', '.join(late)}."


def _novelty(kpi: dict[str, Any], effect: dict[str, Any]) -> str:
    """First against second half after go-live: what is new may work because it is new."""
    novelty = effect.get("novelty")
    if not novelty or not novelty["significant"] or novelty["first_half"] is None:
        return ""
    first, second = novelty["first_half"], novelty["second_half"]
    sign = 1.0 if kpi["direction"] == "increase" else -1.0
    fades = sign * (second - first) < 0
    step = max(abs(first), abs(second))
    unit = "" if kpi["unit"] == "1" else f" {kpi['unit']}"
    return (
        f"The effect {'fades' if fades else 'grows'}: {_text(first, step)}{unit} in the first half after go-live, "
        f"{_text(second, step)}{unit} in the second. The mean of both is what is counted."
    )


def _exposure(kpi: dict[str, Any]) -> str:
    if not kpi.get("counts") or kpi["volume_kpi"] is None:
        return ""
    return (
        "The KPI is a count, so its volume is its exposure: it says how many events were to be expected, and is not "
        "multiplied with the change again."
    )


def _text(value: float, step: float) -> str:
    return figure(value, step or 1.0)
