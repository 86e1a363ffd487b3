"""The business-case calculator: what does a plan promise, how sure is it, and what must hold? JSON in, JSON out.

It counts nothing by itself: value and payback are those of the cash-flow calculator, the draws those of the
uncertainty calculator, break-even and cost of delay those of the report. Money, uplift and volumes are planned
figures, so all of them are text. Month k = 0 is the first one of the plan and is not discounted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from importlib.util import find_spec
from typing import Any

from explain.outcomes.compute import finance
from explain.outcomes.compute.cash_flow import cash_flow
from explain.outcomes.compute.money import round_money
from explain.outcomes.compute.reading import (
    MOST_SEED,
    read_currency,
    read_number,
    read_numbers,
    read_rate,
    read_span,
    read_whole,
)
from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.roots import PRECISE
from explain.outcomes.compute.spread import KpiBenefit, PlannedCost, Triangle

FORMULA_VERSION = "business-case-1"
MOST_MONTHS = 240
MOST_LINES = 50
LEAST_DRAWS, MOST_DRAWS, DRAWS = 100, 50_000, 10_000
ZERO = Decimal(0)

Span = tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True, slots=True)
class _Cost:
    name: str
    months: list[Span | None]

    def likeliest(self, months: int) -> list[Decimal]:
        """The amounts by month, currency."""
        row = [ZERO if span is None else span[1] for span in self.months]
        return row + [ZERO] * (months - len(row))


@dataclass(frozen=True, slots=True)
class _Benefit:
    name: str
    uplift: Span
    value: Span
    volumes: list[Decimal]
    share: Decimal

    def likeliest(self, months: int) -> list[Decimal]:
        """Uplift x value x share x volume of each month, currency."""
        per_unit = self.uplift[1] * self.value[1] * self.share
        return [per_unit * volume for volume in self.volumes] + [ZERO] * (months - len(self.volumes))


def business_case(request: Mapping[str, Any]) -> dict[str, Any]:
    """Value at the likeliest figures, P10 to P90, break-even of each driver, cost of delay. Raises CalculationRefused.

    `costs`: named lines of months, each null, an amount or a range. `benefits`: named lines of `uplift` (units gained
    for each unit of volume, positive = better), `value` (of one unit), `volumes` by month and `share` (0 to 1).
    """
    if not isinstance(request, Mapping):
        raise CalculationRefused("not_an_object", "The request is an object with named fields.")
    costs, benefits = _costs(request.get("costs")), _benefits(request.get("benefits"))
    months = max([*(len(line.months) for line in costs), *(len(line.volumes) for line in benefits)], default=0)
    if not months:
        raise CalculationRefused("missing", "At least one cost or one benefit with a month is needed.", "costs")
    rate = read_rate(request, "rate") or ZERO
    currency = read_currency(request.get("currency"))
    draws = read_whole(request, "draws", LEAST_DRAWS, MOST_DRAWS, DRAWS)
    seed = read_whole(request, "seed", 0, MOST_SEED, 0)
    with localcontext(PRECISE):
        cost_rows = [line.likeliest(months) for line in costs]
        gain_rows = [line.likeliest(months) for line in benefits]
        spent = [sum(amounts, ZERO) for amounts in zip(*cost_rows, strict=True)] or [ZERO] * months
        gained = [sum(amounts, ZERO) for amounts in zip(*gain_rows, strict=True)] or [ZERO] * months
        if any(abs(amount) > Decimal("1e20") for amount in (*spent, *gained)):
            raise CalculationRefused("number_out_of_range", "The figures are too large to compute with.")
        flows = [benefit - cost for benefit, cost in zip(gained, spent, strict=True)]
        value = cash_flow(
            {"costs": spent, "benefits": gained, "rate": f"{rate:f}", "period": "month"}
            | ({"currency": currency} if currency else {})
        )
        text = _text(currency)
        undefined: dict[str, str] = {}
        drawn = _drawn(costs, benefits, rate, currency, draws, seed, undefined)
        return {
            "cash_flow": value,
            "uncertainty": drawn,
            "break_even": _break_even(benefits, gain_rows, spent, gained, rate, value, undefined),
            "cost_of_delay": {
                "end_moves": text(finance.cost_of_delay(flows, rate)),
                "end_stays": text(finance.cost_of_delay(flows, rate, fixed_end=True)),
            },
            "totals": {"costs": text(finance.total(spent)), "benefits": text(finance.total(gained))},
            "months": [
                {"cost": text(cost), "benefit": text(benefit), "cumulative": text(level)}
                for cost, benefit, level in zip(spent, gained, finance.cumulative(flows), strict=True)
            ],
            "benefits": [
                {"name": line.name, "months": [text(amount) for amount in row], "total": text(finance.total(row))}
                for line, row in zip(benefits, gain_rows, strict=True)
            ],
            "undefined": undefined,
            "statement": drawn["statement"] if drawn else _plain_statement(value, currency),
            "formula_version": FORMULA_VERSION,
        }


def _break_even(
    benefits: Sequence[_Benefit],
    rows: Sequence[Sequence[Decimal]],
    spent: Sequence[Decimal],
    gained: Sequence[Decimal],
    rate: Decimal,
    value: Mapping[str, Any],
    undefined: dict[str, str],
) -> dict[str, Any]:
    """Each driver's value at NPV = 0 while the others stay: NPV is linear in each, so the answer is closed."""
    worth, cost = finance.net_present_value(gained, rate, "month"), finance.net_present_value(spent, rate, "month")
    factor = finance.break_even_factor(gained, spent, rate)
    if factor is None:
        undefined["break_even.benefits"] = "the benefits are worth nothing"
    if not cost:
        undefined["break_even.costs"] = "zero cost"
    return {
        # Uplift, value of a unit and volume, each for all benefits together: the same factor.
        "benefits": None if factor is None else _factor(factor),
        "costs": _factor(worth / cost) if cost and worth >= 0 else None,
        "rate": value["irr_annual"],
        "months_late": _months_late(gained, spent, rate),
        "lines": [_line_breaks(line, row, worth, cost, rate) for line, row in zip(benefits, rows, strict=True)],
    }


