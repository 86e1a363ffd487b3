"""What a worker computes for an outcome report, beside the work in it that no method can spare."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np

from bench.pairing import Line, compared
from bench.series import Floats, ar1
from explain.outcomes.compute.effect import level_effect_of
from explain.outcomes.compute.report import build_report
from explain.outcomes.compute.spread import KpiBenefit, Triangle
from explain.outcomes.compute.uncertainty import DRAWS, simulate

KPIS, DAYS, MONTHS = 5, 365, 36
RHO, LEVEL, IMPROVEMENT, ERROR = 0.3, 100.0, 3.0, 0.2
COST, RATE = 2_000.0, 0.10
FIRST = date(2024, 1, 1)
LEAST_WORK = "one NumPy pass: draw effects and values, lay out the cash flows, discount and sum them"


def measure(full: bool) -> Iterator[Line]:
    """The draws alone, one effect, and the whole report of five daily KPIs with two years of readings."""
    random = np.random.default_rng(1)
    before = LEVEL + ar1(random, KPIS, DAYS, RHO)
    after = LEVEL - IMPROVEMENT + ar1(random, KPIS, DAYS, RHO)
    weights = np.full((KPIS, MONTHS), 30.0)
    value = Triangle(0.8, 1.0, 1.3)
    benefits = [
        KpiBenefit(name=f"KPI {k}", improvement=IMPROVEMENT, error=ERROR, freedom=200.0, volumes=row, value=value)
        for k, row in enumerate(weights.tolist())
    ]
    costs = [COST] * MONTHS
    yield compared(
        f"uncertainty, {KPIS} KPIs, {DRAWS:,} draws", lambda: simulate(benefits, costs, rate_per_year=RATE),
        lambda: plain_pass(weights), rounds=30, beside=LEAST_WORK,
    )  # fmt: skip
    pre, post = before[0].tolist(), after[0].tolist()
    yield compared(
        "effect of a daily KPI, AR(1)", lambda: level_effect_of(pre, post, direction="decrease", season=7, daily=True),
        lambda: plain_difference(pre, post), rounds=30,
        beside="difference of two means and its standard error as if days were independent",
    )  # fmt: skip
    inputs = inputs_of(before, after)
    if build_report(inputs)["grade"] != "measured":
        raise RuntimeError("The report is not of a measured outcome, so its time says nothing.")
    yield compared(
        f"whole report, {KPIS} daily KPIs", lambda: build_report(inputs), lambda: plain_pass(weights), rounds=15,
        beside=LEAST_WORK, goal="≤ 50 ms",
    )  # fmt: skip


def plain_pass(weights: Floats) -> float:
    """Mean of the net present value over the draws."""
    random = np.random.default_rng(0)
    kpis, months = weights.shape
    effects = IMPROVEMENT + ERROR * random.standard_normal((kpis, DRAWS))
    values = random.triangular(0.8, 1.0, 1.3, (kpis, DRAWS))  # nosec B311 - a simulation
    flows = weights.T @ (effects * values) - COST
    discount = (1 + RATE) ** (-np.arange(months) / 12)
    return float((discount @ flows).mean())


def plain_difference(pre: list[float], post: list[float]) -> tuple[float, float]:
    """Difference and standard error."""
    before, after = np.array(pre), np.array(post)
    error = np.sqrt(before.var(ddof=1) / before.size + after.var(ddof=1) / after.size)
    return float(after.mean() - before.mean()), float(error)


def inputs_of(before: Floats, after: Floats) -> dict[str, Any]:
    """Inputs of a report in the shape of `lifecycle.kpis.selectors.inputs_for_report`."""
    go_live = FIRST + timedelta(days=DAYS)
    last = go_live + timedelta(days=DAYS - 1)
    return {
        "shape": "kpis/1",
        "as_of": last.isoformat(),
        "project": {
            "key": "bench", "name": "Bench", "currency": "EUR", "discount_rate": str(RATE), "horizon_months": MONTHS,
            "started_on": FIRST.isoformat(),
        },
        "go_live": {"on": go_live.isoformat(), "ramp_until": None},
        "kpis": [_kpi(k, go_live, pre.tolist(), post.tolist()) for k, (pre, post) in enumerate(zip(before, after, strict=True))],
        "volumes": {},
        "cash_lines": [
            {
                "id": 1, "side": "cost", "basis": "actual", "category": "run", "month": FIRST.isoformat(),
                "until": last.replace(day=1).isoformat(), "amount": str(COST), "currency": "EUR", "kpi": None,
                "note": "",
            }
        ],
    }  # fmt: skip


def _kpi(number: int, go_live: date, pre: list[float], post: list[float]) -> dict[str, Any]:
    return {
        "key": f"kpi-{number}", "name": f"KPI {number}", "unit": "h", "direction": "decrease", "kind": "flow",
        "frequency": "day", "version": 1, "is_primary": number == 0, "attribution": "1", "cashable": "1",
        "simulated": "for the bench", "volume_kpi": None, "derived_from": None, "before": [], "target": None,
        "baseline": {
            "id": number, "starts_on": FIRST.isoformat(), "ends_on": (go_live - timedelta(days=1)).isoformat(),
            "values": _readings(FIRST, pre), "values_hash": "", "mean": float(np.mean(pre)), "moving_range": 1.0,
            "count": len(pre), "retrospective": False, "frozen_at": f"{go_live}T00:00:00+00:00",
        },
        "series": _readings(go_live, post),
        "unit_values": [
            {
                "amount": "1", "low": "0.8", "high": "1.3", "currency": "EUR", "valid_from": FIRST.isoformat(),
                "valid_to": None, "evidence": "",
            }
        ],
    }  # fmt: skip


def _readings(first: date, values: list[float]) -> list[list[Any]]:
    return [[(first + timedelta(days=day)).isoformat(), value, 1] for day, value in enumerate(values)]
