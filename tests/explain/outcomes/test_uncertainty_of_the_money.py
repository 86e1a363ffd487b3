"""Seeded draws through NPV and ROI."""

import json
from typing import Any

import numpy as np
import pytest
from scipy import stats

from explain.outcomes.compute.spread import KpiBenefit, PlannedCost, Triangle, likelihood
from explain.outcomes.compute.uncertainty import simulate


def kpi(**changes: Any) -> KpiBenefit:
    given = {"name": "handling time", "improvement": 4.0, "error": 1.0, "freedom": 30.0, "volumes": [0, 100, 100]}
    return KpiBenefit(**(given | {"value": 2.0} | changes))


def test_one_draw_of_an_effect_serves_all_its_months() -> None:
    """The spread grows with the number of months, not with its root."""
    short = simulate([kpi(volumes=[100])], [0.0], rate_per_year=0.0).npv
    long = simulate([kpi(volumes=[100] * 36)], [0.0], rate_per_year=0.0).npv
    assert long.p90 - long.p10 == pytest.approx(36 * (short.p90 - short.p10), rel=1e-9)


def test_percentiles_are_those_of_students_t() -> None:
    result = simulate([kpi()], [500.0], rate_per_year=0.0, draws=200_000)
    expected = 400 * (4 + stats.t.ppf([0.1, 0.5, 0.9], 30)) - 500
    assert [result.npv.p10, result.npv.p50, result.npv.p90] == pytest.approx(expected, abs=8)
    chance = stats.t.sf(500 / 400 - 4, 30)
    assert result.probability_positive == pytest.approx(chance, abs=0.005)
    assert result.roi_percent.p50 == pytest.approx(100 * expected[1] / 500, abs=2)


def test_without_doubt_the_draws_are_the_net_present_value() -> None:
    result = simulate([kpi(error=0.0)], [100.0, 50.0], rate_per_year=0.1)
    month = 1.1 ** (1 / 12)
    npv = -100 + (800 - 50) / month + 800 / month**2
    assert (result.npv.p10, result.npv.p90) == pytest.approx((npv, npv))
    assert result.band == (pytest.approx((-100, -100)), pytest.approx((650, 650)), pytest.approx((1450, 1450)))
    assert result.discounted_roi_percent.p50 == pytest.approx(100 * npv / (100 + 50 / month))
    assert result.probability_positive == 1.0
    assert result.likelihood == "very likely"


def test_triangles_give_their_own_quantiles_for_value_and_planned_cost() -> None:
    span = Triangle(1.0, 2.0, 5.0)
    exact = stats.triang.ppf([0.1, 0.5, 0.9], 0.25, 1, 4)
    value = simulate([kpi(error=0.0, improvement=1.0, volumes=[1], value=span)], [], rate_per_year=0, draws=200_000)
    assert [value.npv.p10, value.npv.p50, value.npv.p90] == pytest.approx(exact, abs=0.03)
    cost = simulate([], [], [PlannedCost("run", [span, None, span])], rate_per_year=0, draws=200_000)
    assert [-cost.npv.p90, -cost.npv.p50, -cost.npv.p10] == pytest.approx(2 * exact, abs=0.06)


def test_actual_costs_are_fixed_and_zero_cost_leaves_roi_undefined() -> None:
    result = simulate([], [10.0, 20.0], rate_per_year=0.0)
    assert (result.npv.p10, result.npv.p50, result.npv.p90) == (-30, -30, -30)
    free = simulate([kpi()], [0.0], rate_per_year=0.1)
    assert free.roi_percent.p50 is None
    assert free.npv.p50 is not None


def test_the_tornado_puts_the_widest_driver_first() -> None:
    doubts = [kpi(name="wide", error=2.0), kpi(name="narrow", error=0.1, value=Triangle(1.9, 2.0, 2.1))]
    bars = simulate(doubts, [100.0], [PlannedCost("licence", [Triangle(10, 20, 400)])], rate_per_year=0.1).tornado
    assert bars[0].driver == "wide: effect"
    widths = [abs(bar.at_p90 - bar.at_p10) for bar in bars]
    assert widths == sorted(widths, reverse=True)
    licence = next(bar for bar in bars if bar.driver == "licence: planned cost")
    assert licence.at_p90 < licence.at_p10


def test_a_seed_repeats_itself_and_inputs_have_a_hash() -> None:
    one, two = (simulate([kpi()], [500.0], rate_per_year=0.1, seed=7) for _ in range(2))
    assert one == two
    other = simulate([kpi(error=1.1)], [500.0], rate_per_year=0.1, seed=7)
    assert other.inputs_hash != one.inputs_hash
    assert simulate([kpi()], [500.0], rate_per_year=0.1, seed=8).npv != one.npv
    assert json.loads(json.dumps(one.as_dict(), allow_nan=False))["seed"] == 7


def test_the_band_belongs_to_the_drawn_curve_and_can_be_left_out() -> None:
    result = simulate([kpi(volumes=[0, 0, *[100] * 22])], [900.0], rate_per_year=0.1)
    low, high = np.array(result.band).T
    assert len(result.band) == 24
    assert (low <= high).all()
    assert (np.diff(high - low) >= -1e-9).all()
    assert simulate([kpi()], [1.0], rate_per_year=0.1, with_band=False).band == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"improvement": float("nan")},
        {"error": -1.0},
        {"freedom": 0.0},
        {"share": 1.5},
        {"value": float("inf")},
        {"volumes": [float("nan")]},
        {"improvement": 1e308, "volumes": [1e308]},
    ],
)
def test_figures_that_cannot_be_drawn_from_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"needed|large"):
        simulate([kpi(**wrong)], [1.0], rate_per_year=0.1)


@pytest.mark.parametrize("options", [{"rate_per_year": -1}, {"rate_per_year": 0, "draws": 5}])
def test_rates_and_draws_have_bounds(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"rate|draws"):
        simulate([kpi()], [1.0], **options)


def test_a_range_must_run_upwards() -> None:
    for low, mode, high in ((2, 1, 3), (1, 4, 3), (1, 2, float("inf"))):
        with pytest.raises(ValueError, match="low <= mode <= high"):
            Triangle(low, mode, high)


def test_the_words_for_a_probability_never_claim_proof() -> None:
    assert [likelihood(p) for p in (0.96, 0.8, 0.5, 0.49)] == [
        "very likely",
        "likely",
        "more likely than not",
        "not shown",
    ]
