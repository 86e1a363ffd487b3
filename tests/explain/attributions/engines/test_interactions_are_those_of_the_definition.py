"""Interaction values of drawn trees against the definition: all subsets of features, by their worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain.attributions.engines.fast import interactions as computed
from explain.attributions.engines.fast.interactions import interactions
from explain.attributions.engines.fast.tree import Rule, Tree
from tests.explain.attributions.engines.definition import by_definition

RULE = Rule(strict=False, rounded="float64")
FEATURES = 5


@st.composite
def trees(draw: Any, depth: int = 5) -> Tree:
    """A tree on FEATURES features whose thresholds are 0, 1 or 2, and whose paths may ask for a feature several times."""
    lists: dict[str, list[Any]] = {name: [] for name in ("feature", "threshold", "left", "right", "value", "cover")}

    def grow(cover: int, below: int) -> int:
        place = len(lists["feature"])
        split = below > 0 and cover > 1 and draw(st.integers(0, 4)) > 0
        for name, value in {
            "feature": draw(st.integers(0, FEATURES - 1)) if split else -1,
            "threshold": draw(st.integers(0, 2)) + 0.5,
            "left": -1,
            "right": -1,
            "value": 0.0 if split else draw(st.integers(-9, 9)) / 3,
            "cover": float(cover),
        }.items():
            lists[name].append(value)
        if split:
            part = draw(st.integers(1, cover - 1))
            lists["left"][place] = grow(part, below - 1)
            lists["right"][place] = grow(cover - part, below - 1)
        return place

    grow(draw(st.integers(2, 400)), depth)
    missing = [draw(st.booleans()) for _ in lists["feature"]]
    return Tree(**lists, missing_left=missing)


rows_drawn = st.lists(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, 3.0, np.nan]), min_size=FEATURES, max_size=FEATURES),
    min_size=1,
    max_size=3,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(trees(), min_size=1, max_size=3), rows_drawn)
def test_values_are_those_of_the_definition(grown: list[Tree], rows: list[list[float]]) -> None:
    values = np.array(rows)
    wanted = np.array([by_definition(grown, RULE, row) for row in values])
    found = interactions(grown, RULE, values, FEATURES, 0)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-10)


def test_it_makes_no_difference_in_how_many_pieces_the_sums_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    grown = [_full(depth, seed) for seed, depth in enumerate((3, 6, 1, 0, 5, 2))]
    rows = np.random.default_rng(5).normal(size=(23, 7))
    wanted = interactions(grown, RULE, rows, 7, 0)
    for nodes, cells in ((1, 1), (10_000, 50), (30, 217), (10_000, 100_000_000)):
        monkeypatch.setattr(computed, "CHUNK_NODES", nodes)
        monkeypatch.setattr(computed, "CELLS", cells)
        np.testing.assert_allclose(interactions(grown, RULE, rows, 7, 0), wanted, rtol=0, atol=1e-12)
    assert np.abs(wanted).max() > 0.1


def test_only_the_trees_of_the_asked_output_count() -> None:
    first, second = _full(3, 0), _full(3, 1)
    second = Tree(**{**second.__dict__, "output": 1})
    rows = np.random.default_rng(5).normal(size=(9, 7))
    np.testing.assert_array_equal(
        interactions([first, second], RULE, rows, 7, 0), interactions([first], RULE, rows, 7, 0)
    )
    assert np.abs(interactions([first, second], RULE, rows, 7, 1)).max() > 0.1
    assert not interactions([first], RULE, rows, 7, 1).any()


def test_a_long_path_with_thirty_features_keeps_its_digits() -> None:
    """One leaf stands apart from all others: v(S) is a product, whose interactions have a closed form on two points."""
    width = 30
    # node 2k splits on feature k: left on, right a leaf of zero; the last leaf is worth 1
    feature, left, right, value, cover = [], [], [], [], []
    for place in range(width):
        feature += [place, -1]
        left += [2 * place + 2, -1]
        right += [2 * place + 1, -1]
        value += [0.0, 0.0]
        cover += [float(2 ** (width - place)), float(2 ** (width - place - 1))]
    tree = Tree([*feature, -1], [0.5] * 61, [*left, -1], [*right, -1], [*value, 1.0], [*cover, 1.0], [False] * 61)
    found = interactions([tree], RULE, np.zeros((1, width)), width, 0)[0]
    # all features alike: phi = (1 - 2^-30) / 30, and the integral of ((1 + t) / 2)^28 is 2 (1 - 2^-29) / 29
    np.testing.assert_allclose(found.sum(axis=1), (1 - 2.0**-30) / 30, rtol=1e-12)
    np.testing.assert_allclose(found[0, 1:], 0.25 * (1 - 2.0**-29) / 29, rtol=1e-12)


def _full(depth: int, seed: int) -> Tree:
    """All leaves at one depth, everything else at random, on seven features."""
    generator = np.random.default_rng(seed)
    inner, every = 2**depth - 1, 2 ** (depth + 1) - 1
    cover = np.zeros(every)
    cover[0] = 1000.0
    for node in range(inner):
        cover[2 * node + 1 : 2 * node + 3] = cover[node] * np.array([1, 0]) + np.array([-1, 1]) * cover[node] * (
            generator.uniform(0.1, 0.9)
        )
    leaf = [-1] * (every - inner)
    return Tree(
        feature=[*generator.integers(0, 7, inner).tolist(), *leaf],
        threshold=generator.normal(size=every).tolist(),
        left=[2 * node + 1 for node in range(inner)] + leaf,
        right=[2 * node + 2 for node in range(inner)] + leaf,
        value=generator.normal(size=every).tolist(),
        cover=cover.tolist(),
        missing_left=[False] * every,
    )
