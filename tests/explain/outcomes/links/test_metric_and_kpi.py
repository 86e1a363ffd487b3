"""Did the KPI follow the metric? Worked cases, and what must hold of any figures."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.outcomes.compute.ar1 import estimate
from explain.outcomes.compute.links import Finding, Step, link_finding, sentence_of, uses_of
from tests.explain.outcomes.examples import around

MONDAY = date(2025, 1, 6)
FIRST, SECOND = Step(MONDAY, 1, 0.80), Step(MONDAY + timedelta(weeks=24), 2, 0.85)


def weeks(values: list[float | None]) -> dict[date, float]:
    return {MONDAY + timedelta(weeks=k): value for k, value in enumerate(values) if value is not None}


def asked(values: list[float | None], steps: list[Step] | None = None, **changes: Any) -> Finding:
    given: dict[str, Any] = {
        "frequency": "week",
        "since": MONDAY,
        "until": MONDAY + timedelta(weeks=len(values), days=-1),
        "expected": -2.0,
        "point": 0.01,
    }
    return link_finding(steps or [FIRST, SECOND], weeks(values), **given | changes)


TEN_LESS: list[float | None] = [*around(50.0, 24), *around(40.0, 24)]


def test_ten_less_for_five_points_more_is_two_less_for_each() -> None:
    found = asked(TEN_LESS)
    assert found.held == "held"
    assert found.status == "measured"
    assert found.observed == pytest.approx(-2.0)
    assert found.interval is not None
    assert found.interval[0] < -2.0 < found.interval[1] < 0
    assert [(use.version, use.mean, use.n) for use in found.uses] == [(1, 50.0, 24), (2, 40.0, 24)]
    assert all(use.interval and use.interval[0] < use.mean < use.interval[1] for use in found.uses if use.mean)


def test_with_two_versions_it_is_the_level_effect_divided_by_the_step_of_the_metric() -> None:
    draw = np.random.default_rng(3)
    values = [*draw.normal(50, 4, 24), *draw.normal(47, 4, 24)]
    found, level = asked(values), estimate(np.array(values[:24]), np.array(values[24:]))
    bounds = level.bounds(0.95)
    assert bounds is not None
    assert found.interval is not None
    assert found.observed == pytest.approx(level.delta / 5)
    assert found.standard_error == pytest.approx((level.error or 0) / 5)
    assert found.interval == pytest.approx((bounds[0] / 5, bounds[1] / 5))


def test_the_other_way_than_expected_is_against_and_noise_is_not_shown() -> None:
    assert asked(TEN_LESS, expected=2.0).held == "against"
    assert asked([*around(50.0, 24), *around(50.1, 24)]).held == "not_shown"


def test_a_metric_that_fell_with_the_kpi_that_rose_agrees_with_the_same_expectation() -> None:
    worse = [FIRST, replace(SECOND, metric=0.75)]
    found = asked([*around(50.0, 24), *around(60.0, 24)], worse)
    assert (found.held, round(found.observed or 0, 6)) == ("held", -2.0)


def test_three_versions_on_a_line_agree_with_two_and_off_the_line_say_less() -> None:
    steps = [FIRST, SECOND, Step(MONDAY + timedelta(weeks=48), 3, 0.90)]
    straight = asked([*TEN_LESS, *around(30.0, 24)], steps)
    assert straight.observed == pytest.approx(-2.0)
    assert straight.held == "held"
    bent = asked([*TEN_LESS, *around(49.0, 24)], steps)
    assert bent.held == "not_shown"
    assert bent.degrees_of_freedom == 1.0


@pytest.mark.parametrize(
    ("reason", "values", "steps", "changes"),
    [
        ("no_go_live", TEN_LESS, None, {"since": None}),
        ("one_version", TEN_LESS, [FIRST], {}),
        ("one_version", TEN_LESS, [FIRST, Step(SECOND.day, 2, None)], {}),
        ("metric_missing", TEN_LESS, [Step(MONDAY, 1, None), Step(SECOND.day, 2, None)], {}),
        ("same_metric", TEN_LESS, [FIRST, replace(SECOND, metric=0.80)], {}),
        ("too_few_periods", TEN_LESS[:31], None, {}),
        ("too_few_periods", [*TEN_LESS[:24], *([None] * 10), *TEN_LESS[34:]], None, {}),
        ("too_few_periods", TEN_LESS, None, {"season": 52}),
        ("too_little_information", [float(k) for k in range(24)] * 2, None, {}),
        ("kpi_redefined", TEN_LESS, None, {"obstacles": ["kpi_redefined"]}),
        ("number_out_of_range", TEN_LESS, [replace(FIRST, metric=-1e308), replace(SECOND, metric=1e308)], {}),
    ],
)
def test_what_cannot_be_said_yet_has_its_reason_and_no_number(
    reason: str, values: list[float | None], steps: list[Step] | None, changes: dict[str, Any]
) -> None:
    found = asked(values, steps, **changes)
    assert (found.held, found.status, found.reasons) == ("unknown", "not_enough_data", (reason,))
    assert (found.observed, found.interval) == (None, None)
    said = sentence_of(found, kpi="Waiting time", unit="d", metric="AUC", point=0.01, expected=-2.0)
    assert said.startswith("Cannot be said yet: ")


def test_a_daily_kpi_needs_28_days_under_each_version() -> None:
    def daily(days: int) -> Finding:
        values = {MONDAY + timedelta(days=k): 50 + (-1.0) ** k - (5 if k >= 40 else 0) for k in range(40 + days)}
        steps = [FIRST, Step(MONDAY + timedelta(days=40), 2, 0.85)]
        until = MONDAY + timedelta(days=39 + days)
        return link_finding(steps, values, frequency="day", since=MONDAY, until=until, expected=-1.0, point=0.01)

    assert daily(27).reasons == ("too_few_periods",)
    assert daily(27).uses[1].why == "under_28_days"
    assert daily(28).held == "held"


def test_few_independent_periods_are_indicative_and_a_constant_says_that_it_never_varies() -> None:
    short = [*around(50.0, 8), *around(40.0, 8)]
    found = asked(short, [FIRST, replace(SECOND, day=MONDAY + timedelta(weeks=8))])
    assert (found.status, found.reasons) == ("indicative", ("little_information",))
    constant = asked([50.0] * 24 + [40.0] * 24)
    assert (constant.status, constant.reasons) == ("indicative", ("no_variation",))
    assert constant.observed == pytest.approx(-2.0)


def test_the_week_in_which_the_version_changes_and_excluded_ones_count_on_no_side() -> None:
    midweek = [FIRST, replace(SECOND, day=SECOND.day + timedelta(days=2))]
    values = [*around(50.0, 24), 1e6, *around(40.0, 24)]
    assert asked(values, midweek).observed == pytest.approx(-2.0)
    values[3] = 1e6
    out = MONDAY + timedelta(weeks=3)
    clean = asked(values, midweek, left_out=lambda day: day == out)
    assert clean.observed == pytest.approx(-2.0, rel=0.03)
    assert clean.uses[0].n == 23


def test_use_begins_after_the_ramp_and_a_version_that_comes_back_is_a_stretch_of_its_own() -> None:
    back = [Step(date(2025, 1, 1), 1, 0.8), Step(date(2025, 2, 1), 2, 0.9), Step(date(2025, 3, 1), 1, 0.8)]
    found = uses_of(back, date(2025, 1, 15), date(2025, 3, 31))
    assert [(first.isoformat(), last.isoformat(), step.version) for first, last, step in found] == [
        ("2025-01-15", "2025-01-31", 1), ("2025-02-01", "2025-02-28", 2), ("2025-03-01", "2025-03-31", 1),
    ]  # fmt: skip
    assert uses_of(back, date(2025, 4, 1), date(2025, 3, 31)) == []


def test_the_sentence_says_how_much_how_sure_and_what_was_expected() -> None:
    def said(found: Finding, expected: float = -2.0) -> str:
        return sentence_of(found, kpi="Waiting time", unit="d", metric="AUC", point=0.01, expected=expected)

    held = said(asked(TEN_LESS))
    assert held.startswith("Held: Waiting time changed by −2 d for each 0.01 more of AUC (95 % interval −2.")
    assert held.endswith("; −2 d was expected, which lies within the interval.")
    assert said(asked(TEN_LESS, expected=-7.0), -7.0).endswith("−7 d was expected, which lies outside the interval.")
    assert said(asked(TEN_LESS, expected=2.0), 2.0).startswith("Against the expectation: ")
    assert "may be chance; −2 d was expected." in said(asked([*around(50.0, 24), *around(50.1, 24)]))


@pytest.mark.parametrize(("point", "expected"), [(0.0, 1.0), (-1.0, 1.0), (math.nan, 1.0), (1.0, 0.0), (1.0, math.inf)])
def test_a_point_has_a_size_and_an_expectation_a_sign(point: float, expected: float) -> None:
    with pytest.raises(ValueError, match="positive size"):
        asked(TEN_LESS, point=point, expected=expected)


noise = st.lists(st.floats(-5, 5).map(lambda value: round(value, 3)), min_size=48, max_size=48)


@given(noise, st.sampled_from([-8.0, 0.125, 2.0, 1024.0, 2.0**700]))
@settings(max_examples=40, deadline=None)
def test_scaling_the_kpi_scales_what_was_observed(values: list[float], scale: float) -> None:
    plain, scaled = asked([50 + v for v in values]), asked([scale * (50 + v) for v in values])
    assert plain.status == scaled.status
    if plain.observed is None or plain.interval is None:
        return
    ends = sorted(scale * bound for bound in plain.interval)
    room = 1e-9 * max(abs(end) for end in ends)
    assert scaled.observed == pytest.approx(scale * plain.observed, abs=room)
    assert scaled.interval == pytest.approx(tuple(ends), abs=room)


@given(noise, st.floats(-1e3, 1e3), st.sampled_from([0.25, 4.0, 100.0]))
@settings(max_examples=40, deadline=None)
def test_shifting_changes_nothing_and_a_metric_in_other_units_with_its_point_neither(
    values: list[float], shift: float, units: float
) -> None:
    plain = asked([50 + v for v in values])
    if plain.observed is None:
        return
    shifted = asked([50 + shift + v for v in values])
    assert shifted.observed == pytest.approx(plain.observed, abs=1e-6)
    in_units = [replace(step, metric=(step.metric or 0) * units) for step in (FIRST, SECOND)]
    assert asked([50 + v for v in values], in_units, point=0.01 * units).observed == pytest.approx(
        plain.observed, rel=1e-9
    )


@given(noise, st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_the_order_of_steps_and_readings_does_not_matter(values: list[float], seed: int) -> None:
    steps = [FIRST, SECOND, Step(MONDAY + timedelta(weeks=36), 3, 0.9)]
    plain = asked(list(values), steps)
    rows, other = list(weeks(list(values)).items()), steps[:]
    random.Random(seed).shuffle(rows)
    random.Random(seed).shuffle(other)
    mixed = link_finding(
        other, dict(rows), frequency="week", since=MONDAY, until=MONDAY + timedelta(weeks=48, days=-1),
        expected=-2.0, point=0.01,
    )  # fmt: skip
    assert mixed == plain


def test_an_interval_covers_the_truth_where_neighbours_resemble_each_other() -> None:
    """Nominal 95 %; AR(1) noise of 0.5, 60 periods under each of two versions."""
    draw, covered = np.random.default_rng(11), 0
    steps = [FIRST, replace(SECOND, day=MONDAY + timedelta(weeks=60))]
    for _ in range(300):
        noise = np.zeros(120)
        for k in range(1, 120):
            noise[k] = 0.5 * noise[k - 1] + draw.normal()
        values = [float(v) for v in noise + np.where(np.arange(120) < 60, 50, 45)]
        found = asked(values, steps)
        covered += found.interval is not None and found.interval[0] <= -1.0 <= found.interval[1]
    assert covered / 300 >= 0.91
