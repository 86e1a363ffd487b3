"""The head of a report: one definition of each figure, and a reason where there is none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from explain.outcomes.compute import finance
from explain.outcomes.compute.cash_flow import cash_flow
from explain.outcomes.compute.report.cash import Cash
from explain.outcomes.compute.report.tables import Flows, money_of
from explain.outcomes.compute.report.words import UNDEFINED


def figures_of(
    flows: Flows, cash: Cash, rate: str, currency: str, why_none: str | None, mismatch: bool
) -> dict[str, Any]:
    """The head of the report. A figure that cannot be given is None, with its reason in `undefined`."""
    names = (
        "benefits_to_date", "benefits_to_date_soft", "net_to_date", "net_to_date_soft", "roi_percent",
        "roi_percent_soft", "discounted_roi_percent", "npv_to_date", "npv_horizon", "npv_horizon_soft",
        "npv_forecast", "irr_annual", "mirr", "payback", "first_crossing", "discounted_payback", "break_even_factor",
    )  # fmt: skip
    figures: dict[str, Any] = dict.fromkeys(names)
    figures |= {"costs_to_date": None, "irr": None, "payback_status": None, "sign_changes": None}
    figures |= {"net_interval": None, "roi_interval": None, "chance_positive": None, "planned": None}
    undefined: dict[str, str] = {}
    figures["undefined"] = undefined
    if mismatch:
        undefined.update(dict.fromkeys([*names, "costs_to_date"], UNDEFINED["currency_mismatch"]))
        return figures
    text = money_of(currency)
    figures["costs_to_date"] = text(flows.costs_to_date)
    figures["planned"] = _planned(cash, rate, currency)
    if why_none is not None:
        undefined.update(dict.fromkeys(names, UNDEFINED[why_none]))
        return figures
    n = cash.last + 1
    request = {"rate": Decimal(rate), "period": "month", "currency": currency}
    done = cash_flow({**request, "costs": flows.costs[:n], "benefits": flows.hard[:n]})
    whole = cash_flow({**request, "costs": flows.costs, "benefits": flows.hard})
    freed = cash_flow({**request, "costs": flows.costs[:n], "benefits": flows.soft[:n]})
    freed_whole = cash_flow({**request, "costs": flows.costs, "benefits": flows.soft})
    factor = finance.break_even_factor(flows.hard, flows.costs, Decimal(rate))
    to_date = finance.net_present_value(flows.net[:n], Decimal(rate), "month")
    over_all = finance.net_present_value(flows.net, Decimal(rate), "month")
    figures |= {
        "benefits_to_date": text(flows.hard_to_date),
        "benefits_to_date_soft": text(flows.soft_to_date),
        "net_to_date": done["net_benefit"],
        "net_to_date_soft": freed["net_benefit"],
        "roi_percent": _short(done["roi_percent"]),
        "roi_percent_soft": _short(freed["roi_percent"]),
        "discounted_roi_percent": _short(done["discounted_roi_percent"]),
        "npv_to_date": done["npv"],
        "npv_horizon": whole["npv"],
        "npv_horizon_soft": freed_whole["npv"],
        "npv_forecast": text(over_all - to_date),
        "irr": whole["irr"],
        "irr_annual": whole["irr_annual"],
        "mirr": whole["mirr"],
        "payback": _short(whole["payback"], 2),
        "payback_status": whole["payback_status"],
        "first_crossing": _short(whole["first_crossing"], 2),
        "discounted_payback": _short(whole["discounted_payback"], 2),
        "sign_changes": whole["sign_changes"],
        "break_even_factor": None if factor is None else f"{factor:.4f}",
    }
    undefined.update({name: why for name, why in whole["undefined"].items() if name not in ("roi_percent",)})
    undefined.update({name: done["undefined"][name] for name in ("roi_percent",) if name in done["undefined"]})
    if "roi_percent" in freed["undefined"]:
        undefined["roi_percent_soft"] = freed["undefined"]["roi_percent"]
    if done["discounted_roi_percent"] is None:
        undefined["discounted_roi_percent"] = UNDEFINED["zero_cost"]
    else:
        undefined.pop("discounted_roi_percent", None)
    if factor is None:
        undefined["break_even_factor"] = "the benefits are worth nothing or less"
    return figures


def _planned(cash: Cash, rate: str, currency: str) -> dict[str, Any] | None:
    """The plan by the same rules, None when nothing was planned."""
    costs = [row.planned_cost for row in cash.months]
    benefits = [row.planned_benefit for row in cash.months]
    if not any(costs) and not any(benefits):
        return None
    found = cash_flow(
        {"costs": costs, "benefits": benefits, "rate": Decimal(rate), "period": "month", "currency": currency}
    )
    text = money_of(currency)
    past = cash.past
    return {
        "costs": text(finance.total(costs)),
        "benefits": text(finance.total(benefits)),
        "net": found["net_benefit"],
        "costs_to_date": text(finance.total([row.planned_cost for row in past])),
        "benefits_to_date": text(finance.total([row.planned_benefit for row in past])),
        "net_to_date": text(finance.total([row.planned_net for row in past])),
        "npv": found["npv"],
        "roi_percent": _short(found["roi_percent"]),
        "payback": _short(found["payback"], 2),
        "payback_status": found["payback_status"],
    }


def roi_interval(net: list[float], costs: Decimal) -> list[float] | None:
    return [100 * bound / float(costs) for bound in net] if costs > 0 else None


def _short(value: str | None, places: int = 4) -> str | None:
    return None if value is None else f"{round(Decimal(value), places) + 0:f}"
