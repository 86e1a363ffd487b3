"""A finding in one sentence."""

from __future__ import annotations

from explain.outcomes.compute.links.told import REASONS, Finding
from explain.outcomes.compute.statement import figure


def sentence_of(found: Finding, *, kpi: str, unit: str, metric: str, point: float, expected: float) -> str:
    """One sentence for a manager: did the link hold, how sure, and why not if nothing can be said."""
    if found.observed is None or found.interval is None:
        return f"Cannot be said yet: {'; '.join(REASONS[code] for code in found.reasons)}."
    spaced = f" {unit}" if unit and unit != "1" else ""
    low, high = found.interval
    step = max(abs(found.observed), (high - low) / 2)
    size = f"{_signed(found.observed, step)}{spaced} for each {point:g} more of {metric}"
    sure = f"95 % interval {figure(low, step)} to {figure(high, step)}{spaced}"
    hoped = f"{_signed(expected, abs(expected))}{spaced} was expected"
    if found.held == "not_shown":
        text = f"not shown: {kpi} changed by {size} ({sure}), which may be chance; {hoped}"
    else:
        fits = "which lies within the interval" if low <= expected <= high else "which lies outside the interval"
        word = "held" if found.held == "held" else "against the expectation"
        text = f"{word}: {kpi} changed by {size} ({sure}); {hoped}" + (f", {fits}" if found.held == "held" else "")
    if found.status == "indicative":
        return f"Indicative only ({'; '.join(REASONS[code] for code in found.reasons)}): {text}."
    return f"{text[0].upper()}{text[1:]}."


def _signed(value: float, step: float) -> str:
    return f"{'+' if value > 0 else ''}{figure(value, step)}"