def _line_breaks(
    line: _Benefit, row: Sequence[Decimal], worth: Decimal, cost: Decimal, rate: Decimal
) -> dict[str, Any]:
    own = finance.net_present_value(row, rate, "month")
    factor = 1 - (worth - cost) / own if own > 0 else None
    reached = factor is not None and factor >= 0
    return {
        "name": line.name,
        # Below zero: the plan pays without this benefit.
        "factor": None if factor is None else _factor(factor),
        "uplift": _factor(line.uplift[1] * factor) if reached and factor is not None else None,
        "value": _factor(line.value[1] * factor) if reached and factor is not None else None,
        "volume": _factor(max(line.volumes) * factor) if reached and factor is not None else None,
    }


def _months_late(gained: Sequence[Decimal], spent: Sequence[Decimal], rate: Decimal) -> int | None:
    """The most whole months by which all benefits may come late, costs and end as planned; None: not even on time."""
    cost = finance.net_present_value(spent, rate, "month")
    present = finance.present_values(gained, rate, "month")
    growth = 1 + finance.periodic_rate(rate, "month")
    late = None
    for k in range(len(gained)):
        if finance.total(present[: len(gained) - k]) / growth**k < cost:
            break
        late = k
    return late


def _drawn(
    costs: Sequence[_Cost],
    benefits: Sequence[_Benefit],
    rate: Decimal,
    currency: str | None,
    draws: int,
    seed: int,
    undefined: dict[str, str],
) -> dict[str, Any] | None:
    if find_spec("numpy") is None:
        undefined["uncertainty"] = "no statistics library is installed here"
        return None
    # Loaded where it computes: value and payback are told without it.
    from explain.outcomes.compute.draws import told
    from explain.outcomes.compute.uncertainty import simulate

    kpis = [
        KpiBenefit(
            name=line.name,
            improvement=_triangle(line.uplift),
            error=0.0,
            freedom=1.0,
            volumes=[float(volume) for volume in line.volumes],
            value=_triangle(line.value),
            share=float(line.share),
        )
        for line in benefits
    ]
    plans = [
        PlannedCost(line.name, [None if span is None or not any(span) else _triangle(span) for span in line.months])
        for line in costs
    ]
    try:
        found = simulate(kpis, [], plans, rate_per_year=float(rate), draws=draws, seed=seed)
    except ValueError as fault:
        raise CalculationRefused("number_out_of_range", str(fault)) from fault
    return told(found, currency)


