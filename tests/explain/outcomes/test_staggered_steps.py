"""Several go-lives of one KPI: each keeps its own step."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.outcomes.compute.methods.staggered import Stretch, joint_steps, known_by_segment

Floats = npt.NDArray[np.float64]
BEFORE, FIRST, SECOND = 24, 20, 20
SIZE = BEFORE + FIRST + SECOND
A = Stretch(BEFORE, BEFORE, SIZE)
B = Stretch(BEFORE + FIRST, BEFORE + FIRST, SIZE)


def around(level: float, size: int) -> list[float]:
    """Readings that swing by 1 about a level, with the level as their mean, and no neighbours alike."""
    return [level + (1.0, -1.0, -1.0, 1.0)[k % 4] for k in range(size)]


def series() -> Floats:
    """Hand-built: 100, from the first go-live on 94, from the second on 90."""
    return np.array(around(100.0, BEFORE) + around(94.0, FIRST) + around(90.0, SECOND))


def test_known_steps_are_found_and_their_errors_are_those_of_a_difference_of_means() -> None:
    found = joint_steps(series(), [A, B])
    assert found is not None
    assert not found.has_trend
    assert not found.moved_before
    assert [part.value for part in found.parts] == pytest.approx([-6.0, -4.0])
    assert all(part.low < part.value < part.high < 0 for part in found.parts)
    # With three means and no trend, a step is the difference of two means: its error stays under that of readings that
    # vary by 1 independently, as these swing back and forth.
    assert found.parts[1].error < math.sqrt(1 / FIRST + 1 / SECOND)
    assert found.effective == [BEFORE, FIRST, SECOND]


def test_a_trend_of_the_baseline_is_carried_on_and_belongs_to_nobody() -> None:
    found = joint_steps(series() - 0.5 * np.arange(SIZE), [A, B])
    assert found is not None
    assert found.has_trend
    assert [part.value for part in found.parts] == pytest.approx([-6.0, -4.0], abs=0.6)


def test_a_season_belongs_to_nobody() -> None:
    season = np.tile([5.0, 0.0, -5.0, 0.0, 3.0, -3.0, 0.0], 10)[:SIZE]
    found = joint_steps(series() + season, [A, B], season=7)
    assert found is not None
    assert [part.value for part in found.parts] == pytest.approx([-6.0, -4.0], abs=0.6)


def test_a_ramp_counts_on_neither_side_for_any_project() -> None:
    y = series()
    y[B.live : B.live + 4] = 500.0
    ramped = Stretch(B.live, B.live + 4, SIZE)
    found = joint_steps(y, [A, ramped])
    assert found is not None
    assert [part.value for part in found.parts] == pytest.approx([-6.0, -4.0])
    assert known_by_segment(y, [A, ramped]) == [BEFORE, FIRST, SECOND - 4]


def test_a_change_that_is_taken_away_leaves_the_others() -> None:
    y = np.array([*series(), *around(96.0, 20)])  # the first one is gone: 90 + 6
    found = joint_steps(y, [Stretch(BEFORE, BEFORE, SIZE), Stretch(B.live, B.start, SIZE + 20)])
    assert found is not None
    assert [part.value for part in found.parts] == pytest.approx([-6.0, -4.0])


def test_what_cannot_be_told_apart_has_no_steps() -> None:
    assert joint_steps(series(), [A, A]) is None
    gap = series()
    gap[A.start : B.start] = np.nan
    assert joint_steps(gap, [A, B]) is None
    with pytest.raises(ValueError, match="after a baseline"):
        joint_steps(series(), [Stretch(0, 0, SIZE)])


def test_readings_without_noise_have_exact_steps_and_no_error() -> None:
    found = joint_steps(np.array([5.0] * 20 + [3.0] * 20 + [2.0] * 20), [Stretch(20, 20, 60), Stretch(40, 40, 60)])
    assert found is not None
    assert not found.varies
    assert [(part.value, part.error) for part in found.parts] == [
        (pytest.approx(-2.0), 0.0),
        (pytest.approx(-1.0), 0.0),
    ]


noise = st.lists(st.floats(-3, 3, allow_nan=False), min_size=SIZE, max_size=SIZE).map(np.array)


def _plain(found: Any) -> list[float]:
    return [figure for part in found.parts for figure in (part.value, part.error, part.low, part.high)]


@settings(max_examples=40, deadline=None)
@given(noise, st.floats(-1000, 1000), st.sampled_from([0.001, 0.5, 2.0, 1000.0]))
def test_steps_do_not_care_where_zero_is_and_go_with_the_unit(added: Floats, shift: float, unit: float) -> None:
    y = series() + np.round(added, 3)
    found, moved = joint_steps(y, [A, B], season=7), joint_steps(unit * y + shift, [A, B], season=7)
    assert found is not None
    assert moved is not None
    assert _plain(moved) == pytest.approx([unit * figure for figure in _plain(found)], rel=1e-5, abs=1e-5 * unit)
    assert moved.rho == pytest.approx(found.rho, abs=1e-4)


@settings(max_examples=40, deadline=None)
@given(noise)
def test_mirrored_readings_have_mirrored_steps_in_whatever_order_projects_are_named(added: Floats) -> None:
    y = series() + np.round(added, 3)
    found, mirrored = joint_steps(y, [A, B], season=7), joint_steps(-y, [B, A], season=7)
    assert found is not None
    assert mirrored is not None
    assert [part.value for part in mirrored.parts] == pytest.approx([-part.value for part in reversed(found.parts)])
    assert [part.error for part in mirrored.parts] == pytest.approx([part.error for part in reversed(found.parts)])


def test_the_intervals_hold_the_truth_in_at_least_nine_series_of_ten() -> None:
    # 1,000 simulated series without neighbours alike: nominally 95 %, and the HAC matrix is known to fall a little short.
    draw, held = np.random.default_rng(5), 0
    for _ in range(1000):
        found = joint_steps(draw.normal(size=SIZE) + np.where(np.arange(SIZE) >= B.start, -1.0, 0.0), [A, B])
        assert found is not None
        held += found.parts[1].low <= -1.0 <= found.parts[1].high
    assert held >= 890
