"""The steps of all projects that claim a KPI, as a table, and the shares that follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from explain.outcomes.compute.effect import LEAST_EFFECTIVE, LEAST_EFFECTIVE_TOGETHER, verdict_of
from explain.outcomes.compute.methods.staggered import Steps, joint_steps
from explain.outcomes.compute.report.staggered.axis import Axis
from explain.outcomes.compute.statement import REASONS, figure
from explain.outcomes.compute.told import row_told
from lifecycle.kpis.shares import split

MEASURED, INDICATIVE, NOT_ENOUGH = "measured", "indicative", "not_enough_data"
IMPROVED, WORSENED = "improved", "worsened"
VERDICTS = {IMPROVED: "better", WORSENED: "worse", "no_change": "no change beyond chance"}
FINE = 10**9  # parts into which a step is cut before it becomes a share
STAY = "So no shares follow, and the claims stay as they are."
ALIKE = "Neighbouring residuals resemble each other, so the intervals are rather too narrow."


@dataclass(frozen=True)
class Measured:
    """`table`: plain JSON; `live`: its rows that have a step, in the order of those of `steps` (None: there are none)."""

    table: dict[str, Any]
    axis: Axis
    live: list[dict[str, Any]]
    steps: Steps | None

    @property
    def base(self) -> dict[date, float | None]:
        """What each period would have been without any of the projects."""
        assert self.steps is not None
        return dict(zip(self.axis.days, row_told(self.steps.base, self.axis.exponent), strict=True))


def steps_of_claimants(kpi: dict[str, Any], as_of: date) -> Measured | None:
    """All claiming projects with their steps; None for a KPI that only its own project counts.

    `table`: `{"status", "reasons", "why", "rows": [{key, name, is_own, rules, live_on, from, until, step, interval,
    standard_error, degrees_of_freedom, improvement, verdict, words, why}], "rho", "has_trend",
    "shares": [{"from_month", "parts": [{key, name, percent}]}], "shares_why"}`. Steps are in the KPI's unit.
    """
    claimants: list[dict[str, Any]] = kpi.get("claimants") or []
    if not claimants:
        return None
    table: dict[str, Any] = {
        "status": NOT_ENOUGH, "reasons": [], "why": "", "rho": None, "has_trend": None, "shares": [], "shares_why": "",
        "rows": [_row(one, as_of) for one in claimants],
    }  # fmt: skip
    live = [row for row in table["rows"] if not row["why"]]
    axis = Axis(kpi, as_of)
    steps, why = _measured(kpi, axis, live)
    if steps is not None:
        _fill(live, steps, axis, kpi)
        if any(row["step"] is None for row in live):
            steps, why = None, "The figures are too large to compute with."
    if steps is None:
        table["why"] = why
        return Measured(table, axis, live, None)
    reasons = _reservations(kpi, steps)
    said = [f"{REASONS[code][0].upper()}{REASONS[code][1:]}." for code in reasons] + ([ALIKE] if steps.is_alike else [])
    table |= {
        "status": INDICATIVE if reasons else MEASURED,
        "reasons": reasons,
        "why": " ".join(said),
        "rho": steps.rho,
        "has_trend": steps.has_trend,
        "shares_why": _why_no_shares(live),
    }
    if not table["shares_why"]:
        table["shares"] = _shares(live)
    return Measured(table, axis, live, steps)


def _measured(kpi: dict[str, Any], axis: Axis, live: Sequence[dict[str, Any]]) -> tuple[Steps | None, str]:
    """The steps, or None and why there are none."""
    if why := axis.obstacle(kpi, live):
        return None, why
    stretches = [axis.stretch(row) for row in live]
    if why := axis.shortfall(kpi, live, stretches):
        return None, why
    steps = joint_steps(axis.scaled, stretches, season=kpi.get("season"))
    if steps is None:
        return None, "The readings do not tell the steps apart: too few of them are known between the go-lives."
    if min(steps.effective) < LEAST_EFFECTIVE:
        return None, (
            "Neighbouring readings resemble each other so much that the periods between two go-lives are worth fewer than "
            f"{LEAST_EFFECTIVE:g} independent ones."
        )
    return steps, ""


def _row(one: dict[str, Any], as_of: date) -> dict[str, Any]:
    live, ramp, retired = (one[name] for name in ("live_on", "ramp_until", "retired_on"))
    why = ""
    if live is None or live > as_of.isoformat():
        why = f"{one['name']} is not live yet."
    elif retired is not None and retired <= (ramp or live):
        why = f"{one['name']} was retired before a period counted."
    return {
        "key": one["key"], "name": one["name"], "is_own": one["is_own"], "rules": one["rules"], "live_on": live,
        "from": ramp or live, "until": retired, "step": None, "interval": None, "standard_error": None,
        "degrees_of_freedom": None, "improvement": None, "verdict": None, "words": "", "why": why,
    }  # fmt: skip


def _fill(rows: Sequence[dict[str, Any]], steps: Steps, axis: Axis, kpi: dict[str, Any]) -> None:
    sign = 1.0 if kpi["direction"] == "increase" else -1.0
    unit = "" if kpi["unit"] == "1" else f" {kpi['unit']}"
    for row, found in zip(rows, steps.parts, strict=True):
        value, low, high, error = (axis.unscaled(v) for v in (found.value, found.low, found.high, found.error))
        if value is None or low is None or high is None or error is None:
            continue
        verdict = verdict_of(sign, (low, high))
        size = max(abs(value), (high - low) / 2)
        row |= {
            "words": f"{figure(value, size)}{unit} (95 % interval {figure(low, size)} to {figure(high, size)}{unit}), "
            f"{VERDICTS[verdict]}",
            "step": value,
            "interval": [low, high],
            "standard_error": error,
            "degrees_of_freedom": steps.freedom,
            "improvement": sign * value + 0.0,
            "verdict": verdict,
        }


def _reservations(kpi: dict[str, Any], steps: Steps) -> list[str]:
    """Reason codes that hold the steps at indicative."""
    codes = {
        "retrospective_baseline": bool(kpi["baseline"]["retrospective"]),
        "placebo_significant": steps.moved_before,
        "little_information": sum(steps.effective) < LEAST_EFFECTIVE_TOGETHER,
        "no_variation": not steps.varies,
    }
    return [code for code, holds in codes.items() if holds]


def _why_no_shares(rows: Sequence[dict[str, Any]]) -> str:
    """Why no shares follow from the steps; "" where they do."""
    worse = [row["name"] for row in rows if row["verdict"] == WORSENED]
    if worse:
        return f"The step of {worse[0]} made the KPI worse, and no share of a change is below zero. {STAY}"
    unsure = [row["name"] for row in rows if row["verdict"] != IMPROVED]
    if unsure:
        return f"The step of {unsure[0]} cannot be told from chance: its interval holds zero. {STAY}"
    return ""


def _shares(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Shares from month to month in proportion to the steps at work, in whole per cent that sum to 100."""
    starts = {row["from"][:7] for row in rows} | {row["until"][:7] for row in rows if row["until"]}
    whole = max(row["improvement"] for row in rows)
    found = []
    for month in sorted(starts):
        at_work = [row for row in rows if row["from"][:7] <= month and (not row["until"] or month < row["until"][:7])]
        if not at_work:
            continue
        parts = split(100, [max(1, round(FINE * row["improvement"] / whole)) for row in at_work])
        shares = [
            {"key": row["key"], "name": row["name"], "percent": part} for row, part in zip(at_work, parts, strict=True)
        ]
        found.append({"from_month": f"{month}-01", "parts": shares})
    return found
