"""The same values as shap, and values that add up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shap

from explain.attributions.engines.dispatch import choose_engine, explain_rows, open_model
from explain.attributions.engines.permutation import Permutation, plan
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused


def _explained(case: Any, rows: int = 60, **more: Any) -> Any:
    opened = open_model(case.path, case.model_format, Limits())
    values = case.frame.to_numpy(dtype=float)[:rows]
    return explain_rows(opened, values, tuple(case.frame.columns), **more)


@pytest.mark.parametrize("name", ["xgb_binary", "xgb_regression", "xgb_multiclass", "forest", "hist", "boosting"])
def test_tree_values_are_those_of_shap(cases: Any, name: str) -> None:
    case = cases[name]
    found = _explained(case)
    reference = shap.TreeExplainer(case.model)
    wanted = np.asarray(reference.shap_values(case.frame.iloc[:60]))
    if name == "forest":
        wanted = wanted[:, :, 1]
    assert found.values.shape == wanted.shape
    np.testing.assert_allclose(found.values, wanted, atol=1e-4)
    assert found.max_additivity_error < 1e-3
    expected = np.atleast_1d(reference.expected_value)
    np.testing.assert_allclose(found.base_values, expected[-1:] if name == "forest" else expected, atol=1e-4)


def test_linear_values_are_those_of_shap_behind_a_scaler(cases: Any) -> None:
    case = cases["logistic"]
    found = _explained(case)
    scaler, linear = case.model[0], case.model[1]
    scaled = scaler.transform(case.frame.iloc[:60])
    background = shap.maskers.Independent(scaled, max_samples=len(scaled))
    wanted = shap.LinearExplainer(linear, background).shap_values(scaled)
    np.testing.assert_allclose(found.values, wanted, atol=1e-6)
    assert found.output_space == "log-odds"
    assert found.engine == "linear closed form"


def test_permutation_comes_near_the_exact_values(cases: Any) -> None:
    case = cases["mlp"]
    found = _explained(case, rows=12)
    assert found.engine == "permutation"
    assert found.values.shape == (12, 4, 3)
    background = case.frame.to_numpy(dtype=float)[:12]
    exact = shap.ExactExplainer(
        lambda x: case.model.predict_proba(_named(case, x)), shap.maskers.Independent(background)
    )
    wanted = exact(background).values
    assert np.abs(found.values - wanted).max() < 0.03
    assert found.seed_spread is not None
    assert found.max_additivity_error < 1e-9


def _named(case: Any, values: Any) -> Any:
    import pandas as pd

    return pd.DataFrame(values, columns=case.frame.columns)


def test_permutation_is_the_same_for_the_same_seed_and_another_for_another(cases: Any) -> None:
    first, again, other = (_explained(cases["mlp"], rows=6, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.values, again.values)
    assert not np.array_equal(first.values, other.values)


def test_an_additive_function_has_no_spread_between_seeds() -> None:
    generator = np.random.default_rng(0)
    background = generator.normal(size=(20, 5))
    weights = np.arange(5.0)
    engine = Permutation(lambda x: (x @ weights)[:, None], background, 4, 0, "value", "", "")
    values = generator.normal(size=(7, 5))
    batch = engine.explain(values)
    np.testing.assert_allclose(batch.values[:, :, 0], weights * (values - background.mean(axis=0)), atol=1e-12)
    assert batch.spread is not None
    assert batch.spread.max() < 1e-12


def test_a_budget_cuts_pairs_before_rows_and_refuses_rows_that_were_asked_for() -> None:
    limits = Limits(evaluations=100_000)
    cut = plan(10_000, 10, 100, limits, rows_asked=False)
    assert cut.rows * 2 * cut.pairs * 10 * cut.background <= 100_000
    assert cut.rows < 10_000
    assert plan(5, 10, 100, limits, rows_asked=False).rows == 5
    with pytest.raises(ExplainRefused) as refused:
        plan(10_000, 10, 100, limits, rows_asked=True)
    assert refused.value.code == "limit_exceeded"


def test_an_exact_engine_that_does_not_add_up_gives_way_to_permutation(
    cases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = cases["forest"]
    opened = open_model(case.path, "skops", Limits())
    values = case.frame.to_numpy(dtype=float)[:10]
    engine, _ = choose_engine(opened, values, None, Limits(), 0)
    assert engine.name == "shap.TreeExplainer"
    monkeypatch.setattr("explain.attributions.engines.dispatch.adds_up", lambda _: False)
    engine, _ = choose_engine(opened, values, None, Limits(), 0)
    assert engine.name == "permutation"
    assert "did not add up" in engine.chosen_because


def test_missing_values_go_through_boosted_trees_and_are_refused_by_linear_models(cases: Any) -> None:
    values = cases["xgb_binary"].frame.to_numpy(dtype=float)[:5].copy()
    values[2, 3] = np.nan
    names = tuple(cases["xgb_binary"].frame.columns)
    boosted = explain_rows(open_model(cases["xgb_binary"].path, "xgboost-json", Limits()), values, names)
    assert np.isfinite(boosted.values).all()
    with pytest.raises(ExplainRefused) as refused:
        explain_rows(open_model(cases["logistic"].path, "skops", Limits()), values, names)
    assert refused.value.code == "malformed_data"
