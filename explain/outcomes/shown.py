"""A stored result as a page shows it: amounts as Decimal, shares as percentages, labels for figures. Computes nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from foundation.web.formats import number_text

_MONEY = {
    "benefits_to_date", "benefits_to_date_soft", "net_to_date", "net_to_date_soft", "npv_to_date", "npv_horizon",
    "npv_horizon_soft", "npv_forecast", "costs_to_date", "costs", "benefits", "net", "npv", "planned_cost",
    "planned_benefit", "cost", "benefit", "benefit_soft", "booked_benefit", "forecast_benefit", "cumulative_planned",
    "cumulative_realised", "cumulative_forecast", "benefit_hard", "hard", "soft", "value", "amount", "planned_total",
    "planned_to_date", "realised_to_date", "variance_to_date", "forecast_to_complete",
}  # fmt: skip
_PERCENT = {"realisation_rate", "realisation_rate_soft", "forecast_rate", "irr_annual", "mirr", "break_even_factor"}
_AS_IT_IS = ("undefined", "definitions")
DEFINED = {
    "net_to_date": "Net benefit to date",
    "benefits_to_date": "Benefits",
    "soft": "With freed time",
    "costs_to_date": "Costs",
    "roi_percent": "ROI",
    "discounted_roi_percent": "Discounted ROI",
    "npv_to_date": "Net present value to date",
    "npv_horizon": "Net present value over the horizon",
    "irr": "Internal rate of return",
    "payback": "Payback",
    "first_crossing": "First crossing",
    "break_even_factor": "Break-even",
    "realisation_rate": "Realisation rate",
    "interval": "P10 to P90",
    "chance": "Chance",
    "exchange": "Exchange rates",
    "effect": "Effect",
    "grade": "Grade",
}
_MONEY_WORDS = {
    "no_value": "no value per unit is set",
    "currency_mismatch": "an exchange rate is missing",
    "counted_in_derived": "counted through the KPI that is derived from it",
    "not_enough_data": "not enough data",
    "counted": "no month with a value",
}

# Whether the KPI of a link followed the metric.
HELD_WORDS = {
    "held": "held",
    "against": "against the expectation",
    "not_shown": "not shown",
    "unknown": "cannot be said yet",
}
METHOD_WORDS = {
    "randomised": "units with and without the solution, drawn by lot",
    "did": "against a control that moves in step",
    "structural": "against a structural model of the controls",
    "its": "against the baseline’s trend and season carried on",
    "level": "against the mean of the baseline",
    "staggered": "its own step among the go-lives of several projects",
}


def has_effect(kpi: dict[str, Any]) -> bool:
    """Whether an effect was found, so that there is a method to name."""
    return kpi["effect"]["effect"] is not None


def shown(result: dict[str, Any]) -> dict[str, Any]:
    """The result with what a template needs beside it."""
    found: dict[str, Any] = _readable(result)
    found["rate_percent"] = 100 * Decimal(result["discount_rate"])
    found["chance_shown"] = chance_text(result["figures"]["chance_positive"])
    found["defined"] = [(DEFINED[name], text) for name, text in result["definitions"].items() if name in DEFINED]
    found["more"] = _more(found["figures"])
    for kpi in found["kpis"]:
        relative, target = kpi["effect"]["relative"], kpi["target"]
        kpi["relative_percent"] = None if relative is None else 100 * relative
        kpi["progress_percent"] = 100 * target["progress"] if target and target["progress"] is not None else None
        kpi["method_words"] = METHOD_WORDS.get(kpi["effect"]["method"], "") if has_effect(kpi) else ""
        kpi["unit_words"] = "count" if kpi["unit"] == "1" else kpi["unit"]
        kpi["money_words"] = _MONEY_WORDS[kpi["money"]]
    return found


def chance_text(chance: float | None) -> str:
    """A probability in per cent; never 0 or 100, which no simulation can show."""
    if chance is None:
        return "–"
    return "over 99 %" if chance > 0.99 else "under 1 %" if chance < 0.01 else f"{100 * chance:.0f} %"


def change_text(effect: float, unit: str) -> str:
    """An effect with its sign and unit."""
    sign = "+" if effect > 0 else ""
    return f"{sign}{number_text(effect)}{'' if unit == '1' else f' {unit}'}"


def _readable(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: inner if key in _AS_IT_IS else _readable(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_readable(inner, name) for inner in value]
    if isinstance(value, str) and name in _MONEY:
        return Decimal(value)
    if isinstance(value, str) and name in _PERCENT:
        return 100 * Decimal(value)
    return value


def _more(figures: dict[str, Any]) -> list[tuple[str, Any, str]]:
    """Figures beside the head: label, value or the reason why there is none, "money" or "month" for such."""
    undefined = figures["undefined"]

    def money(label: str, name: str) -> tuple[str, Any, str]:
        amount = figures[name]
        return (label, undefined.get(name, "none"), "") if amount is None else (label, amount, "money")

    def percent(label: str, name: str, places: int = 0) -> tuple[str, Any, str]:
        amount = figures[name]
        return label, undefined.get(name, "none") if amount is None else f"{number_text(Decimal(amount), places)} %", ""

    def months(label: str, name: str) -> tuple[str, Any, str]:
        amount = figures[name]
        if amount is None:
            return label, undefined.get(name, "none"), ""
        return label, f"month {number_text(Decimal(amount), 1)}", "month"

    planned = figures["planned"]
    ahead = (
        [
            ("Planned net to date", planned["net_to_date"], "money"),
            ("Planned net over the horizon", planned["net"], "money"),
        ]
        if planned
        else []
    )
    if figures["benefits_to_date"] is None:
        return [money("Costs to date", "costs_to_date"), *ahead]
    return [
        money("Benefits to date", "benefits_to_date"),
        money("Benefits with freed time", "benefits_to_date_soft"),
        money("Costs to date", "costs_to_date"),
        money("Net with freed time", "net_to_date_soft"),
        money("Net present value to date", "npv_to_date"),
        percent("Discounted ROI to date", "discounted_roi_percent"),
        _rate_of_return(figures),
        percent("Modified rate, a month", "mirr", 2),
        months("First crossing", "first_crossing"),
        months("Discounted payback", "discounted_payback"),
        percent("Break-even at this share of the benefits", "break_even_factor"),
        *ahead,
    ]


def _rate_of_return(figures: dict[str, Any]) -> tuple[str, Any, str]:
    """One rate a year, or the word that there is none or more than one."""
    label, irr = "Internal rate of return, a year", figures["irr"]
    if irr is None:
        return label, figures["undefined"].get("irr_annual", "none"), ""
    if irr["status"] != "unique" or figures["irr_annual"] is None:
        several = "not unique" if irr["status"] == "multiple" else f"none: {figures['undefined'].get('irr', '')}"
        return label, several, ""
    rate = figures["irr_annual"]
    text = "> 1 000 %" if rate > 1000 else "< −99 %" if rate < -99 else f"{number_text(rate, 1)} %"
    return label, text, ""
