"""The uncertainty calculator: how sure is the money that an effect brings? JSON in, JSON out, money as text.

What is not known is drawn: the effect by Student's t about its estimate, once for all months; the value of a unit and
each planned cost line by a triangle of low, mode and high. Volumes are taken as measured, actual costs as booked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

from explain.outcomes.compute.ar1 import t_quantile
from explain.outcomes.compute.money import from_statistic, round_money
from explain.outcomes.compute.reading import (
    MOST_FLOWS,
    MOST_SEED,
    read_choice,
    read_confidence,
    read_currency,
    read_number,
    read_numbers,
    read_rate,
    read_span,
    read_statistic,
    read_whole,
)
from explain.outcomes.compute.refusal import CalculationRefused
from explain.outcomes.compute.roots import PRECISE
from explain.outcomes.compute.spread import KpiBenefit, PlannedCost, Spread, Triangle, Uncertainty
from explain.outcomes.compute.uncertainty import DRAWS, simulate

LEAST_DRAWS, MOST_DRAWS = 100, 200_000
MOST_CELLS = 20_000_000  # draws x months
MOST_LINES = 50
MOST_KPIS = 20
LARGEST_MONEY = 1e40
NEARLY_NORMAL = 1e6  # degrees of freedom where none are given
_PLACES = Decimal("1e-6")
_ZERO = Triangle(0.0, 0.0, 0.0)
# What stands in each of `kpis`, and may then not stand beside them.
_OF_A_KPI = (
    "effect", "interval", "standard_error", "degrees_of_freedom", "confidence", "direction", "value_per_unit", "volumes",
    "share",
)  # fmt: skip


def uncertainty(request: Mapping[str, Any]) -> dict[str, Any]:
    """P10, P50, P90 of NPV and ROI, the chance that the project pays, and what drives it. Raises CalculationRefused.

    `effect` and `interval` are in the KPI's unit, as the effect calculator gives them; `interval` counts with
    `confidence` and `degrees_of_freedom` (many if absent), and half its width is taken on either side of the effect.
    With `kpis` several are drawn, each with these fields and a name, independently of each other; costs are of all.
    """
    if not isinstance(request, Mapping):
        raise CalculationRefused("not_an_object", "The request is an object with named fields.")
    kpis = _kpis(request)
    actual = read_numbers(request, "actual_costs") or []
    _not_negative(actual, "actual_costs")
    planned = _planned(request.get("planned_costs"))
    months = max(*(len(kpi.volumes) for kpi in kpis), len(actual), *(len(line.months) for line in planned), 1)
    draws = read_whole(request, "draws", LEAST_DRAWS, MOST_DRAWS, DRAWS)
    if draws * months > MOST_CELLS:
        raise CalculationRefused("too_many", f"Draws times months are at most {MOST_CELLS:,}.", "draws")
    rate = read_rate(request, "rate")
    currency = read_currency(request.get("currency"))
    try:
        found = simulate(
            kpis,
            [float(cost) for cost in actual],
            planned,
            rate_per_year=0.0 if rate is None else float(rate),
            draws=draws,
            seed=read_whole(request, "seed", 0, MOST_SEED, 0),
        )
    except ValueError as fault:
        raise CalculationRefused("number_out_of_range", str(fault)) from fault
    many = request.get("kpis") is not None
    return told(found, currency) | {
        "improvement": None if many else kpis[0].improvement,
        "kpis": [{"name": kpi.name, "improvement": kpi.improvement} for kpi in kpis] if many else None,
        "months": months,
        "rate": None if rate is None else f"{rate:f}",
    }


def told(found: Uncertainty, currency: str | None) -> dict[str, Any]:
    """What the draws say, as JSON: money as text, and one sentence for a manager."""
    undefined = {}
    if found.roi_percent.p50 is None:
        undefined["roi_percent"] = undefined["discounted_roi_percent"] = "zero cost in some draws"
    share = found.probability_positive
    chance = "more than 99 %" if share >= 0.995 else "under 1 %" if share < 0.005 else f"{100 * share:.0f} %"
    paying = "not shown to pay" if found.likelihood == "not shown" else f"{found.likelihood} to pay"
    low, high = _money(found.npv.p10, currency), _money(found.npv.p90, currency)
    unit = f" {currency}" if currency else ""
    return {
        "npv": _spread(found.npv, currency),
        "roi_percent": _spread(found.roi_percent, None),
        "discounted_roi_percent": _spread(found.discounted_roi_percent, None),
        "probability_positive": found.probability_positive,
        "likelihood": found.likelihood,
        "tornado": [
            {
                "driver": bar.driver.removeprefix("effect: ").removesuffix(": planned cost"),
                "at_p10": _money(bar.at_p10, currency),
                "at_p90": _money(bar.at_p90, currency),
            }
            for bar in found.tornado
        ],
        "band": [{"month": k, "p10": _money(a, currency), "p90": _money(b, currency)} for k, (a, b) in enumerate(found.band)],
        "draws": found.draws,
        "seed": found.seed,
        "inputs_hash": found.inputs_hash,
        "undefined": undefined,
        "statement": (
            f"The project is {paying}: in {chance} of the draws the net present value is above zero; in four of five it "
            f"lies between {_signed(low)} and {_signed(high)}{unit}."
        ),
        "formula_version": found.formula_version,
    }  # fmt: skip


def _kpis(request: Mapping[str, Any]) -> list[KpiBenefit]:
    """Those of `kpis`, else the one whose fields stand in the request itself."""
    given = request.get("kpis")
    if given is None:
        return [_kpi(request, "effect")]
    beside = [field for field in _OF_A_KPI if request.get(field) is not None]
    if beside:
        raise CalculationRefused("kpis_and_one", f"With kpis, {beside[0]} is said within each of them.", beside[0])
    if not isinstance(given, list | tuple) or not given:
        raise CalculationRefused("not_a_list", "KPIs are a list of objects with named fields.", "kpis")
    if len(given) > MOST_KPIS:
        raise CalculationRefused("too_many", f"At most {MOST_KPIS} KPIs can be computed with.", "kpis")
    found: list[KpiBenefit] = []
    for place, row in enumerate(given):
        field = f"kpis[{place}]"
        if not isinstance(row, Mapping):
            raise CalculationRefused("not_an_object", "Each KPI is an object with named fields.", field)
        unknown = sorted(str(name) for name in row if name not in (*_OF_A_KPI, "name"))
        if unknown:
            raise CalculationRefused("unknown_field", "A KPI has no such field.", f"{field}.{unknown[0]}")
        name = row.get("name", f"KPI {place + 1}")
        if not isinstance(name, str) or not 0 < len(name) <= 80:
            raise CalculationRefused("not_text", "The name of a KPI is a short text.", f"{field}.name")
        if name in [kpi.name for kpi in found]:
            raise CalculationRefused("name_twice", "Each KPI has a name of its own.", f"{field}.name")
        try:
            found.append(_kpi(row, name))
        except CalculationRefused as refused:
            raise CalculationRefused(refused.code, refused.message, f"{field}.{refused.field}") from None
    return found


def _kpi(request: Mapping[str, Any], name: str) -> KpiBenefit:
    improvement, error, freedom = _effect(request)
    volumes = _volumes(request)
    share = read_number(request["share"], "share") if request.get("share") is not None else Decimal(1)
    if not 0 <= share <= 1:
        raise CalculationRefused("out_of_range", "A share lies between 0 and 1.", "share")
    return KpiBenefit(
        name=name,
        improvement=improvement,
        error=error,
        freedom=freedom,
        volumes=volumes,
        value=_value(request.get("value_per_unit")),
        share=float(share),
    )


def _effect(request: Mapping[str, Any]) -> tuple[float, float, float]:
    """Improvement (positive = better), its standard error and the degrees of freedom."""
    if request.get("effect") is None:
        raise CalculationRefused("missing", "The effect is needed, in the KPI's unit.", "effect")
    effect = read_statistic(request["effect"], "effect")
    sign = 1.0 if read_choice(request, "direction", ("increase", "decrease")) == "increase" else -1.0
    freedom = NEARLY_NORMAL
    if request.get("degrees_of_freedom") is not None:
        freedom = read_statistic(request["degrees_of_freedom"], "degrees_of_freedom")
        if not 1 <= freedom <= NEARLY_NORMAL:
            raise CalculationRefused(
                "out_of_range", f"Degrees of freedom lie between 1 and {NEARLY_NORMAL:,.0f}.", "degrees_of_freedom"
            )
    given, interval = request.get("standard_error"), request.get("interval")
    if given is not None:
        error = read_statistic(given, "standard_error")
        if error < 0:
            raise CalculationRefused("out_of_range", "A standard error is not below zero.", "standard_error")
    elif interval is None:
        raise CalculationRefused("missing", "The interval of the effect is needed, or its standard error.", "interval")
    else:
        error = _error_of(interval, effect, read_confidence(request), freedom)
    return sign * effect + 0.0, error, freedom


def _error_of(interval: object, effect: float, confidence: float, freedom: float) -> float:
    """The standard error of which an interval of this confidence was made."""
    if not isinstance(interval, list | tuple) or len(interval) != 2:
        raise CalculationRefused("not_a_pair", "An interval is a list of its two bounds.", "interval")
    low, high = (read_statistic(bound, f"interval[{place}]") for place, bound in enumerate(interval))
    if not low <= effect <= high:
        raise CalculationRefused("interval_without_effect", "The effect lies between the bounds.", "interval")
    return (high - low) / 2 / t_quantile(0.5 + confidence / 2, freedom)


def _value(given: object) -> float | Triangle:
    if given is None:
        raise CalculationRefused("missing", "The value of one unit is needed, as text.", "value_per_unit")
    found = _range(given, "value_per_unit")
    return found.mode if found.low == found.high else found


def _volumes(request: Mapping[str, Any]) -> list[float]:
    given = request.get("volumes")
    if not isinstance(given, list | tuple) or not given:
        raise CalculationRefused("missing", "Volumes are a list of numbers, one for each month.", "volumes")
    if len(given) > MOST_FLOWS:
        raise CalculationRefused("too_many", f"At most {MOST_FLOWS} months can be computed with.", "volumes")
    found = [read_statistic(volume, f"volumes[{place}]") for place, volume in enumerate(given)]
    if min(found) < 0:
        raise CalculationRefused("out_of_range", "A volume is not below zero.", "volumes")
    return found


def _planned(given: object) -> list[PlannedCost]:
    """A list of months as one line, or a list of lines with name and months."""
    if given is None:
        return []
    if not isinstance(given, list | tuple):
        raise CalculationRefused("not_a_list", "Planned costs are a list of months, or of lines.", "planned_costs")
    if not given or not any(isinstance(row, Mapping) and "months" in row for row in given):
        return [_line("planned costs", given, "planned_costs")]
    if len(given) > MOST_LINES:
        raise CalculationRefused("too_many", f"At most {MOST_LINES} lines can be computed with.", "planned_costs")
    lines = []
    for place, row in enumerate(given):
        field = f"planned_costs[{place}]"
        if not isinstance(row, Mapping) or not isinstance(row.get("months"), list):
            raise CalculationRefused("not_a_list", "Each line has a list of months.", f"{field}.months")
        name = row.get("name", f"line {place + 1}")
        if not isinstance(name, str) or not 0 < len(name) <= 80:
            raise CalculationRefused("not_text", "The name of a line is a short text.", f"{field}.name")
        lines.append(_line(name, row["months"], f"{field}.months"))
    return lines


def _line(name: str, months: Sequence[object], field: str) -> PlannedCost:
    if len(months) > MOST_FLOWS:
        raise CalculationRefused("too_many", f"At most {MOST_FLOWS} months can be computed with.", field)
    spans = [None if month is None else _range(month, f"{field}[{place}]") for place, month in enumerate(months)]
    for place, span in enumerate(spans):
        if span is not None and span.low < 0:
            raise CalculationRefused("negative_cost", "Write costs as amounts above zero.", f"{field}[{place}]")
    return PlannedCost(name, [None if span == _ZERO else span for span in spans])


def _range(given: object, field: str) -> Triangle:
    return Triangle(*(float(amount) for amount in read_span(given, field)))


def _not_negative(amounts: Sequence[Decimal], field: str) -> None:
    for place, amount in enumerate(amounts):
        if amount < 0:
            raise CalculationRefused("negative_cost", "Write costs as amounts above zero.", f"{field}[{place}]")


def _spread(found: Spread, currency: str | None) -> dict[str, str | None]:
    return {name: _money(getattr(found, name), currency) for name in ("p10", "p50", "p90", "mean")}


def _signed(amount: str | None) -> str:
    """For a sentence: with a true minus sign."""
    return (amount or "").replace("-", "−")


def _money(value: float | None, currency: str | None) -> str | None:
    """A drawn figure as text, to the minor unit where the currency is known."""
    if value is None:
        return None
    if abs(value) > LARGEST_MONEY:
        raise CalculationRefused("number_out_of_range", "The figures are too large to compute with.")
    amount = from_statistic(value)
    if currency:
        return f"{round_money(amount, currency):f}"
    with localcontext(PRECISE):
        rounded = amount.quantize(_PLACES, rounding=ROUND_HALF_EVEN).normalize()
    return f"{rounded:f}" if rounded else "0"
