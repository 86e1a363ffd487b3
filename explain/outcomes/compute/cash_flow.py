"""The cash-flow calculator: JSON in, JSON out, money and rates as strings, one rounding at the very end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from explain.outcomes.compute import finance
from explain.outcomes.compute.finance import FirstFlow, Period
from explain.outcomes.compute.money import round_money
from explain.outcomes.compute.reading import read_choice, read_currency, read_days, read_numbers, read_rate
from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.roots import PRECISE, sign_changes

MOST_SIGN_CHANGES = 60
_MONEY_PLACES, _RATE_PLACES = Decimal("1e-10"), Decimal("1e-12")
_WRITTEN_OUT = Decimal("1e40")  # from here on only the leading digits mean anything


@dataclass(frozen=True, slots=True)
class _Case:
    """A request that has been read and found sound."""

    flows: list[Decimal]
    costs: list[Decimal]
    benefits: list[Decimal]
    split: bool
    rate: Decimal | None
    finance_rate: Decimal | None
    reinvest_rate: Decimal | None
    period: Period
    first_flow: FirstFlow
    days: list[int] | None
    currency: str | None

    @property
    def times(self) -> list[Decimal]:
        """When each flow falls: in years with dates, else in periods from now."""
        if self.days is not None:
            with localcontext(PRECISE):
                return [Decimal(day) / finance.DAYS_IN_YEAR for day in self.days]
        start = 1 if self.first_flow == "end_of_period" else 0
        return [Decimal(k + start) for k in range(len(self.flows))]

    def discounted(self, amounts: Sequence[Decimal]) -> list[Decimal] | None:
        if self.rate is None:
            return None
        if self.days is not None:
            return finance.present_values_on(amounts, self.days, self.rate)
        return finance.present_values(amounts, self.rate, self.period, self.first_flow)

    def per_period(self, rate: Decimal) -> Decimal:
        return rate if self.days is not None else finance.periodic_rate(rate, self.period)


def cash_flow(request: Mapping[str, Any]) -> dict[str, Any]:
    """NPV, every IRR, MIRR, ROI and payback of a row of flows; what is undefined is null with its reason.

    Defaults: period "year", first_flow "now". Without costs and benefits ROI takes negative flows for costs
    and positive ones for benefits (`roi_basis` says so). With dates, rates and payback are in years,
    actual/365. Raises CalculationRefused for input that cannot be computed with.
    """
    case = _read(request)
    with localcontext(PRECISE):
        return _answer(case)


def _answer(case: _Case) -> dict[str, Any]:
    undefined: dict[str, str] = {}
    net = finance.total(case.flows)
    present = case.discounted(case.flows)
    present_costs = case.discounted(case.costs)
    changes = sign_changes(_in_time(case))
    plain = finance.payback(*_by_time(case, case.flows))
    later = finance.payback(*_by_time(case, present)) if present is not None else None
    roi = finance.return_on_investment(finance.total(case.benefits), finance.total(case.costs))
    discounted_roi = None
    if roi is None:
        undefined["roi_percent"] = "zero cost"
    if present is None or present_costs is None:
        undefined.update(dict.fromkeys(("npv", "discounted_roi_percent", "discounted_payback"), "no rate given"))
    elif finance.total(present_costs):
        discounted_roi = finance.total(present) / finance.total(present_costs)
    else:
        undefined["discounted_roi_percent"] = "zero cost"
    if plain.status == "never":
        undefined["payback"] = "not within horizon"
    if later and later.status == "never":
        undefined["discounted_payback"] = "not within horizon"
    irr, annual = _irr(case, changes, undefined)
    mirr = _mirr(case, undefined)
    return {
        "npv": None if present is None else _money(finance.total(present), case.currency),
        "irr": irr,
        "irr_annual": annual,
        "mirr": mirr,
        "roi_percent": None if roi is None else _plain(100 * roi, _MONEY_PLACES),
        "discounted_roi_percent": None if discounted_roi is None else _plain(100 * discounted_roi, _MONEY_PLACES),
        "roi_basis": "costs and benefits" if case.split else "signs of the flows",
        "net_benefit": _money(net, case.currency),
        "payback": _time(plain.periods),
        "payback_status": plain.status,
        "first_crossing": _time(plain.first_crossing),
        "discounted_payback": _time(later.periods) if later else None,
        "discounted_payback_status": later.status if later else None,
        "time_unit": "year" if case.days is not None else case.period,
        "sign_changes": changes,
        "undefined": undefined,
        "formula_version": finance.FORMULA_VERSION,
    }


def _irr(case: _Case, changes: int, undefined: dict[str, str]) -> tuple[dict[str, Any], str | None]:
    if changes > MOST_SIGN_CHANGES:
        undefined["irr"] = undefined["irr_annual"] = f"more than {MOST_SIGN_CHANGES} changes of sign"
        return {"status": "none", "roots": []}, None
    roots = finance.internal_rates_of_return(case.flows, case.days)
    status = "none" if not roots else "unique" if len(roots) == 1 else "multiple"
    annual = None
    if status == "unique":
        months = 12 if case.days is None and case.period == "month" else 1
        annual = _plain((1 + roots[0]) ** months - 1, _RATE_PLACES)
    else:
        undefined["irr_annual"] = "not unique" if roots else _why_no_rate(case.flows)
        if not roots:
            undefined["irr"] = undefined["irr_annual"]
    return {"status": status, "roots": [_plain(root, _RATE_PLACES) for root in roots]}, annual


def _why_no_rate(flows: Sequence[Decimal]) -> str:
    if not any(flows):
        return "all flows are zero"
    both = min(flows) < 0 < max(flows)
    return "no rate makes the flows worth nothing" if both else "all flows have one sign"


def _mirr(case: _Case, undefined: dict[str, str]) -> str | None:
    cost = case.finance_rate if case.finance_rate is not None else case.rate
    gain = case.reinvest_rate if case.reinvest_rate is not None else case.rate
    if cost is None or gain is None:
        undefined["mirr"] = "no rate given"
        return None
    first = case.times[0]
    found = finance.modified_internal_rate_of_return(
        case.flows, case.per_period(cost), case.per_period(gain), [time - first for time in case.times]
    )
    if found is None:
        undefined["mirr"] = "needs money out, money in, and time between"
        return None
    return _plain(found, _RATE_PLACES)


def _in_time(case: _Case) -> list[Decimal]:
    """Flows in order of time, those of one day together: what Descartes counts."""
    return _by_time(case, case.flows)[0]


def _by_time(case: _Case, amounts: Sequence[Decimal]) -> tuple[list[Decimal], list[Decimal]]:
    together: dict[Decimal, Decimal] = {}
    for time, amount in zip(case.times, amounts, strict=True):
        together[time] = together.get(time, Decimal(0)) + amount
    times = sorted(together)
    return [together[time] for time in times], times


def _read(request: Mapping[str, Any]) -> _Case:
    if not isinstance(request, Mapping):
        raise CalculationRefused("not_an_object", "The request is an object with named fields.")
    costs, benefits = read_numbers(request, "costs"), read_numbers(request, "benefits")
    flows = read_numbers(request, "flows")
    if (costs is None) != (benefits is None):
        missing = "costs" if costs is None else "benefits"
        raise CalculationRefused("missing", "Costs and benefits are given together, one for each period.", missing)
    split = costs is not None and benefits is not None
    if costs is not None and benefits is not None:
        if len(costs) != len(benefits):
            raise CalculationRefused("unlike_lengths", "Costs and benefits cover the same periods.", "benefits")
        if any(cost < 0 for cost in costs):
            raise CalculationRefused("negative_cost", "Write costs as amounts above zero.", "costs")
        net = [benefit - cost for benefit, cost in zip(benefits, costs, strict=True)]
        if flows is not None and flows != net:
            raise CalculationRefused("flows_mismatch", "Each flow must be its benefit less its cost.", "flows")
        flows = net
    if not flows:
        raise CalculationRefused("missing", "At least one flow is needed.", "flows")
    return _Case(
        flows=flows,
        costs=costs if costs is not None else [max(-flow, Decimal(0)) for flow in flows],
        benefits=benefits if benefits is not None else [max(flow, Decimal(0)) for flow in flows],
        split=split,
        rate=read_rate(request, "rate"),
        finance_rate=read_rate(request, "finance_rate"),
        reinvest_rate=read_rate(request, "reinvest_rate"),
        period=read_choice(request, "period", ("year", "month")),
        first_flow=read_choice(request, "first_flow", ("now", "end_of_period")),
        days=read_days(request.get("dates"), len(flows)),
        currency=read_currency(request.get("currency")),
    )


def _money(amount: Decimal, currency: str | None) -> str:
    if currency and abs(amount) < _WRITTEN_OUT:
        return f"{round_money(amount, currency):f}"
    return _plain(amount, _MONEY_PLACES)


def _time(periods: Decimal | None) -> str | None:
    return None if periods is None else _plain(periods, _RATE_PLACES)


def _plain(value: Decimal, places: Decimal) -> str:
    """Rounded once and written without exponent or trailing zeros; very large values keep their leading
    digits.
    """
    if abs(value) >= _WRITTEN_OUT:
        return f"{+value.normalize():.12E}"
    rounded = value.quantize(places, rounding=ROUND_HALF_EVEN).normalize()
    return f"{rounded:f}" if rounded else "0"
