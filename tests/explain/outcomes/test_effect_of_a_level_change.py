"""The AR(1) interval for a change of level: published data, rules of minimum data, invariances, measured coverage."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from statsmodels.datasets import nile

from explain.outcomes.compute.ar1 import effective_size
from explain.outcomes.compute.effect import level_effect, level_effect_of
from explain.outcomes.compute.statement import REASONS, figure, statement_for

series = st.lists(st.floats(-1000, 1000).map(lambda x: round(x, 3)), min_size=24, max_size=60)


def noise(rng: np.random.Generator, length: Any, rho: float) -> np.ndarray:
    shocks = rng.standard_normal(length + 60)
    for i in range(1, shocks.size):
        shocks[i] += rho * shocks[i - 1]
    return shocks[60:]


def test_the_nile_fell_after_1898_by_what_was_published() -> None:
    flow = list(nile.load_pandas().data.volume)
    result = level_effect(flow, 28, direction="increase")
    assert result.status == "measured"
    assert result.pre_mean == pytest.approx(1097.75)
    assert result.post_mean == pytest.approx(849.97, abs=0.005)
    assert result.effect == pytest.approx(-247.78, abs=0.005)
    assert result.interval[0] < result.effect < result.interval[1] < 0
    assert result.verdict == "worsened"
    assert result.improvement == result.effect
    assert result.cumulative == pytest.approx(-247.7778 * 72, rel=1e-5)
    assert result.placebo["significant"] is False


def test_every_step_of_the_interval_follows_the_formula() -> None:
    pre, post = [3.0, 5, 4, 6, 5, 7, 4, 6, 8, 6, 5, 7], [9.0, 8, 10, 9, 11, 10, 8, 9, 10, 12, 11, 9]
    r = np.concatenate([np.array(w) - np.mean(w) for w in (pre, post)])
    products = sum(r[t] * r[t - 1] for t in range(1, 12)) + sum(r[t] * r[t - 1] for t in range(13, 24))
    raw = products / (r @ r)
    rho = min(max(raw + (1 + 4 * raw) / 24, 0), 0.99)
    e = 12 / (1 + 2 * (rho / (1 - rho) - rho * (1 - rho**12) / (12 * (1 - rho) ** 2)))
    se = math.sqrt(r @ r / (24 - 12 / e - 12 / e) * 2 / e)
    result = level_effect_of(pre, post)
    assert result.rho == pytest.approx(rho)
    assert result.n_eff_pre == pytest.approx(e)
    assert result.standard_error == pytest.approx(se)
    from scipy.stats import t

    assert result.interval[1] - result.effect == pytest.approx(t.ppf(0.975, 2 * e - 2) * se)
    assert result.minimum_detectable_effect == pytest.approx(2.8 * se)


def test_effective_size_is_the_inverse_of_the_mean_variance_of_an_ar1_series() -> None:
    m, rho = 30, 0.6
    correlation = rho ** np.abs(np.subtract.outer(np.arange(m), np.arange(m)))
    assert effective_size(m, rho) == pytest.approx(m / (correlation.sum() / m))
    assert effective_size(m, 0.0) == m


@pytest.mark.parametrize(("rho", "length"), [(0.0, (120, 60)), (0.6, (120, 60)), (0.6, (60, 30))])
def test_the_interval_covers_what_it_promises(rho: float, length: Any) -> None:
    """Nominal 95 %; false positives are the intervals without an effect that leave out zero."""
    rng = np.random.default_rng(20240501)
    shown = covered = wrong = 0
    for _ in range(1200):
        values = noise(rng, sum(length), rho)
        values[length[0] :] += 1.5
        result = level_effect_of(values[: length[0]], values[length[0] :])
        if result.interval is None:
            continue
        shown += 1
        low, high = result.interval
        covered += low <= 1.5 <= high
        wrong += low > 1.5 or high < 1.5  # the same draw without its effect
    assert shown > 1100
    assert covered / shown >= 0.93
    assert wrong / shown <= 0.07


@settings(deadline=None)
@given(series, st.integers(8, 16), st.floats(-1e4, 1e4))
def test_shifting_a_series_changes_no_effect(values: Any, go_live: int, shift: float) -> None:
    assume(np.ptp(values) > 1)
    one, two = level_effect(values, go_live), level_effect([v + shift for v in values], go_live)
    assert two.status == one.status
    if one.effect is not None:
        assert two.effect == pytest.approx(one.effect, abs=1e-6)
        assert two.interval == pytest.approx(one.interval, abs=1e-5, rel=1e-6)


@settings(deadline=None)
@given(series, st.integers(8, 16), st.sampled_from([1e-300, 1e-9, 0.01, 60.0, 1e9, 1e300]))
def test_scaling_a_series_scales_the_effect_and_the_interval(values: Any, go_live: int, factor: float) -> None:
    assume(np.ptp(values) > 1)
    one, two = level_effect(values, go_live), level_effect([v * factor for v in values], go_live)
    assert two.status == one.status
    assert two.verdict == one.verdict
    if one.effect is not None:
        assert two.interval == pytest.approx([bound * factor for bound in one.interval], rel=1e-6, abs=1e-9 * factor)


@settings(deadline=None)
@given(series, st.integers(8, 16))
def test_reading_a_series_backwards_turns_the_effect_round(values: Any, go_live: int) -> None:
    one = level_effect(values, go_live)
    two = level_effect(values[::-1], len(values) - go_live)
    assert two.n_pre == one.n_post
    if one.effect is not None and two.effect is not None:
        assert two.effect == pytest.approx(-one.effect, abs=1e-9)
        assert two.standard_error == pytest.approx(one.standard_error, abs=1e-9)


@settings(deadline=None)
@given(series, st.integers(8, 16))
def test_the_wish_turns_the_verdict_but_not_the_effect(values: Any, go_live: int) -> None:
    more, less = level_effect(values, go_live), level_effect(values, go_live, direction="decrease")
    assert more.effect == less.effect
    opposite = {"improved": "worsened", "worsened": "improved", "no_change": "no_change", None: None}
    assert less.verdict == opposite[more.verdict]
    if more.improvement is not None:
        assert less.improvement == -more.improvement


wild = st.one_of(
    st.none(), st.floats(allow_nan=True, allow_infinity=True), st.sampled_from([1e308, -1e308, 5e-324, 0.0])
)


@settings(max_examples=200, deadline=None)
@given(st.lists(wild, max_size=40), st.lists(wild, max_size=40))
def test_no_input_brings_out_nan_or_infinity(pre: list[float | None], post: list[float | None]) -> None:
    result = level_effect_of(pre, post)
    json.dumps(result.as_dict(), allow_nan=False)
    assert result.statement
    assert set(result.reasons) <= set(REASONS)
    assert (result.effect is None) == (result.status == "not_enough_data") == (result.verdict is None)


@pytest.mark.parametrize(
    ("pre", "post", "code"),
    [
        ([], [], "too_few_periods_before"),
        ([1.0], [2.0], "too_few_periods_after"),
        ([None] * 30, [1.0, 2.0] * 15, "too_many_missing_before"),
        ([1.0, 2.0] * 4, [1.0, 2.0, 3.0] * 2 + [1.0], "too_few_periods_after"),
        ([float(i) for i in range(30)], [float(i) for i in range(30, 60)], "too_little_information_before"),
        ([1.0, 3.0, 2.0] * 10, [1.0, None, 2.0] * 10, "too_many_missing_after"),
        ([-1.7e308, -1.6e308] * 15, [1.7e308, 1.6e308] * 15, "number_out_of_range"),
    ],
)
def test_too_little_data_gives_a_reason_and_no_number(
    pre: list[float | None], post: list[float | None], code: str
) -> None:
    result = level_effect_of(pre, post)
    assert result.status == "not_enough_data"
    assert code in result.reasons
    assert result.effect is result.interval is result.improvement is result.cumulative is result.verdict is None
    assert result.statement == f"Not enough data: {'; '.join(REASONS[reason] for reason in result.reasons)}."


def test_seasons_and_days_set_the_least_window() -> None:
    values = [5.0, 7, 6, 8, 5, 6, 7, 6, 9] * 6
    assert "less_than_one_season_before" in level_effect_of(values[:10], values[10:], season=12).reasons
    assert "less_than_one_season_after" in level_effect_of(values[:40], values[40:50], season=12).reasons
    assert level_effect_of(values[:26], values[26:], season=12).status == "measured"
    assert "post_window_under_28_days" in level_effect_of(values, values[:27], daily=True).reasons
    assert level_effect_of(values, values[:28], daily=True).status == "measured"


def test_few_independent_periods_are_only_indicative() -> None:
    result = level_effect_of([5.0, 7, 5, 8, 5, 7, 6, 7], [3.0, 5, 3, 6, 3, 5, 4, 5])
    assert result.status == "indicative"
    assert result.reasons == ("little_information",)
    assert result.statement.startswith("Indicative only")


def test_a_baseline_that_moved_before_go_live_is_only_indicative() -> None:
    rng = np.random.default_rng(3)
    mild = [*rng.normal(10, 1, 60), *rng.normal(11.2, 1, 60)]
    result = level_effect_of(mild, list(rng.normal(14, 1, 120)))
    assert result.status == "indicative"
    assert "placebo_significant" in result.reasons


def test_what_the_caller_knows_holds_the_status_down() -> None:
    values = [5.0, 7, 6, 8, 5, 6, 7, 6, 9] * 6
    assert level_effect(values, 27, caveats=["retrospective_baseline"]).status == "indicative"
    refused = level_effect(values, 27, obstacles=["no_frozen_baseline"])
    assert refused.status == "not_enough_data"
    assert refused.effect is None


def test_a_constant_series_has_no_spread_and_says_so() -> None:
    step = level_effect_of([5.0] * 20, [7.0] * 20)
    assert (step.effect, step.interval, step.status) == (2.0, (2.0, 2.0), "indicative")
    assert "no_variation" in step.reasons
    still = level_effect_of([0.1] * 20, [0.1] * 31)
    assert still.verdict == "no_change"
    assert still.effect == 0.0


def test_a_baseline_of_zero_leaves_the_relative_change_undefined() -> None:
    rng = np.random.default_rng(1)
    half = rng.normal(0, 1, 30)
    result = level_effect_of([*half, *-half], rng.normal(2, 1, 60))
    assert result.relative is None
    assert result.effect == pytest.approx(2, abs=0.6)


def test_missing_periods_are_left_out_and_not_counted_as_zero() -> None:
    whole = [10.0, 12, 11, 13, 10, 12, 11, 12, 13, 11] * 3
    gaps = [None if i % 9 == 4 else v for i, v in enumerate(whole)]
    result = level_effect_of(gaps, whole)
    assert result.n_pre == sum(v is not None for v in gaps)
    assert result.pre_mean == pytest.approx(np.mean([v for v in gaps if v is not None]))


def test_the_ramp_is_left_out_and_the_baseline_may_start_late() -> None:
    rng = np.random.default_rng(5)
    values = [*[500.0] * 5, *rng.normal(10, 1, 40), *[99.0] * 6, *rng.normal(12, 1, 40)]
    result = level_effect(values, 45, ramp=6, baseline_start=5)
    assert (result.n_pre, result.n_post) == (40, 40)
    assert result.effect == pytest.approx(2, abs=0.8)


@pytest.mark.parametrize(("go_live", "options"), [(-1, {}), (99, {}), (5, {"ramp": -1}), (5, {"baseline_start": 6})])
def test_indices_outside_the_series_are_refused(go_live: int, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="baseline"):
        level_effect([1.0] * 20, go_live, **options)


@pytest.mark.parametrize("confidence", [0, 1, -2, math.nan])
def test_a_confidence_outside_zero_and_one_is_refused(confidence: float) -> None:
    with pytest.raises(ValueError, match="confidence"):
        level_effect_of([1.0] * 20, [2.0] * 20, confidence=confidence)


def test_the_sentence_names_size_side_interval_and_unit() -> None:
    rng = np.random.default_rng(2)
    result = level_effect_of(rng.normal(20, 2, 80), rng.normal(15, 2, 60), direction="decrease", unit="minutes")
    assert result.statement == statement_for(result, "minutes", "decrease")
    assert result.statement.startswith("Improved: ")
    assert "minutes lower than the baseline (95 % interval −" in result.statement
    none = level_effect_of(rng.normal(20, 2, 80), rng.normal(20, 2, 60), unit="minutes")
    assert none.statement.startswith("No change demonstrated: ")
    assert "would have shown in four cases out of five" in none.statement


def test_figures_are_written_to_the_step_of_their_uncertainty() -> None:
    assert [figure(-247.777, 247.777), figure(0.012345, 0.01), figure(1234567.0, 1e6), figure(0.0, 1)] == [
        "−248",
        "0.0123",
        "1,234,567",
        "0",
    ]
