"""What must hold of every interval and every table of thresholds, whatever the rows."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from explain.attributions.performance import costs
from explain.attributions.performance.binary import calibration, measure_binary, thresholds
from explain.attributions.performance.costs import Costs
from explain.attributions.performance.intervals import area, newcombe, wilson
from explain.attributions.performance.ranking import thinned

rows = st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=2, max_size=60).filter(
    lambda drawn: len({truth for _, truth in drawn}) == 2
)
counts = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_holds_its_share_and_stays_within_0_and_1(drawn: tuple[int, int]) -> None:
    k, n = drawn
    found = wilson(k, n)
    assert found["low"] is not None
    assert found["high"] is not None
    assert 0 <= found["low"] <= k / n * (1 + 1e-5)
    assert k / n * (1 - 1e-5) <= found["high"] <= 1
    wanted = proportion_confint(k, n, method="wilson")
    assert (found["low"], found["high"]) == pytest.approx(wanted, abs=1e-5)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_one_more_of_the_same_rows_moves_wilson_up(drawn: tuple[int, int]) -> None:
    k, n = drawn
    one, more = wilson(k, n), wilson(k + 1, n)
    assert one["low"] is not None and more["low"] is not None  # noqa: PT018
    assert one["high"] is not None and more["high"] is not None  # noqa: PT018
    assert one["low"] <= more["low"]
    assert one["high"] <= more["high"]


@given(counts, counts)
def test_differences_are_those_of_newcombe_and_turn_with_their_sides(
    one: tuple[int, int], two: tuple[int, int]
) -> None:
    found, turned = newcombe(wilson(*one), wilson(*two)), newcombe(wilson(*two), wilson(*one))
    wanted = confint_proportions_2indep(*one, *two, method="newcomb", compare="diff")
    assert (found["low"], found["high"]) == pytest.approx(wanted, abs=1e-5)
    assert found["low"] == pytest.approx(-(turned["high"] or 0.0), abs=1e-5)


def test_no_rows_give_no_interval() -> None:
    assert wilson(0, 0) == {"k": 0, "n": 0, "value": None, "low": None, "high": None}
    assert newcombe(wilson(0, 0), wilson(1, 2))["value"] is None


@given(st.floats(0, 1), st.integers(1, 500), st.integers(1, 500))
def test_areas_keep_their_interval_within_0_and_1(value: float, positives: int, negatives: int) -> None:
    found, _ = area(value, 0.0, positives, negatives)
    assert found["low"] is not None
    assert found["high"] is not None
    assert 0 <= found["low"] <= value + 1e-5
    assert value - 1e-5 <= found["high"] <= 1


def test_a_perfect_order_of_few_rows_is_not_certain() -> None:
    few, name = area(1.0, 0.0, 5, 5)
    many, _ = area(1.0, 0.0, 500, 500)
    assert name == "Newcombe 2006"
    assert few["low"] is not None and many["low"] is not None  # noqa: PT018
    assert few["low"] < 0.75 < 0.98 < many["low"] < 1


@given(rows)
@settings(max_examples=60)
def test_counts_at_thresholds_sum_to_all_rows_and_only_fall(drawn: list[tuple[float, bool]]) -> None:
    chance, truth = np.array([row[0] for row in drawn]), np.array([row[1] for row in drawn])
    found = thresholds(chance, truth)
    assert len(found["at"]) == 101
    for tp, fp, tn, fn in zip(found["tp"], found["fp"], found["tn"], found["fn"], strict=True):
        assert tp + fp + tn + fn == len(drawn)
        assert tp + fn == truth.sum()
    assert sorted(found["tp"], reverse=True) == found["tp"]
    assert sorted(found["fp"], reverse=True) == found["fp"]
    assert sorted(found["at"]) == found["at"]
    assert found["tp"][0] == truth.sum()


@given(rows)
@settings(max_examples=60)
def test_all_figures_of_two_classes_are_plain_json_and_bins_hold_every_row(drawn: list[tuple[float, bool]]) -> None:
    chance, truth = np.array([row[0] for row in drawn]), np.array([row[1] for row in drawn])
    found = measure_binary(chance, truth, "1")
    json.dumps(found, allow_nan=False)
    assert sum(one["observed"]["n"] for one in found["calibration"]) == len(drawn)
    assert sum(one["n"] for one in found["tenths"]) == len(drawn)
    assert found["tenths"][-1]["captured"] == 1
    assert found["roc"]["x"][0] == found["roc"]["y"][0] == 0
    assert found["roc"]["x"][-1] == found["roc"]["y"][-1] == 1


def test_small_chances_get_thresholds_of_their_own() -> None:
    found = thresholds(np.array([0.001, 0.03, 0.08]), np.array([False, False, True]))
    assert found["at"][-1] == 0.1
    assert costs.place_of(found, None) == next(place for place, tp in enumerate(found["fp"]) if tp == 0)


def test_equal_chances_stay_in_one_bin() -> None:
    bins = calibration(
        np.array([0.2] * 50 + [0.7] * 50), np.array([True] * 10 + [False] * 40 + [True] * 35 + [False] * 15)
    )
    assert [(one["observed"]["n"], one["observed"]["k"]) for one in bins] == [(50, 10), (50, 35)]


@given(rows, st.decimals(0, 1000, places=2), st.decimals(0, 1000, places=2))
@settings(max_examples=60)
def test_no_threshold_is_cheaper_than_the_cheapest(
    drawn: list[tuple[float, bool]], false_alarm: Decimal, miss: Decimal
) -> None:
    found = thresholds(np.array([row[0] for row in drawn]), np.array([row[1] for row in drawn]))
    price = Costs.of(false_alarm, miss, "EUR")
    best = costs.total(found, costs.cheapest(found, price), price)
    assert all(best <= costs.total(found, place, price) for place in range(101))


def test_without_prices_each_error_counts_as_one() -> None:
    found = thresholds(np.array([0.2, 0.6, 0.8]), np.array([True, False, True]))
    assert costs.total(found, 50, Costs.of(None, None, "EUR")) == 2
    assert costs.total(found, 50, Costs.of(None, Decimal("7.5"), "EUR")) == Decimal("7.5")


def test_shares_are_told_without_claiming_all_or_none() -> None:
    assert [costs.of_hundred(share) for share in (0, 0.002, 0.125, 0.831, 0.999, 1)] == [
        "0", "fewer than 1", "13", "83", "over 99", "100",
    ]  # fmt: skip
    assert (costs.percent(0.0625), costs.percent(1), costs.percent(None)) == ("6.3\u00a0%", "100.0\u00a0%", "–")


def test_a_thinned_line_keeps_both_ends() -> None:
    x = np.linspace(0, 1, 5000)
    found = thinned(x, np.sqrt(x))
    assert len(found["x"]) <= 200
    assert (found["x"][0], found["x"][-1], found["y"][-1]) == (0, 1, 1)
    points = list(zip(found["x"], found["y"], strict=True))
    assert max(math.dist(one, other) for one, other in pairwise(points)) < 0.03
