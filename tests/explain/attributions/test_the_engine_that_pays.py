"""Tables of trees are chosen where they pay, never at the price of memory, and the choice is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
from sklearn.ensemble import RandomForestRegressor

from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.engines.fast import readers
from explain.attributions.engines.fast.lookups import Trees
from explain.attributions.engines.fast.pays import Sizes, pays, sizes_of
from explain.attributions.engines.fast.readers import XGBOOST, xgboost_trees
from explain.attributions.engines.fast.tables import MOST_CELLS, Effort, leaf_tables, sizes_with_tables, unit_values
from explain.attributions.engines.fast.tree import Tree
from explain.attributions.limits import Limits
from explain.attributions.sandbox import explain_files


def _chosen(case: Any, rows: int) -> Any:
    values = np.resize(case.frame.to_numpy(dtype=float), (rows, case.frame.shape[1]))
    engine, _ = choose_engine(open_model(case.path, case.model_format, Limits()), values, None, Limits(), 0)
    return engine


@pytest.mark.parametrize("name", ["xgb_binary", "forest", "hist"])
def test_few_rows_are_for_the_librarys_own_engine_and_many_for_tables(cases: Any, name: str) -> None:
    few, many = _chosen(cases[name], 50), _chosen(cases[name], 20_000)
    assert few.name in ("xgboost pred_contribs", "shap.TreeExplainer")
    assert many.name == "tree tables"
    assert "which pays for 20,000 rows" in many.chosen_because
    assert f"a sample against {few.name}" in many.chosen_because
    assert many.exact
    assert many.background == few.background


def test_a_choice_against_tables_is_told_too(cases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("explain.attributions.engines.fast.model.pays", lambda *_: False)
    engine = _chosen(cases["xgb_binary"], 5_000)
    assert engine.name == "xgboost pred_contribs"
    assert engine.chosen_because.endswith("Tables of its trees would not pay for 5,000 rows.")


def test_more_rows_and_fewer_threads_speak_for_tables_and_deeper_leaves_against_them() -> None:
    sizes = Sizes(trees=300, leaves=19_200, squares=19_200 * 36, cells=19_200 * 6 * 64, deep=0, most=6)
    paying = [rows for rows in (100, 1_000, 10_000, 100_000) if pays(sizes, rows, "xgboost", 2)]
    assert paying == [1_000, 10_000, 100_000]
    least = [next(rows for rows in range(1, 10_000) if pays(sizes, rows, "lightgbm", threads)) for threads in (1, 2, 4)]
    assert least == sorted(set(least))
    deep = Sizes(trees=300, leaves=19_200, squares=19_200 * 36, cells=0, deep=19_200, most=14)
    assert not pays(deep, 1_000, "xgboost", 2)


def test_models_too_large_to_hold_as_lists_stay_with_their_library(
    cases: Any, lightgbm_cases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MOST_BYTES", 1_000)
    monkeypatch.setattr(readers, "MOST_NODES", 10)
    for case in (cases["xgb_binary"], cases["hist"], cases["forest"], cases["boosting"], lightgbm_cases["binary"]):
        assert _chosen(case, 20_000).name != "tree tables"


def test_trees_that_cannot_be_read_are_left_to_the_engine_that_needs_no_reading(
    cases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:

    def unknown(model: Any) -> Any:
        raise AttributeError("_predictors")

    monkeypatch.setattr("explain.attributions.engines.fast.model.histogram_trees", unknown)
    assert _chosen(cases["hist"], 20_000).name == "shap.TreeExplainer"


def test_a_tree_with_very_many_leaves_has_tables_for_the_small_ones_only() -> None:
    few = {3: 4, 9: 100, 10: 50}
    assert sizes_with_tables(few) == {3, 9, 10}
    many = {3: 4, 9: 100, 10: 5_000}
    assert sizes_with_tables(many) == {3, 9}
    assert MOST_CELLS < 5_000 * 10 * 2**10
    assert sizes_with_tables({11: 1}) == set()


def test_a_forest_grown_without_end_has_the_values_of_shap_within_little_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explain.attributions.engines.fast.tables.MOST_CELLS", 20_000)
    generator = np.random.default_rng(0)
    values = generator.normal(size=(600, 14))
    model = RandomForestRegressor(3, random_state=0).fit(
        values, values[:, 0] * values[:, 1] + generator.normal(size=600)
    )
    skops.io.dump(model, tmp_path / "model.skops")
    opened = open_model(tmp_path / "model.skops", "skops", Limits())
    engine, _ = choose_engine(opened, np.resize(values, (4_000, 14)), None, Limits(), 0)
    assert engine.name == "tree tables"
    wanted = engine.judge.explain(values[:200]).values  # type: ignore[attr-defined]
    np.testing.assert_allclose(engine.fast(values[:200]), wanted, atol=1e-10)  # type: ignore[attr-defined]


def _brute(shares: Any, pattern: Any) -> Any:
    """Shapley values of the product game by all subsets (Shapley 1953)."""
    from itertools import combinations
    from math import factorial

    count = len(shares)

    def worth(subset: set[int]) -> float:
        return float(np.prod([pattern[one] if one in subset else shares[one] for one in range(count)]))

    found = np.zeros(count)
    for feature in range(count):
        others = [one for one in range(count) if one != feature]
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for subset in combinations(others, size):
                found[feature] += weight * (worth({*subset, feature}) - worth(set(subset)))
    return found


@pytest.mark.parametrize("count", [1, 2, 3, 5, 6])
def test_a_leafs_table_holds_the_shapley_values_of_its_game(count: int) -> None:
    shares = np.random.default_rng(count).uniform(1e-6, 1, (2, count))
    table = leaf_tables(shares, np.array([1.0, -3.0]))
    assert table.shape == (2, count, 2**count)
    for index in range(2**count):
        pattern = np.array([index >> place & 1 for place in range(count)], dtype=float)
        wanted = _brute(shares[0], pattern)
        np.testing.assert_allclose(table[0, :, index], wanted, atol=1e-12)
        np.testing.assert_allclose(unit_values(shares[0], pattern[:, None])[:, 0], wanted, atol=1e-12)
        np.testing.assert_allclose(table[1, :, index], -3 * _brute(shares[1], pattern), atol=1e-12)


def test_tables_added_up_give_what_single_leaves_give(cases: Any) -> None:
    trees = xgboost_trees(open_model(cases["xgb_binary"].path, "xgboost-json", Limits()).model, 0)
    assert trees is not None
    values = cases["xgb_binary"].frame.to_numpy(dtype=float)
    # made for one row, no sum is worth its while; made for a million, every sum is
    alone = Trees(trees, XGBOOST, 8, 1).values(values, 1)
    together = Trees(trees, XGBOOST, 8, 1).values(values, 1_000_000)
    np.testing.assert_allclose(alone, together, atol=1e-12)
    assert not Effort(1).worth(10, 5, 3)
    assert Effort(1_000_000).worth(10, 5, 3)


def test_a_tree_whose_nodes_hold_no_rows_is_not_read() -> None:
    tree = Tree([0, -1, -1], [0.5, 0, 0], [1, -1, -1], [2, -1, -1], [0, 1, 2], [10, 0, 10], [False] * 3)
    assert not tree.sound
    assert sizes_of([tree]) == Sizes(trees=1, leaves=2, squares=2, cells=4, deep=0, most=1)


def test_the_sandbox_explains_many_rows_with_tables(cases: Any, tmp_path: Path) -> None:
    case = cases["xgb_binary"]
    data = tmp_path / "data.parquet"
    pd.concat([case.frame] * 6, ignore_index=True).to_parquet(data)
    summary = explain_files(
        model_path=case.path, data_path=data, model_format=case.model_format, folder=tmp_path / "out", inline_rows=4_000
    )
    assert summary["engine"] == "tree tables"
    assert summary["recomputed_rows"] == 0
    assert summary["versions"]["xgboost"]
    wanted = case.model.get_booster().predict(_matrix(case), pred_contribs=True)[:, :-1]
    np.testing.assert_allclose(np.array(summary["inline_values"])[: len(wanted)], wanted, atol=1e-4)


def _matrix(case: Any) -> Any:
    import xgboost

    return xgboost.DMatrix(case.frame)