def _costs(given: object) -> list[_Cost]:
    lines = []
    for field, row in _rows(given, "costs"):
        months = _list(row.get("months"), f"{field}.months")
        spans = [None if each is None else read_span(each, f"{field}.months[{k}]") for k, each in enumerate(months)]
        for k, span in enumerate(spans):
            if span is not None and span[0] < 0:
                raise CalculationRefused("negative_cost", "Write costs as amounts above zero.", f"{field}.months[{k}]")
        lines.append(_Cost(_name(row, field), spans))
    return lines


def _benefits(given: object) -> list[_Benefit]:
    lines = []
    for field, row in _rows(given, "benefits"):
        for name in ("uplift", "value"):
            if row.get(name) is None:
                raise CalculationRefused("missing", f"The {name} is needed, as text or as a range.", f"{field}.{name}")
        _list(row.get("volumes"), f"{field}.volumes")
        volumes = read_numbers({f"{field}.volumes": row["volumes"]}, f"{field}.volumes") or []
        if min(volumes, default=ZERO) < 0:
            raise CalculationRefused("out_of_range", "A volume is not below zero.", f"{field}.volumes")
        share = Decimal(1) if row.get("share") is None else read_number(row["share"], f"{field}.share")
        if not 0 <= share <= 1:
            raise CalculationRefused("out_of_range", "A share lies between 0 and 1.", f"{field}.share")
        lines.append(
            _Benefit(
                _name(row, field),
                read_span(row["uplift"], f"{field}.uplift"),
                read_span(row["value"], f"{field}.value"),
                volumes,
                share,
            )
        )
    return lines


def _rows(given: object, field: str) -> list[tuple[str, Mapping[str, Any]]]:
    if given is None:
        return []
    rows = _list(given, field, MOST_LINES, "lines")
    for place, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise CalculationRefused("not_an_object", "Each line is an object with named fields.", f"{field}[{place}]")
    return [(f"{field}[{place}]", row) for place, row in enumerate(rows)]


def _list(given: object, field: str, most: int = MOST_MONTHS, what: str = "months") -> list[Any]:
    if not isinstance(given, list | tuple):
        raise CalculationRefused("not_a_list", f"A list of {what} is needed.", field)
    if len(given) > most:
        raise CalculationRefused("too_many", f"At most {most} {what} can be computed with.", field)
    return list(given)


def _name(row: Mapping[str, Any], field: str) -> str:
    name = row.get("name")
    if not isinstance(name, str) or not 0 < len(name) <= 80:
        raise CalculationRefused("not_text", "The name of a line is a short text.", f"{field}.name")
    return name


def _triangle(span: Span) -> Triangle:
    return Triangle(*(float(amount) for amount in span))


def _text(currency: str | None) -> Any:
    return lambda amount: f"{round_money(amount, currency):f}" if currency else f"{+amount:f}"


def _factor(value: Decimal) -> str:
    rounded = value.quantize(Decimal("1e-6")).normalize() if abs(value) < Decimal("1e30") else value
    return f"{rounded:f}" if rounded else "0"


def _plain_statement(value: Mapping[str, Any], currency: str | None) -> str:
    amount = str(value["npv"]).replace("-", "−")
    unit = f" {currency}" if currency else ""
    return f"At the likeliest figures the net present value is {amount}{unit}; how sure that is was not drawn here."
