"""How sure is the money: seeded draws of effect, value and planned costs through net present value and ROI.

One draw of a KPI's effect serves all its months: an error in a measured level is the same error every
month, and drawing anew each month would shrink the interval by the square root of the months. The same
holds for a cost line's plan. Figures are floats in one currency: an interval, not an amount to post.
"""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import numpy.typing as npt

from explain.outcomes.compute.spread import (
    FORMULA_VERSION,
    KpiBenefit,
    PlannedCost,
    Spread,
    TornadoBar,
    Triangle,
    Uncertainty,
    likelihood,
)

DRAWS = 10_000

Floats = npt.NDArray[np.float64]


def simulate(
    kpis: Sequence[KpiBenefit],
    actual_costs: Sequence[float],
    planned_costs: Sequence[PlannedCost] = (),
    *,
    rate_per_year: float,
    draws: int = DRAWS,
    seed: int = 0,
    with_band: bool = True,
) -> Uncertainty:
    """Draw NPV, ROI and the cumulative net benefit; months counted from the first cost, the first
    undiscounted.

    `actual_costs` by month are fixed. Raises ValueError for figures that are not finite or too large, rates
    of -100 % and less, or draws outside 100 to 1,000,000.
    """
    months = max(
        [len(actual_costs), *(len(k.volumes) for k in kpis), *(len(c.months) for c in planned_costs)],
        default=0,
    )
    _check(kpis, actual_costs, rate_per_year, draws, months)
    random = np.random.default_rng(seed)
    discount = (1 + rate_per_year) ** (-np.arange(months) / 12)
    gains = [_Gain(kpi, months, draws, random) for kpi in kpis]
    plans = [_Plan(cost, months, draws, random) for cost in planned_costs]
    # Everything is linear in a few drawn columns, so a month costs a weight and not a matrix of draws.
    with np.errstate(over="ignore"):
        drawn = [gain.effects * gain.values for gain in gains]
    drawn += [column for plan in plans for column in plan.columns]
    columns = np.array(drawn).reshape(len(drawn), draws)
    benefit_weights = np.array([g.weights for g in gains]).reshape(len(gains), months)
    cost_weights = np.array([w for p in plans for w in p.weights]).reshape(len(drawn) - len(gains), months)
    weights = np.concatenate([benefit_weights, -cost_weights])
    actual = _row(actual_costs, months)
    with np.errstate(over="ignore", invalid="ignore"):
        npv = (weights @ discount) @ columns - actual @ discount
        net = weights.sum(axis=1) @ columns - actual.sum()
        costs = cost_weights.sum(axis=1) @ columns[len(gains) :] + actual.sum()
        present = (cost_weights @ discount) @ columns[len(gains) :] + actual @ discount
        running = np.cumsum(weights, axis=1).T @ columns - np.cumsum(actual)[:, None]
    if not all(np.isfinite(row).all() for row in (npv, net, costs, present, running)):
        raise ValueError("The figures are too large to compute with.")
    positive = float((npv > 0).mean())
    return Uncertainty(
        npv=_spread(npv),
        roi_percent=_spread(_ratio(net, costs)),
        discounted_roi_percent=_spread(_ratio(npv, present)),
        probability_positive=positive,
        likelihood=likelihood(positive),
        tornado=_tornado(gains, plans, actual, discount),
        band=_band(running) if with_band else (),
        draws=draws,
        seed=seed,
        inputs_hash=_inputs_hash(kpis, actual_costs, planned_costs, rate_per_year, draws, seed),
    )


class _Gain:
    """A KPI with its draws."""

    def __init__(self, kpi: KpiBenefit, months: int, draws: int, random: np.random.Generator) -> None:
        self.name = kpi.name
        self.weights = _row(kpi.volumes, months) * kpi.share
        if isinstance(kpi.improvement, Triangle):
            self.middle_effect = float(_at(kpi.improvement, np.array(0.5)))
            self.effects = _at(kpi.improvement, random.random(draws))  # nosec B311
        else:
            self.middle_effect = kpi.improvement
            self.effects = kpi.improvement + kpi.error * random.standard_t(kpi.freedom, draws)
        self.value = kpi.value if isinstance(kpi.value, Triangle) else None
        fixed = 0.0 if isinstance(kpi.value, Triangle) else kpi.value
        self.values = np.full(draws, fixed) if self.value is None else _at(self.value, random.random(draws))  # nosec B311
        self.middle_value = (
            float(np.median(self.values)) if self.value is None else float(_at(self.value, np.array(0.5)))
        )


