"""Interrupted series, difference in differences, counts and the structural model: published cases, oracles, laws."""

import json
import math
import time
from datetime import date
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.datasets import nile
from statsmodels.tsa.statespace.structural import UnobservedComponents

from explain.outcomes.compute.answer import effect
from explain.outcomes.compute.effect import level_effect
from explain.outcomes.compute.grid import laid_out
from explain.outcomes.compute.methods.hac import fit, lags_for
from explain.outcomes.compute.methods.its import seasons
from explain.outcomes.compute.methods.series import Series
from explain.outcomes.compute.methods.structural import passed, structural
from explain.outcomes.compute.statement import REASONS

METHODS = ("level", "its", "did", "structural")
NILE = [float(value) for value in nile.load_pandas().data.volume]


def noise(rng: np.random.Generator, length: int, rho: float = 0.0, rows: int = 1) -> Any:
    shocks = rng.standard_normal((rows, length + 60))
    for i in range(1, shocks.shape[1]):
        shocks[:, i] += rho * shocks[:, i - 1]
    return shocks[0, 60:] if rows == 1 else shocks[:, 60:]


def pair(seed: int = 1, step: float = 3.0) -> tuple[list[float], list[float]]:
    """A KPI that follows its control, and steps up at 60 of 100."""
    rng = np.random.default_rng(seed)
    control = 50 + np.cumsum(rng.normal(0, 0.7, 100))
    kpi = 5 + control + rng.normal(0, 1, 100)
    kpi[60:] += step
    return kpi.tolist(), control.tolist()


def ask(values: Any, go_live: Any, **others: Any) -> dict[str, Any]:
    found = effect({"values": list(values), "go_live": go_live, **others})
    json.dumps(found, allow_nan=False)
    return found


def test_the_nile_is_a_change_of_level_by_what_was_published() -> None:
    found = ask(NILE, 28, unit="10^8 m³")
    assert (found["method"], found["status"]) == ("level", "measured")
    assert found["pre_mean"] == pytest.approx(1097.75)
    assert found["post_mean"] == pytest.approx(849.97, abs=0.005)
    assert found["effect"] == pytest.approx(-247.78, abs=0.005)
    assert "no trend" in found["why"]
    assert found["statement"].startswith("Worsened: 248 10^8 m³ lower than the baseline (95 % interval −")
    same = level_effect(NILE, 28).as_dict()
    for name in ("effect", "interval", "standard_error", "relative", "rho", "n_eff_pre", "cumulative"):
        assert found[name] == pytest.approx(same[name]), name
    assert found["placebo"] == same["placebo"]


def test_the_filter_gives_the_published_variances_of_the_nile() -> None:
    """With one variance concentrated out, the most likely ratio and scale are those of Durbin and Koopman."""
    y = np.array(NILE) / 100
    model = UnobservedComponents(y, level="local level", use_exact_diffuse=True)
    ratios = np.linspace(0.09, 0.105, 61)
    likely = []
    for ratio in ratios:
        run = passed(model, y, float(ratio))
        likely.append(run.errors.size * math.log(run.squares / run.errors.size) + run.log_sizes)
    best = float(ratios[int(np.argmin(likely))])
    run = passed(model, y, best)
    irregular = run.squares / run.errors.size * 1e4
    assert irregular == pytest.approx(15098.5, rel=0.003)
    assert best * irregular == pytest.approx(1469.1, rel=0.005)


def test_the_hac_matrix_is_that_of_statsmodels_with_its_small_sample_factor() -> None:
    rng = np.random.default_rng(4)
    n = 120
    design = np.column_stack([np.ones(n), np.arange(n) / n, np.arange(n) >= 70, *seasons(n, 12)])
    y = 5 + noise(rng, n, 0.5)
    found = fit(design, y, 12)
    assert found is not None
    assert found.lags == 12 == lags_for(120, 12)
    assert (lags_for(119, 12), lags_for(100, None), lags_for(30, None)) == (4, 4, 3)
    oracle = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": 12, "use_correction": True})
    assert found.covariance == pytest.approx(oracle.cov_params(), rel=1e-8)
    assert found.beta == pytest.approx(oracle.params)


