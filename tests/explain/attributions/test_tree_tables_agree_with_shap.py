"""Tables of trees give the values of the exact engines: for all families, and for rows that stand on a split's edge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shap
import skops.io
import xgboost
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_wine
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor

from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.engines.fast import model as fast_model
from explain.attributions.engines.fast.readers import histogram_trees
from explain.attributions.engines.guard import Guarded
from explain.attributions.limits import Limits


@pytest.fixture(autouse=True)
def at_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_model, "may_pay", lambda *_: True)
    monkeypatch.setattr(fast_model, "pays", lambda *_: True)


def _guarded(path: Path, model_format: str, values: Any) -> Guarded:
    engine, _ = choose_engine(open_model(path, model_format, Limits()), values, None, Limits(), 0)
    assert isinstance(engine, Guarded), engine.chosen_because
    return engine


def _must_agree(engine: Guarded, values: Any, *, close: float = 1e-4) -> Any:
    """The fast values themselves, before the guard looks at them, beside those of the exact engine."""
    found, wanted = engine.fast(values), engine.judge.explain(values)
    size = 1 + np.abs(wanted.predictions).max()
    np.testing.assert_allclose(found, wanted.values, rtol=0, atol=close * size)
    base = np.atleast_2d(wanted.base_values)[0]
    np.testing.assert_allclose(found.sum(axis=1) + base, wanted.predictions, rtol=0, atol=close * size)
    guarded = engine.explain(values)
    assert guarded.recomputed == 0
    np.testing.assert_array_equal(guarded.values, found)
    return found


def _edges(engine: Guarded, trees: Any, width: int) -> Any:
    """One row for each split and each way to stand on its edge: the threshold, its neighbours in 32 and in 64 bits, a
    point between those, nothing, zero, and infinity; the other cells stand on the edges of other splits."""
    generator = np.random.default_rng(0)
    splits = [(t.feature[n], t.threshold[n]) for t in trees for n in range(len(t.left)) if t.left[n] >= 0]
    rows = np.zeros((len(splits) * 8, width))
    for feature, threshold in splits:
        rows[generator.random(len(rows)) < 0.2, feature] = threshold
    for number, (feature, threshold) in enumerate(splits):
        below = float(np.nextafter(np.float32(threshold), np.float32(-np.inf)))
        rows[number * 8 : number * 8 + 8, feature] = (
            threshold,
            below,
            float(np.nextafter(np.float32(threshold), np.float32(np.inf))),
            np.nextafter(threshold, -np.inf),
            np.nextafter(threshold, np.inf),
            below + 0.3 * (threshold - below),
            np.nan,
            0.0,
        )
    return rows


def _trees(engine: Guarded) -> Any:
    """The trees that the engine reads."""
    cells = dict(zip(engine.fast.__code__.co_freevars, engine.fast.__closure__ or (), strict=True))
    return cells["trees"].cell_contents.trees


@pytest.mark.parametrize("name", ["xgb_binary", "xgb_regression", "xgb_multiclass", "forest", "hist", "boosting"])
def test_values_are_those_of_shap(cases: Any, name: str) -> None:
    case = cases[name]
    values = case.frame.to_numpy(dtype=float)[:100]
    found = _must_agree(_guarded(case.path, case.model_format, values), values)
    wanted = np.asarray(shap.TreeExplainer(case.model).shap_values(case.frame.iloc[:100]))
    if name == "forest":
        wanted = wanted[:, :, 1]
    np.testing.assert_allclose(found.reshape(wanted.shape), wanted, atol=1e-4)


@pytest.mark.parametrize(
    "name",
    ["binary", "regression", "multiclass", "one_versus_all", "missing", "zeros", "categories", "counts", "forest"],
)
def test_lightgbm_values_are_its_own_to_the_ninth_digit(lightgbm_cases: Any, name: str) -> None:
    case = lightgbm_cases[name]
    values = case.frame.iloc[:200].astype(float).to_numpy()
    _must_agree(_guarded(case.path, case.model_format, values), values, close=1e-10)


@pytest.mark.parametrize("name", ["binary", "missing", "zeros", "regression"])
def test_lightgbm_rows_on_the_edge_of_a_split_go_its_way(lightgbm_cases: Any, name: str) -> None:
    case = lightgbm_cases[name]
    engine = _guarded(case.path, case.model_format, case.frame.iloc[:50].astype(float).to_numpy())
    rows = _edges(engine, _trees(engine), case.frame.shape[1])
    rows[::7] = np.where(rows[::7] == 0, 9e-36, rows[::7])  # as good as zero to LightGBM
    rows[3::11] = np.where(rows[3::11] == 0, 2e-35, rows[3::11])
    _must_agree(engine, rows, close=1e-10)


@pytest.mark.parametrize("name", ["xgb_binary", "xgb_regression", "hist", "forest", "boosting"])
def test_rows_on_the_edge_of_a_split_go_the_way_of_the_library(cases: Any, name: str) -> None:
    case = cases[name]
    engine = _guarded(case.path, case.model_format, case.frame.to_numpy(dtype=float)[:50])
    rows = _edges(engine, _trees(engine), case.frame.shape[1])
    if name in ("forest", "boosting"):  # trained without empty cells, they take none
        rows = np.nan_to_num(rows)
    _must_agree(engine, rows, close=1e-5 if name.startswith("xgb") else 1e-10)


def _xgboost(tmp_path: Path, values: Any, target: Any, **settings: Any) -> tuple[Guarded, Any]:
    model = xgboost.XGBRegressor(n_jobs=1, **settings).fit(values, target)
    model.get_booster().save_model(tmp_path / "model.json")
    rows = np.asarray(values, dtype=float)
    return _guarded(tmp_path / "model.json", "xgboost-json", rows), model


@pytest.mark.parametrize(
    "trained_with",
    [
        {"n_estimators": 20, "booster": "dart", "rate_drop": 0.3, "max_depth": 4},
        {"n_estimators": 20, "base_score": 100.0, "max_depth": 3},
        {"n_estimators": 8, "max_depth": 14, "min_child_weight": 0},
        {"n_estimators": 3, "num_parallel_tree": 4, "subsample": 0.6, "max_depth": 5},
        {"n_estimators": 10, "gamma": 1e9},
        {"n_estimators": 20, "objective": "count:poisson", "max_depth": 3},
        {"n_estimators": 20, "grow_policy": "lossguide", "max_leaves": 40, "max_depth": 0},
        {"n_estimators": 20, "objective": "reg:quantileerror", "quantile_alpha": 0.8, "max_depth": 3},
    ],
    ids=["dart", "base score", "deep", "parallel trees", "single leaves", "log link", "by leaves", "quantile"],
)
def test_xgboost_models_of_all_kinds(tmp_path: Path, trained_with: dict[str, Any]) -> None:
    values, target = load_diabetes(return_X_y=True)
    values = np.where(np.random.default_rng(0).random(values.shape) < 0.1, np.nan, values)
    engine, model = _xgboost(tmp_path, values, target, **trained_with)
    found = _must_agree(engine, values)
    if "gamma" in trained_with:
        assert not found.any()
    else:
        wanted = model.get_booster().predict(xgboost.DMatrix(values), pred_contribs=True)[:, :-1]
        assert np.abs(wanted).max() > 0.1
        np.testing.assert_allclose(found[:, :, 0], wanted, rtol=0, atol=1e-4 * np.abs(wanted).sum(axis=1).max())


def test_xgboost_keeps_the_rounds_of_early_stopping(tmp_path: Path) -> None:
    values, target = load_breast_cancer(return_X_y=True)
    model = xgboost.XGBClassifier(n_estimators=200, early_stopping_rounds=3, n_jobs=1, max_depth=3)
    model.fit(values[:400], target[:400], eval_set=[(values[400:], target[400:])], verbose=False)
    assert model.best_iteration < 190
    model.get_booster().save_model(tmp_path / "model.json")
    engine = _guarded(tmp_path / "model.json", "xgboost-json", values)
    assert len(_trees(engine)) == model.best_iteration + 1
    _must_agree(engine, values)


@pytest.mark.parametrize("one_hot", [2, 100], ids=["sets", "one against the others"])
def test_xgboost_categories_also_those_it_never_saw(tmp_path: Path, one_hot: int) -> None:
    generator = np.random.default_rng(2)
    rows = np.column_stack([generator.normal(size=800), generator.integers(0, 40, 800)])
    engine, _ = _xgboost(
        tmp_path,
        rows,
        rows[:, 0] + rows[:, 1] * 7 % 5,
        n_estimators=20,
        max_depth=5,
        enable_categorical=True,
        feature_types=["q", "c"],
        max_cat_to_onehot=one_hot,
    )
    rows[:10, 1] = [np.nan, 41, 63, 64, 500, -1, -0.5, 2.7, 1e8, 39]
    assert np.abs(_must_agree(engine, rows)[:, 1]).max() > 0.3


def _skops(tmp_path: Path, model: Any, values: Any) -> Guarded:
    skops.io.dump(model, tmp_path / "model.skops")
    return _guarded(tmp_path / "model.skops", "skops", values)


def _digits() -> tuple[Any, Any]:
    values, target = load_digits(return_X_y=True)
    return values[:600], target[:600]


@pytest.mark.parametrize(
    ("make", "data"),
    [
        (lambda: HistGradientBoostingRegressor(max_iter=20, loss="poisson", early_stopping=False), load_diabetes),
        (lambda: HistGradientBoostingClassifier(max_iter=5, early_stopping=False), load_wine),
        (lambda: GradientBoostingClassifier(n_estimators=10, random_state=0), load_breast_cancer),
        (lambda: RandomForestClassifier(6, random_state=0), load_wine),
        (lambda: RandomForestClassifier(3, max_depth=8, random_state=0), _digits),
        (lambda: ExtraTreesRegressor(5, max_depth=9, random_state=0), load_diabetes),
        (lambda: DecisionTreeRegressor(random_state=0), load_diabetes),
        (lambda: make_pipeline(SimpleImputer(), DecisionTreeRegressor(max_depth=5, random_state=0)), load_diabetes),
    ],
    ids=["log link", "three classes", "boosting", "forest", "ten classes", "extra trees", "a deep tree", "imputer"],
)
def test_scikit_learn_models_of_all_kinds(tmp_path: Path, make: Callable[[], Any], data: Callable[..., Any]) -> None:
    values, target = data() if data is _digits else data(return_X_y=True)
    model = make().fit(values, target)
    values = values[:120].copy()
    if "Pipeline" in type(model).__name__:
        values[::3, 2] = np.nan
    _must_agree(_skops(tmp_path, model, values), values, close=1e-9)


def test_histogram_boosting_with_empty_cells(tmp_path: Path) -> None:
    values, target = load_breast_cancer(return_X_y=True)
    values = np.where(np.random.default_rng(0).random(values.shape) < 0.2, np.nan, values)
    model = HistGradientBoostingClassifier(max_iter=20, early_stopping=False).fit(values, target)
    engine = _skops(tmp_path, model, values)
    _must_agree(engine, values, close=1e-10)
    _must_agree(engine, _edges(engine, _trees(engine), 30)[:3000], close=1e-10)


def test_trees_split_by_category_in_scikit_learn_are_not_read() -> None:
    generator = np.random.default_rng(0)
    values = np.column_stack([generator.normal(size=400), generator.integers(0, 12, 400)])
    target = values[:, 0] + values[:, 1] * 7 % 5
    assert histogram_trees(HistGradientBoostingRegressor(max_iter=5).fit(values, target)) is not None
    by_category = HistGradientBoostingRegressor(max_iter=5, categorical_features=[1]).fit(values, target)
    assert histogram_trees(by_category) is None
