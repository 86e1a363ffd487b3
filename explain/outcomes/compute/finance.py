"""Net present value, all internal rates of return, payback and return on investment, in Decimal.

Flows are amounts per period, k = 0, 1, 2, ...; costs are negative in a flow and positive in a row of costs.
Rates are shares (0.10 = 10 %), per year unless said otherwise. Nothing is rounded here: callers round once,
at the end. Conventions: Brealey, Myers and Allen, Principles of Corporate Finance, ch. 2 and 5; a month's
rate is (1+r)^(1/12) - 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Literal

from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.roots import PRECISE, positive_roots

FORMULA_VERSION = "cash-flow-1"

Period = Literal["month", "year"]
FirstFlow = Literal["now", "end_of_period"]
PaybackStatus = Literal["within", "never", "immediate"]
Flows = Sequence[Decimal]

PERIODS_IN_YEAR = {"month": 12, "year": 1}
DAYS_IN_YEAR = 365  # actual/365, as XNPV counts
DUST = Decimal("1e-40")  # share of the largest cumulative below which discounting's last digits count as zero


@dataclass(frozen=True, slots=True)
class Payback:
    """`periods` until the cumulative stays at or above zero for good; `first_crossing` when it first
    reached zero.
    """

    status: PaybackStatus
    periods: Decimal | None
    first_crossing: Decimal | None


def periodic_rate(rate_per_year: Decimal, period: Period) -> Decimal:
    """The rate of one period: r for a year, (1+r)^(1/12) - 1 for a month. Refuses -100 % and less."""
    if rate_per_year <= -1:
        raise CalculationRefused("rate_too_low", "A rate must be above -100 %.", "rate")
    with localcontext(PRECISE):
        return (1 + rate_per_year) ** (Decimal(1) / PERIODS_IN_YEAR[period]) - 1


def present_values(
    flows: Flows, rate_per_year: Decimal, period: Period = "year", first_flow: FirstFlow = "now"
) -> list[Decimal]:
    """Each flow discounted to now."""
    with localcontext(PRECISE):
        growth = 1 + periodic_rate(rate_per_year, period)
        start = 1 if first_flow == "end_of_period" else 0
        return [flow / growth ** (k + start) for k, flow in enumerate(flows)]


def net_present_value(
    flows: Flows, rate_per_year: Decimal, period: Period = "year", first_flow: FirstFlow = "now"
) -> Decimal:
    """Sum of discounted flows. "now" leaves the first one undiscounted; "end_of_period" is a spreadsheet's
    NPV().
    """
    return total(present_values(flows, rate_per_year, period, first_flow))


def present_values_on(flows: Flows, days: Sequence[int], rate_per_year: Decimal) -> list[Decimal]:
    """Each dated flow discounted by actual days/365 (XNPV)."""
    with localcontext(PRECISE):
        growth = 1 + periodic_rate(rate_per_year, "year")
        return [flow / growth ** (Decimal(day) / DAYS_IN_YEAR) for flow, day in zip(flows, days, strict=True)]


def internal_rates_of_return(flows: Flows, days: Sequence[int] | None = None) -> list[Decimal]:
    """Every rate above -100 % at which the flows are worth nothing, ascending: per period, or per year with
    days.

    An empty list when there is none: flows of one sign, one flow, all zero, or a value that never reaches
    zero.
    """
    amounts: dict[int, Decimal] = {}
    with localcontext(PRECISE):
        for day, flow in zip(days if days is not None else range(len(flows)), flows, strict=True):
            amounts[day] = amounts.get(day, Decimal(0)) + flow
        discounts = positive_roots(list(amounts.items()))
        power = DAYS_IN_YEAR if days is not None else 1
        return [+(1 / root**power - 1) for root in reversed(discounts)]


def modified_internal_rate_of_return(
    flows: Flows,
    finance_rate: Decimal,
    reinvest_rate: Decimal,
    times: Sequence[Decimal] | None = None,
) -> Decimal | None:
    """(FV of what comes in / PV of what goes out)^(1/n) - 1 per period; both rates per period too.

    `times` (in periods from the first flow) default to 0, 1, 2, ... None without an outlay, an income, or a
    span of time.
    """
    with localcontext(PRECISE):
        when = [Decimal(k) for k in range(len(flows))] if times is None else list(times)
        span = max(when, default=Decimal(0))
        spent = sum((-f / (1 + finance_rate) ** t for f, t in zip(flows, when, strict=True) if f < 0), Decimal(0))
        grown = sum(
            (f * (1 + reinvest_rate) ** (span - t) for f, t in zip(flows, when, strict=True) if f > 0),
            Decimal(0),
        )
        if not spent or not grown or not span:
            return None
        return (grown / spent) ** (1 / span) - 1


def payback(flows: Flows, times: Sequence[Decimal] | None = None) -> Payback:
    """When the cumulative reaches zero and stays there, linear inside the period; `times` default to 0, 1,
    2, ...
    """
    when = [Decimal(k) for k in range(len(flows))] if times is None else list(times)
    with localcontext(PRECISE):
        running = cumulative(flows)
        dust = DUST * max((abs(level) for level in running), default=Decimal(0))
        running = [Decimal(0) if abs(level) <= dust else level for level in running]
        below = [k for k, level in enumerate(running) if level < 0]
        if not below:
            return Payback("immediate", Decimal(0), Decimal(0))
        first = Decimal(0) if below[0] > 0 else None
        if first is None:
            up = next((k for k, level in enumerate(running) if level >= 0), None)
            first = None if up is None else _crossing(running, when, up)
        if below[-1] == len(running) - 1:
            return Payback("never", None, first)
        return Payback("within", _crossing(running, when, below[-1] + 1), first)


def return_on_investment(benefits: Decimal, costs: Decimal) -> Decimal | None:
    """(B - C)/C as a share; None (undefined) when the cost is zero."""
    if not costs:
        return None
    with localcontext(PRECISE):
        return (benefits - costs) / costs


def cumulative(flows: Flows) -> list[Decimal]:
    """Running total."""
    with localcontext(PRECISE):
        running, level = [], Decimal(0)
        for flow in flows:
            level += flow
            running.append(level)
        return running


def total(amounts: Sequence[Decimal]) -> Decimal:
    """Sum at full precision, whatever the caller's context."""
    with localcontext(PRECISE):
        return sum(amounts, Decimal(0))


def _crossing(running: list[Decimal], when: list[Decimal], up: int) -> Decimal:
    fraction = -running[up - 1] / (running[up] - running[up - 1])
    return when[up - 1] + fraction * (when[up] - when[up - 1])


def cost_of_delay(flows: Flows, rate_per_year: Decimal, period: Period = "month", fixed_end: bool = False) -> Decimal:
    """Value lost by starting one period later; with a fixed end the last period's flow is lost as well."""
    later = [Decimal(0), *(flows[:-1] if fixed_end else flows)]
    with localcontext(PRECISE):
        return net_present_value(flows, rate_per_year, period) - net_present_value(later, rate_per_year, period)


def break_even_factor(
    benefits: Flows, costs: Flows, rate_per_year: Decimal, period: Period = "month"
) -> Decimal | None:
    """Factor on every benefit (volume, uplift or value alike) at which NPV is zero; None if benefits are
    worth nothing.
    """
    with localcontext(PRECISE):
        worth = net_present_value(benefits, rate_per_year, period)
        return net_present_value(costs, rate_per_year, period) / worth if worth > 0 else None