def test_an_interrupted_series_gives_step_slope_and_mean_effect() -> None:
    rng = np.random.default_rng(6)
    time_ = np.arange(96)
    season = 4 * np.sin(2 * np.pi * time_ / 12)
    y = 100 + 0.5 * time_ + season + rng.normal(0, 0.5, 96)
    y[60:] += -6 + 0.25 * (time_[60:] - 60)
    found = ask(y, 60, season=12, direction="decrease")
    assert (found["method"], found["status"]) == ("its", "measured")
    assert found["level_change"] == pytest.approx(-6, abs=0.7)
    assert found["slope_change"] == pytest.approx(0.25, abs=0.05)
    assert found["effect"] == pytest.approx(-6 + 0.25 * 17.5, abs=0.7)
    assert found["cumulative"] == pytest.approx(36 * found["effect"])
    assert found["improvement"] == -found["effect"]
    design = np.column_stack([np.ones(96), time_ - 60, time_ >= 60, (time_ - 60) * (time_ >= 60), *seasons(96, 12)])
    oracle = sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags_for(96, 12), "use_correction": True})
    pick = np.zeros(15)
    pick[2:4] = 1, 17.5
    test = oracle.t_test(pick)
    assert found["effect"] == pytest.approx(float(test.effect[0]))
    assert found["standard_error"] == pytest.approx(float(test.sd[0, 0]))
    expected = [row["value"] for row in found["counterfactual"]]
    assert found["effect"] == pytest.approx(np.mean(y[60:] - expected))
    assert all(row["low"] < row["value"] < row["high"] for row in found["counterfactual"])


def test_a_trend_alone_calls_for_an_interrupted_series_and_none_for_the_level() -> None:
    rng = np.random.default_rng(2)
    rising = 0.4 * np.arange(80) + rng.normal(0, 1, 80)
    found = ask(rising, 50)
    assert found["method"] == "its"
    assert "shows a trend" in found["why"]
    assert found["verdict"] == "no_change"
    naive = ask(rising, 50, method="level")
    assert naive["method"] == "level"
    assert "Its condition does not hold" in naive["why"]
    assert naive["status"] != "measured"


def test_difference_in_differences_takes_the_control_off() -> None:
    kpi, control = pair()
    found = ask(kpi, 60, controls=[control])
    assert (found["method"], found["status"]) == ("did", "measured")
    y, x = np.array(kpi), np.array(control)
    assert found["effect"] == pytest.approx((y[60:].mean() - y[:60].mean()) - (x[60:].mean() - x[:60].mean()))
    away = level_effect((y - x).tolist(), 60)
    assert found["standard_error"] == pytest.approx(away.standard_error)
    assert found["interval"] == pytest.approx(away.interval)
    assert found["interval"][0] < 3 < found["interval"][1]
    assert found["relative"] == pytest.approx(found["effect"] / (x[60:].mean() + (y - x)[:60].mean()))


def test_a_control_of_another_scale_is_weighed_and_a_stranger_is_not_used() -> None:
    kpi, control = pair()
    scaled = ask(kpi, 60, controls=[[1000 - 40 * value for value in control]])
    assert scaled["method"] == "structural"
    assert scaled["interval"][0] < 3 < scaled["interval"][1]
    rng = np.random.default_rng(8)
    stranger = ask(NILE, 28, controls=[rng.normal(0, 1, 100).tolist()])
    assert stranger["method"] == "level"
    assert "under 0.5" in stranger["why"]


