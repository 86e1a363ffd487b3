"""The head of a report for the portfolio: whole minor units and packed months out of the stored result."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from explain.outcomes.compute.money import minor_units
from explain.outcomes.compute.portfolio.delay import cost_of_delay
from explain.outcomes.compute.portfolio.packed import pack

SERIES = ("planned_net", "realised_net", "planned_benefit", "realised_benefit")
WORDS = 120
# A database adds 2**15 amounts of this size in 64 bits. In cents it is 2.8 million million.
LARGEST = 1 << 48
_NAMES = {
    "costs_minor": "costs_to_date",
    "benefits_minor": "benefits_to_date",
    "npv_minor": "npv_horizon",
}
_PLANNED = {"planned_net_minor": "net_to_date", "promised_net_minor": "net", "promised_npv_minor": "npv"}
NOTHING_AHEAD, NO_FORECAST, NO_RESULT, NO_TOTAL = "nothing_ahead", "no_forecast", "no_result", "no_total"


def head_of(result: dict[str, Any]) -> dict[str, Any]:
    """Columns of `PortfolioHead` out of a report's result. Amounts are whole minor units of its currency, None: unknown.

    `delay_minor`: what a month of waiting costs (`cost_of_delay`), with `delay_why` when it cannot be told. A report
    with an amount above `LARGEST` is not added to others: all its amounts are unknown here, and the report holds them.
    """
    if not result.get("figures"):
        return _without_total(NO_RESULT)
    try:
        return _columns(result)
    except _TooLarge:
        return _without_total(NO_TOTAL)


class _TooLarge(Exception):  # noqa: N818 - a reason, not an error
    pass


def _columns(result: dict[str, Any]) -> dict[str, Any]:
    places = minor_units(result["currency"])

    def minor(text: str | None) -> int | None:
        if text is None:
            return None
        amount = int(Decimal(text).scaleb(places).to_integral_value())
        if abs(amount) > LARGEST:
            raise _TooLarge
        return amount

    figures, brief = result["figures"], result["portfolio"]
    planned = figures["planned"] or {}
    found: dict[str, Any] = {name: minor(figures[key]) for name, key in _NAMES.items()}
    found |= {name: minor(planned.get(key)) for name, key in _PLANNED.items()}
    found["planned_benefits_minor"] = minor(brief.get("planned_benefits_to_date", "0"))
    costs, benefits = found["costs_minor"], found["benefits_minor"]
    net = None if costs is None else (benefits or 0) - costs
    promised = found["planned_net_minor"]
    found["net_minor"] = net
    found["shortfall_minor"] = None if net is None or promised is None else max(0, promised - net)
    found |= _spread(brief["net_interval"], net, places)
    found |= _reason(result["variance"], minor)
    found |= _delay(result, minor)
    found["changed"] = brief["changed"]
    first = date.fromisoformat(brief["first_month"])
    found["first_month"] = first.year * 12 + first.month - 1
    series = [[minor(text) or 0 for text in brief[name]] for name in SERIES]
    found |= {"series": pack(series), "months": max(map(len, series)), "months_to_date": len(series[1])}
    return found


def _without_total(why: str) -> dict[str, Any]:
    names = [
        *_NAMES,
        *_PLANNED,
        "planned_benefits_minor",
        "net_minor",
        "shortfall_minor",
        "reason_minor",
        "delay_minor",
    ]
    return {
        **dict.fromkeys(names),
        "below": 0.0, "above": 0.0, "reason": "", "delay_why": why, "changed": None, "first_month": None,
        "series": b"", "months": 0, "months_to_date": 0,
    }  # fmt: skip


def _spread(interval: list[float] | None, net: int | None, places: int) -> dict[str, float]:
    """How far P10 and P90 lie from the net, in minor units."""
    if interval is None or net is None:
        return {"below": 0.0, "above": 0.0}
    low, high = (bound * 10.0**places for bound in interval)
    return {"below": max(0.0, net - low), "above": max(0.0, high - net)}


def _reason(variance: list[dict[str, str]], minor: Any) -> dict[str, Any]:
    """The row of the variance that takes away most; the rows are in order, the worst first."""
    worst = variance[0] if variance else None
    if worst is None or Decimal(worst["amount"]) >= 0:
        return {"reason": "", "reason_minor": None}
    return {"reason": worst["label"][:WORDS], "reason_minor": minor(worst["amount"])}


def _delay(result: dict[str, Any], minor: Any) -> dict[str, Any]:
    """The months ahead as the report forecasts them; before anything is measured they are the plan."""
    rows = [row for row in result["months"] if row["is_forecast"]]
    if not result["months"]:
        return {"delay_minor": None, "delay_why": NO_TOTAL}
    if not rows or result["stopped"]:
        return {"delay_minor": None, "delay_why": NOTHING_AHEAD}
    flows = [Decimal(row["forecast_benefit"] or row["planned_benefit"]) - Decimal(row["cost"]) for row in rows]
    if not any(Decimal(row["forecast_benefit"] or row["planned_benefit"]) for row in rows):
        return {"delay_minor": None, "delay_why": NO_FORECAST}
    return {"delay_minor": minor(str(cost_of_delay(flows, Decimal(result["discount_rate"])))), "delay_why": ""}