class _Plan:
    """A cost line with one quantile per draw, shared by its months; months of one range share a column."""

    def __init__(self, cost: PlannedCost, months: int, draws: int, random: np.random.Generator) -> None:
        quantiles = random.random(draws)  # nosec B311
        self.name = cost.name
        self.ranges = [span for span in dict.fromkeys(cost.months) if span is not None]
        self.columns = [_at(span, quantiles) for span in self.ranges]
        self.weights = [_row([float(m == span) for m in cost.months], months) for span in self.ranges]

    def present_at(self, quantiles: Floats, discount: Floats) -> Floats:
        """Present value of the line at given quantiles."""
        present = np.zeros(quantiles.size)
        for span, weights in zip(self.ranges, self.weights, strict=True):
            present += _at(span, quantiles) * float(weights @ discount)
        return present


def _tornado(gains: list[_Gain], plans: list[_Plan], actual: Floats, discount: Floats) -> tuple[TornadoBar, ...]:
    weights = [float(gain.weights @ discount) for gain in gains]
    middle = -float(actual @ discount)
    middle += sum(g.middle_effect * g.middle_value * w for g, w in zip(gains, weights, strict=True))
    at = [plan.present_at(np.array([0.1, 0.5, 0.9]), discount) for plan in plans]
    middle -= sum(float(costs[1]) for costs in at)
    bars = []
    for gain, weight in zip(gains, weights, strict=True):
        now = gain.middle_effect * gain.middle_value * weight
        low, high = (float(x) * gain.middle_value * weight for x in np.percentile(gain.effects, (10, 90)))
        bars.append(TornadoBar(f"{gain.name}: effect", middle - now + low, middle - now + high))
        if gain.value is not None:
            low, high = (float(x) * gain.middle_effect * weight for x in _at(gain.value, np.array([0.1, 0.9])))
            bars.append(TornadoBar(f"{gain.name}: value per unit", middle - now + low, middle - now + high))
    for plan, costs in zip(plans, at, strict=True):
        shift = [float(costs[1] - costs[k]) for k in (0, 2)]
        bars.append(TornadoBar(f"{plan.name}: planned cost", middle + shift[0], middle + shift[1]))
    return tuple(sorted(bars, key=lambda bar: -abs(bar.at_p90 - bar.at_p10)))


def _at(span: Triangle, quantiles: Floats) -> Floats:
    """Quantile of the triangular distribution."""
    width = span.high - span.low
    if width == 0:
        return np.full(quantiles.shape, span.mode)
    turn = (span.mode - span.low) / width
    rising = span.low + np.sqrt(quantiles * width * (span.mode - span.low))
    falling = span.high - np.sqrt((1 - quantiles) * width * (span.high - span.mode))
    return np.asarray(np.where(quantiles < turn, rising, falling))


def _row(amounts: Sequence[float], months: int) -> Floats:
    row = np.zeros(months)
    row[: len(amounts)] = amounts
    return row


def _ratio(gain: Floats, cost: Floats) -> Floats | None:
    return 100 * gain / cost if (cost > 0).all() else None


def _spread(draws: Floats | None) -> Spread:
    if draws is None:
        return Spread(None, None, None, None)
    p10, p50, p90 = (float(x) for x in np.percentile(draws, (10, 50, 90)))
    return Spread(p10, p50, p90, float(draws.mean()))


def _band(running: Floats) -> tuple[tuple[float, float], ...]:
    return tuple((float(low), float(high)) for low, high in np.percentile(running, (10, 90), axis=1).T)


def _check(
    kpis: Sequence[KpiBenefit], actual_costs: Sequence[float], rate_per_year: float, draws: int, months: int
) -> None:
    if not 100 <= draws <= 1_000_000 or draws * max(months, 1) > 50_000_000:
        raise ValueError("Between 100 and 1,000,000 draws can be made, fewer over many months.")
    if not (math.isfinite(rate_per_year) and rate_per_year > -1):
        raise ValueError("A rate must be above -100 %.")
    for kpi in kpis:
        numbers = [kpi.error, kpi.share, *kpi.volumes]
        numbers += [] if isinstance(kpi.improvement, Triangle) else [kpi.improvement]
        numbers += [] if isinstance(kpi.value, Triangle) else [kpi.value]
        if not all(map(math.isfinite, numbers)) or kpi.error < 0 or not kpi.freedom > 0 or not 0 <= kpi.share <= 1:
            raise ValueError(f"{kpi.name}: finite figures, an error of at least 0 and a share from 0 to 1 are needed.")
    if not all(map(math.isfinite, actual_costs)):
        raise ValueError("Costs must be finite.")


def _inputs_hash(
    kpis: Sequence[KpiBenefit],
    actual_costs: Sequence[float],
    planned_costs: Sequence[PlannedCost],
    rate_per_year: float,
    draws: int,
    seed: int,
) -> str:
    """SHA-256 over the inputs in canonical JSON, so that a stored result names exactly what it was drawn
    from.
    """
    inputs = [
        [asdict(k) for k in kpis],
        list(actual_costs),
        [asdict(c) for c in planned_costs],
        rate_per_year,
        draws,
        seed,
    ]
    return hashlib.sha256(json.dumps([FORMULA_VERSION, inputs], sort_keys=True).encode()).hexdigest()