def test_the_structural_model_holds_the_truth_and_knows_what_it_does_not() -> None:
    kpi, control = pair()
    found = ask(kpi, 60, controls=[control], method="structural", seed=5)
    assert found["status"] == "measured"
    assert found["interval"][0] < 3 < found["interval"][1]
    assert found["cumulative"] == pytest.approx(40 * found["effect"])
    widths = [row["high"] - row["low"] for row in found["counterfactual"]]
    assert widths[-1] > widths[0]
    alone = ask(kpi, 60, method="structural", seed=5)
    assert alone["standard_error"] > 2 * found["standard_error"]
    assert "there is no control" in alone["why"]


def test_a_model_that_cannot_foretell_its_own_baseline_is_only_indicative() -> None:
    rng = np.random.default_rng(12)
    y = np.r_[rng.normal(10, 0.3, 45), rng.normal(14, 0.3, 15), rng.normal(14, 0.3, 40)]
    found = ask(y, 60, method="structural")
    assert found["status"] == "indicative"
    assert "counterfactual_not_credible" in found["reasons"]


def test_counts_give_the_rate_ratio_of_a_quasi_poisson_regression() -> None:
    rng = np.random.default_rng(19)
    time_ = np.arange(60)
    people = 1000.0 + 5 * time_
    events = rng.poisson(people * 0.2 * np.exp(0.004 * time_) * np.where(time_ >= 36, 0.8, 1.0)).astype(float)
    found = ask(events, 36, counts=True, exposure=people.tolist(), method="its", direction="decrease")
    design = np.column_stack([np.ones(60), time_ >= 36, time_]).astype(float)
    oracle = sm.GLM(events, design, family=sm.families.Poisson(), offset=np.log(people)).fit(scale="X2")
    assert found["rate_ratio"] == pytest.approx(math.exp(oracle.params[1]), rel=1e-6)
    middle = math.log(found["rate_ratio_interval"][1] / found["rate_ratio_interval"][0]) / 2
    assert middle == pytest.approx(oracle.bse[1] * 2.0025, rel=1e-3)  # t of 57 degrees of freedom
    assert found["rate_ratio_interval"][0] < 0.8 < found["rate_ratio_interval"][1]
    assert found["verdict"] == "improved"
    assert "; rate ratio 0." in found["statement"]
    assert found["slope_ratio"] is None
    assert "no change of slope" in found["undefined"]["slope_ratio"]
    assert found["effect"] == pytest.approx(np.mean(events[36:] - [row["value"] for row in found["counterfactual"]]))


def test_counts_without_trend_or_season_compare_rates() -> None:
    rng = np.random.default_rng(10)
    events = np.r_[rng.poisson(40, 40), rng.poisson(50, 40)].astype(float)
    found = ask(events, 40, counts=True)
    assert found["method"] == "level"
    assert found["rate_ratio"] == pytest.approx(events[40:].mean() / events[:40].mean())
    assert found["effect"] == pytest.approx(events[40:].mean() - events[:40].mean())


def test_nothing_counted_on_one_side_leaves_no_ratio() -> None:
    found = ask([0.0] * 20 + [3.0, 4.0] * 10, 20, counts=True)
    assert (found["status"], found["reasons"]) == ("not_enough_data", ["no_events"])


@pytest.mark.parametrize("method", METHODS)
def test_shifting_and_scaling_act_on_the_effect_as_they_must(method: str) -> None:
    kpi, control = pair(3)
    plain = ask(kpi, 60, controls=[control], method=method, seed=2)
    moved = ask([v + 70 for v in kpi], 60, controls=[[v + 70 for v in control]], method=method, seed=2)
    grown = ask([v * 60 for v in kpi], 60, controls=[[v * 60 for v in control]], method=method, seed=2)
    assert moved["effect"] == pytest.approx(plain["effect"], abs=1e-6)
    assert moved["interval"] == pytest.approx(plain["interval"], abs=1e-6)
    assert grown["effect"] == pytest.approx(60 * plain["effect"], rel=1e-6)
    assert grown["standard_error"] == pytest.approx(60 * plain["standard_error"], rel=1e-6)
    assert plain["status"] == moved["status"] == grown["status"]


