"""How sure the money is: the seeded draws, fed from a report's months."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.report.cash import Cash
from explain.outcomes.compute.report.effects import KpiOutcome, coming_weight
from explain.outcomes.compute.report.exchange import Exchange, coming_value
from explain.outcomes.compute.report.tables import Flows
from explain.outcomes.compute.spread import KpiBenefit, Triangle

NEARLY_NORMAL = 1e6


def spread_of(
    counted: list[KpiOutcome],
    cash: Cash,
    flows: Flows,
    exchange: Exchange,
    *,
    rate_per_year: float,
    seed: int,
    ahead: list[tuple[int, float]],
) -> dict[str, Any]:
    """P10, P50, P90 of NPV over the horizon, chance that it is positive, band of the J-curve, tornado.

    What is uncertain is the effect, with the standard error of the method that found it and one error for all months, and the value of a unit where a range
    was given. `ahead`: months to forecast with the share of each in which the solution works. The months' own readings, booked costs and volumes are known: the difference between a month's own
    benefit and effect x volume is carried as a fixed amount.
    """
    # numpy is loaded by the worker that computes, never by a page.
    from explain.outcomes.compute.uncertainty import simulate

    fixed = [float(cost) for cost in flows.costs]
    for k, row in enumerate(cash.past):
        fixed[k] -= float(row.booked_benefit)
    kpis = []
    for kpi in counted:
        improvement, share = float(kpi.effect["improvement"]), float(kpi.cashable)
        weights = [0.0] * len(cash.months)
        place = {row.month: k for k, row in enumerate(cash.months)}
        for month in kpi.months:
            if month.hard is not None and month.value is not None:
                k = place[month.month]
                weights[k] = kpi.weight_of(month) * float(month.value) * float(kpi.share_in(month.month))
                fixed[k] += improvement * weights[k] * share - float(month.hard)
        weight = coming_weight(kpi)
        for k, lasting in ahead:
            month_ahead = cash.months[k].month
            value = coming_value(kpi, month_ahead, exchange)
            claimed = float(kpi.share_in(month_ahead))
            weights[k] = weight * lasting * float(value) * claimed if value is not None else 0.0
        kpis.append(
            KpiBenefit(
                name=str(kpi.kpi["name"]),
                improvement=improvement,
                error=float(kpi.effect["standard_error"]),
                freedom=_freedom(kpi.effect["degrees_of_freedom"]),
                volumes=weights,
                value=_range(kpi),
                share=share,
            )
        )
    try:
        found = simulate(kpis, fixed, rate_per_year=rate_per_year, seed=seed)
        ahead_only = _ahead(kpis, fixed, cash.last + 1, rate_per_year, seed)
    except ValueError as error:
        raise CalculationRefused("number_out_of_range", str(error)) from error
    return {
        "npv": {"p10": found.npv.p10, "p50": found.npv.p50, "p90": found.npv.p90, "mean": found.npv.mean},
        "probability_positive": found.probability_positive,
        "likelihood": found.likelihood,
        "tornado": [{"driver": bar.driver, "at_p10": bar.at_p10, "at_p90": bar.at_p90} for bar in found.tornado],
        "band": [list(pair) for pair in found.band],
        "net_to_date": list(found.band[cash.last]),
        "draws": found.draws,
        "seed": found.seed,
        "ahead": ahead_only,
    }


def _ahead(kpis: list[KpiBenefit], fixed: list[float], start: int, rate: float, seed: int) -> dict[str, Any] | None:
    """The same draws of effect and value over the months ahead alone, the next one undiscounted; None without any.

    What is spent and what came already stay out: they are the same whatever is decided now.
    """
    from explain.outcomes.compute.uncertainty import simulate

    if start >= len(fixed):
        return None
    coming = [replace(kpi, volumes=kpi.volumes[start:]) for kpi in kpis]
    found = simulate(coming, fixed[start:], rate_per_year=rate, seed=seed, with_band=False)
    return {
        "npv": {"p10": found.npv.p10, "p50": found.npv.p50, "p90": found.npv.p90, "mean": found.npv.mean},
        "probability_positive": found.probability_positive,
        "likelihood": found.likelihood,
    }


def _freedom(given: float | None) -> float:
    """Of the method's interval; one made of simulated paths is taken as normal."""
    return NEARLY_NORMAL if given is None else max(float(given), 1.0)


def _range(kpi: KpiOutcome) -> float | Triangle:
    """The value of a unit relative to its best estimate, by the newest row that has a range."""
    rows = [row for row in kpi.kpi["unit_values"] if row["low"] is not None and row["high"] is not None]
    if not rows or Decimal(rows[-1]["amount"]) <= 0:
        return 1.0
    amount = Decimal(rows[-1]["amount"])
    return Triangle(float(Decimal(rows[-1]["low"]) / amount), 1.0, float(Decimal(rows[-1]["high"]) / amount))
