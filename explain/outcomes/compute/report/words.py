"""What is printed beside the figures: definitions, caveats, sentences."""

from __future__ import annotations

from typing import Any

DEFINITIONS = {
    "net_to_date": "Benefits less costs, up to the day of the report. Nothing that lies ahead is in it.",
    "benefits_to_date": "Improvement in units x value of a unit x share claimed x share that releases cash, month by month, "
    "from each month's own readings. Months without readings are unknown and add nothing.",
    "soft": "The same with freed time counted as if it were money. It stands beside the cash figure and is never added to it.",
    "costs_to_date": "Costs booked up to the day of the report, sunk costs included. A month without any booking takes its plan "
    "and is marked.",
    "roi_percent": "100 x (benefits less costs) / costs, to date, undiscounted. Undefined at zero cost.",
    "discounted_roi_percent": "100 x net present value / present value of costs, to date.",
    "npv_to_date": "Net present value of what has happened: each month divided by (1 + rate) to the power of months / 12, "
    "counted from the first month, which is not discounted.",
    "npv_horizon": "The same over the whole horizon. The months ahead are a forecast: the measured improvement goes on at the "
    "volume of the last three measured months, costs follow the plan.",
    "irr": "Rates at which the flows over the horizon are worth nothing. With none or several there is no single rate to name.",
    "payback": "Months from the first month until the cumulative net benefit is at zero or above for good, forecast included.",
    "first_crossing": "When the cumulative first reached zero; later costs may take it below again.",
    "break_even_factor": "The share of the measured benefits at which the net present value over the horizon would be zero.",
    "exchange": "Amounts in other currencies: a plan counts at the rate of the day on which it was recorded, what is realised "
    "at the mean rate of its month, months ahead at the latest known rate. The exchange effect is what is realised, at the "
    "month's rate less at the plan's.",
    "realisation_rate": "Realised benefits / planned benefits, over the months that were measured.",
    "interval": "P10 to P90: in 10,000 seeded draws of effect and value per unit, eight out of ten lie between. One draw of an "
    "effect holds for all its months. Booked costs are fixed, planned costs are taken as given.",
    "chance": "Share of the draws whose net present value over the horizon is above zero.",
    "effect": "Mean after the ramp less what would have been, by the first method whose conditions hold: groups drawn by lot, a "
    "control, the baseline's trend or season carried on, else the mean of the frozen baseline. The 95 % interval allows for "
    "neighbouring periods resembling each other. Method and reason stand beside each KPI.",
    "grade": "measured: enough independent periods before and after, and a baseline that was quiet. indicative: a figure, but "
    "with a reservation. assumed: a plan, nothing measured. Totals never mix grades.",
}

CAVEATS = {
    "rate_substituted": "Where a month has no mean exchange rate, the latest rate of a day stands in, at most 35 days "
    "older than the end of the month; where a day has none, the mean of its month.",
    "claim_disputed": "Claims on a KPI are in dispute, or sum to more than the whole. Together they count as the whole at "
    "most, each in proportion to what it asks for.",
    "own_step": "Several projects changed a KPI one after the other. This project counts its own step, measured together with "
    "theirs, whether or not it agrees with the share that was claimed. The ramp brings nothing.",
    "own_step_unknown": "A claim is split by steps that cannot be measured; the share that was agreed counts in their place.",
    "costs_from_plan": "Past months without any booked cost take the plan.",
    "current_month_from_plan": "The current month has no booked cost yet; its plan stands in.",
    "benefits_unknown": "Months without readings are unknown. Their benefits are not counted, their costs are.",
    "booked_twice": "Benefits booked on a KPI whose worth is measured were left out, so that they do not count twice.",
    "other_grade": "KPIs of another grade are shown but not added.",
    "not_demonstrated": "The effect of a counted KPI may be chance. Its best estimate is counted; the interval says how sure it is.",
    "beyond_horizon": "Lines after the end of the horizon are left out.",
    "booked_ahead": "Lines booked after the day of the report are not counted as realised.",
    "counted_in_derived": "A KPI from which a counted one is derived is not turned into money as well.",
    "no_value": "A measured KPI has no value per unit and brings no money in this report.",
    "stopped": "The project was stopped: no costs and no benefits are forecast.",
    "exclusions": "Periods were left out because of an event, with the approval of a second person. The figures with all periods "
    "stand beside the KPI.",
    "retired": "The solution was retired: its benefits end with that day, its costs when it is decommissioned.",
    "booked_after_retirement": "Benefits booked for months after the retirement were left out.",
    "value_missing": "In some months no value per unit was valid; they count as unknown.",
}

UNDEFINED = {
    "currency_mismatch": "other currencies without a rate",
    "no_outcome": "no outcome measured",
    "not_enough_data": "not enough data",
    "no_value": "no value per unit set",
    "plan_only": "nothing measured yet",
    "zero_cost": "zero cost",
    "nothing_yet": "no month has passed yet",
}

GRADE_WHY = {
    "measured": "The KPIs that are counted have enough periods before and after, and their baselines were quiet.",
    "indicative": "There is a figure, with reservations.",
    "assumed": "The figures are a plan or a booking; no effect on a KPI has been measured.",
    "not_enough_data": "There are too few readings to say anything about the effect.",
    "": "No outcome measured. How well a model predicts is an output; what it changes is not known.",
}


def own_step_sentence(own: dict[str, Any]) -> str:
    """Why a claim that is split by steps counts its agreed share."""
    return f"The step of {own['name']} itself does not count: {own['why_not']} The agreed share counts in its place."


def chance_sentence(chance: float, words: str, horizon: int, forecast_months: int) -> str:
    """How likely it is worth its cost; never "proved"."""
    share = "over 99 %" if chance > 0.99 else "under 1 %" if chance < 0.01 else f"{100 * chance:.0f} %"
    ahead = f" ({forecast_months} of them forecast)" if forecast_months else ""
    if words == "not shown":
        return f"Not shown to be worth its cost over {horizon} months{ahead}: the chance is {share}."
    return f"It is {words} to be worth its cost over {horizon} months{ahead}: the chance is {share}."