@pytest.mark.parametrize("method", ["level", "did", "its"])
def test_reading_time_backwards_turns_the_effect_round_where_the_method_knows_no_direction(method: str) -> None:
    kpi, control = pair(4)
    there = ask(kpi, 60, controls=[control], method=method)
    back = ask(kpi[::-1], 40, controls=[control[::-1]], method=method)
    if method == "its":  # carries the other side's line on, so only the residuals stay
        assert back["rho"] == pytest.approx(there["rho"], abs=1e-9)
        assert back["effect"] != pytest.approx(-there["effect"])
    else:
        assert back["effect"] == pytest.approx(-there["effect"])
        assert back["standard_error"] == pytest.approx(there["standard_error"])


@pytest.mark.parametrize("method", METHODS)
def test_one_seed_gives_the_same_bytes(method: str) -> None:
    kpi, control = pair(5)
    one, two = (json.dumps(ask(kpi, 60, controls=[control], method=method, seed=11)) for _ in range(2))
    assert one == two


def test_another_seed_draws_other_paths() -> None:
    kpi, control = pair(5)
    one, two = (ask(kpi, 60, controls=[control], method="structural", seed=seed) for seed in (1, 2))
    assert one["effect"] != two["effect"]
    assert one["effect"] == pytest.approx(two["effect"], abs=0.2 * one["standard_error"])


@pytest.mark.parametrize("method", METHODS)
def test_each_method_keeps_the_rules_of_least_data(method: str) -> None:
    kpi, control = pair(6)
    short = ask(kpi[:67], 60, controls=[control[:67]], method=method)
    assert (short["status"], short["effect"], short["counterfactual"]) == ("not_enough_data", None, None)
    assert "too_few_periods_after" in short["reasons"]
    assert short["undefined"]["effect"] == "not enough data"
    holes = [None if k % 4 == 0 else value for k, value in enumerate(kpi)]
    assert "too_many_missing_before" in ask(holes, 60, controls=[control], method=method)["reasons"]
    season = ask(kpi[50:69], 10, controls=[control[50:69]], method=method, season=12)
    assert {"less_than_one_season_before", "less_than_one_season_after"} <= set(season["reasons"])


@pytest.mark.parametrize("method", ["did", "structural"])
def test_a_period_without_its_control_counts_as_missing(method: str) -> None:
    kpi, control = pair(7)
    holes = [None if k in (5, 6, 70) else value for k, value in enumerate(control)]
    found = ask(kpi, 60, controls=[holes], method=method)
    assert (found["n_pre"], found["n_post"]) == (58, 39)
    assert found["counterfactual"][10] == {"index": 70, "date": None, "value": None, "low": None, "high": None}


@pytest.mark.parametrize("method", METHODS)
def test_missing_periods_and_ramp_are_left_out(method: str) -> None:
    kpi, control = pair(8)
    spoilt = [*kpi[:60], *[9e9] * 5, *kpi[65:]]
    spoilt[12] = spoilt[80] = None  # type: ignore[call-overload]
    found = ask(spoilt, 60, ramp=5, controls=[control], method=method)
    assert (found["n_pre"], found["n_post"], len(found["counterfactual"])) == (59, 34, 35)
    assert abs(found["effect"]) < 20


@pytest.mark.parametrize("method", METHODS)
def test_a_placebo_that_finds_something_holds_the_status_down(method: str) -> None:
    rng = np.random.default_rng(3)
    jump = 1.2 if method in ("level", "did") else 2.5
    jumped = [*rng.normal(10, 1, 60), *rng.normal(10 + jump, 1, 60), *rng.normal(16, 1, 100)]
    control = rng.normal(0, 0.1, 220).tolist()
    found = ask(jumped, 120, controls=[control], method=method)
    assert found["placebo"]["significant"] is True
    assert found["status"] == "indicative"
    assert "placebo_significant" in found["reasons"]


def test_dates_make_gaps_into_missing_periods() -> None:
    days = [f"2026-{month:02d}-01" for month in range(1, 13)] + [f"2027-{month:02d}-01" for month in range(1, 13)]
    values = [10.0, 11, 12] * 4 + [15.0, 16, 17] * 4
    whole = ask(values, "2027-01-01", dates=days)
    gaps = ask([*values[:3], *values[4:]], "2026-12-15", dates=[*days[:3], *days[4:]])
    assert (whole["n_pre"], whole["n_post"], whole["period"]) == (12, 12, "1 month")
    assert (gaps["n_pre"], gaps["n_post"]) == (11, 12)
    assert gaps["counterfactual"][0]["date"] == "2027-01-01"
    by_index = ask([*values[:3], *values[4:]], 11, dates=[*days[:3], *days[4:]])
    assert by_index["effect"] == gaps["effect"]


def test_daily_series_need_28_days_after_and_working_days_have_no_weekends() -> None:
    every = [str(day) for day in np.arange("2026-01-05", "2026-04-15", dtype="datetime64[D]")]
    rng = np.random.default_rng(5)
    values = rng.normal(10, 1, len(every)).tolist()
    assert "post_window_under_28_days" in ask(values, len(every) - 27, dates=every)["reasons"]
    assert ask(values, len(every) - 28, dates=every)["status"] == "measured"
    work = [day for day in every if np.is_busday(np.datetime64(day))]
    found = ask(values[: len(work)], len(work) - 20, dates=work)
    assert (found["period"], found["n_post"], found["status"]) == ("1 working day", 20, "measured")


wild = st.one_of(st.none(), st.floats(-1e100, 1e100), st.sampled_from([1e100, -1e100, 5e-324, 0.0, 1.0]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(wild, wild), min_size=1, max_size=40), st.data())
def test_no_series_brings_out_nan_or_an_exception(rows: list[tuple[Any, Any]], data: st.DataObject) -> None:
    found = ask(
        [row[0] for row in rows],
        data.draw(st.integers(0, len(rows))),
        ramp=data.draw(st.integers(0, 3)),
        controls=[[row[1] for row in rows]],
        season=data.draw(st.sampled_from([None, 7, 12])),
        method=data.draw(st.sampled_from(["auto", "level", "its", "did"])),
    )
    assert set(found["reasons"]) <= set(REASONS)
    assert (found["effect"] is None) == (found["status"] == "not_enough_data") == (found["verdict"] is None)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("values", [[5.0] * 60, [5.0] * 30 + [7.0] * 30, [float(k) for k in range(60)]])
def test_series_without_chance_are_answered_and_never_measured(method: str, values: list[float]) -> None:
    rng = np.random.default_rng(1)
    found = ask(values, 30, controls=[rng.normal(0, 0.001, 60).tolist()], method=method)
    assert found["status"] in ("indicative", "not_enough_data", "measured")
    if method in ("level", "its") and found["status"] != "not_enough_data":
        assert found["status"] == "indicative"


@pytest.mark.parametrize(("rho", "least"), [(0.0, 0.93), (0.3, 0.90)])
def test_an_interrupted_series_covers_what_a_hac_interval_can(rho: float, least: float) -> None:
    rng = np.random.default_rng(20)
    held = []
    for row in noise(rng, 180, rho, rows=250):
        found = effect({"values": (row + 0.05 * np.arange(180)).tolist(), "go_live": 120, "method": "its"})
        held.append(found["interval"][0] <= 0 <= found["interval"][1])
    assert np.mean(held) >= least - 2 * math.sqrt(least * (1 - least) / 250)


def test_difference_in_differences_covers_what_it_promises() -> None:
    rng = np.random.default_rng(21)
    held = []
    for shared, own in zip(noise(rng, 180, 0.9, rows=250), noise(rng, 180, 0.6, rows=250), strict=True):
        found = effect(
            {"values": (shared + own).tolist(), "controls": [shared.tolist()], "go_live": 120, "method": "did"}
        )
        held.append(found["interval"][0] <= 0 <= found["interval"][1])
    assert np.mean(held) >= 0.93 - 2 * math.sqrt(0.93 * 0.07 / 250)


def test_one_effect_takes_less_than_fifty_milliseconds() -> None:
    values = noise(np.random.default_rng(1), 730).tolist()
    ask(values, 400)
    begun = time.process_time()
    ask(values, 400)
    assert time.process_time() - begun < 0.05


@pytest.mark.parametrize(("rho", "length"), [(0.0, (60, 30)), (0.3, (120, 60)), (0.6, (120, 60))])
def test_the_ladder_as_a_whole_covers_and_does_not_take_chance_for_a_trend(rho: float, length: tuple[int, int]) -> None:
    rng = np.random.default_rng(22)
    held, methods = [], []
    for row in noise(rng, sum(length), rho, rows=500):
        found = effect({"values": row.tolist(), "go_live": length[0]})
        methods.append(found["method"])
        if found["interval"]:
            held.append(found["interval"][0] <= 0 <= found["interval"][1])
    assert methods.count("its") <= 15
    assert len(held) > 490
    assert np.mean(held) >= 0.93 - 2 * math.sqrt(0.93 * 0.07 / 500)


def test_a_structural_interval_covers_where_the_level_wanders_little() -> None:
    rng = np.random.default_rng(23)
    held = []
    for seed in range(60):
        control = 50 + np.cumsum(rng.normal(0, 0.7, 120))
        kpi = 20 + 0.6 * control + 0.02 * np.cumsum(rng.standard_normal(120)) + rng.standard_normal(120)
        found = structural(Series(y=kpi, controls=control[None, :], go_live=80, seed=seed))
        assert found is not None
        assert found.bounds is not None
        held.append(found.bounds[0] <= 0 <= found.bounds[1])
    assert np.mean(held) >= 0.93 - 2 * math.sqrt(0.93 * 0.07 / 60)


@pytest.mark.parametrize(
    ("days", "places", "period"),
    [
        (["2024-01-31", "2024-02-29", "2024-03-31", "2024-05-31"], [0, 1, 2, 4], "1 month"),
        (["2024-01-01", "2024-04-01", "2024-10-01"], [0, 1, 3], "3 months"),
        (["2020-02-29", "2021-02-28", "2022-02-28"], [0, 1, 2], "12 months"),
        (["2024-02-28", "2024-02-29", "2024-03-01"], [0, 1, 2], "1 day"),
        (["2026-03-02", "2026-03-09", "2026-03-30"], [0, 1, 4], "7 days"),
        (["2026-03-02"], [0], "1 day"),
    ],
)
def test_dates_find_their_own_rhythm(days: list[str], places: list[int], period: str) -> None:
    found = laid_out([date.fromisoformat(day) for day in days])
    assert (found.places, found.period) == (places, period)
    assert [found.labels[place].isoformat() for place in places] == days
    assert len(found.labels) == places[-1] + 1


def test_a_baseline_about_zero_has_no_relative_change_and_keeps_its_effect() -> None:
    half = np.random.default_rng(1).normal(0, 1, 30)
    found = ask([*half, *-half, *np.random.default_rng(2).normal(2, 1, 60)], 60)
    assert found["relative"] is None
    assert found["undefined"]["relative"] == "the counterfactual mean is zero"
    assert found["improvement"] == pytest.approx(2, abs=0.6)


def test_a_method_says_when_its_interval_is_rather_too_narrow() -> None:
    rng = np.random.default_rng(31)
    drift = 0.1 * np.arange(180)
    alike = ask(drift + noise(rng, 180, 0.8), 120, method="its")
    assert "rather too narrow" in alike["why"]
    assert "rather too narrow" not in ask(drift + noise(rng, 180), 120, method="its")["why"]
