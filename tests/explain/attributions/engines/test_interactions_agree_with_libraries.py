"""Interaction values beside those of shap and of XGBoost itself, on models trained on real data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shap
import skops.io
import xgboost
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.ensemble import ExtraTreesRegressor, HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.engines.fast import interactions as computed
from explain.attributions.engines.fast import model as fast_model
from explain.attributions.engines.fast.interactions import Found, interactions_of
from explain.attributions.engines.fast.model import read_trees
from explain.attributions.engines.guard import Guarded
from explain.attributions.limits import Limits
from tests.explain.attributions.engines.definition import by_definition

ROWS = 60


def _asked(path: Path, model_format: str, values: Any, *, spoilt: float = 0.0) -> list[Found]:
    """The interaction values of each output. `spoilt`: added to what the first row was explained by."""
    opened = open_model(path, model_format, Limits())
    engine, _ = choose_engine(opened, values, None, Limits(), 0)
    explained = engine.explain(values).values.copy()
    explained[0, 0] += spoilt
    return [interactions_of(engine, opened, values, n, explained[:, :, n]) for n in range(explained.shape[2])]


def _values(found: list[Found]) -> Any:
    """Shape (rows, features, features, outputs)."""
    for each in found:
        assert each.values is not None, each.why
        assert not each.why
        np.testing.assert_array_equal(each.values, each.values.transpose(0, 2, 1))
    return np.stack([each.values for each in found], axis=3)  # type: ignore[misc]


def _close(found: Any, wanted: Any, share: float) -> None:
    assert found.shape == wanted.shape
    off = np.abs(wanted) * (1 - np.eye(wanted.shape[1])[None, :, :, None])
    assert off.max() > 1e-3 * np.abs(wanted).max(), "there is nothing to compare"
    np.testing.assert_allclose(found, wanted, rtol=0, atol=share * (1 + np.abs(wanted).max()))


def _by_xgboost(booster: Any, matrix: Any) -> Any:
    found = np.asarray(booster.predict(matrix, pred_interactions=True), float)
    found = found[:, None] if found.ndim == 3 else found
    return found[:, :, :-1, :-1].transpose(0, 2, 3, 1)


@pytest.mark.parametrize("name", ["xgb_binary", "xgb_regression", "xgb_multiclass"])
def test_xgboost_models_have_the_values_of_xgboost_and_of_shap(cases: Any, name: str) -> None:
    case = cases[name]
    frame = case.frame.iloc[:ROWS]
    found = _values(_asked(case.path, case.model_format, frame.to_numpy(dtype=float)))
    assert found.shape[3] == (3 if name == "xgb_multiclass" else 1)
    _close(found, _by_xgboost(case.model.get_booster(), xgboost.DMatrix(frame)), 1e-5)
    wanted = np.asarray(shap.TreeExplainer(case.model).shap_interaction_values(frame))
    _close(found, wanted.reshape(found.shape), 1e-5)


@pytest.mark.parametrize("name", ["binary", "regression", "multiclass", "missing", "counts"])
def test_lightgbm_models_have_the_values_of_shap(lightgbm_cases: Any, name: str) -> None:
    case = lightgbm_cases[name]
    frame = case.frame.iloc[:ROWS]
    found = _values(_asked(case.path, case.model_format, frame.to_numpy(dtype=float)))
    wanted = np.asarray(shap.TreeExplainer(case.model).shap_interaction_values(frame))
    _close(found, wanted.reshape(found.shape), 1e-9)


@pytest.mark.parametrize("name", ["categories", "zeros", "forest", "one_versus_all"])
def test_lightgbm_models_that_shap_does_not_read_have_the_values_of_the_definition(
    lightgbm_cases: Any, name: str
) -> None:
    case = lightgbm_cases[name]
    values = case.frame.iloc[:40].astype(float).to_numpy()
    told = _asked(case.path, case.model_format, values)
    found = _values(told)
    opened = open_model(case.path, case.model_format, Limits())
    engine, _ = choose_engine(opened, values, None, Limits(), 0)
    read = read_trees(engine, opened)
    assert read is not None
    places = [0, 17]
    wanted = np.array(
        [by_definition([t for t in read.trees if t.output == 0], read.rule, row) for row in read.seen(values[places])]
    )
    _close(found[places][..., :1], wanted[..., None], 1e-10)
    if name == "categories":
        assert told[0].by_category == {case.frame.columns.get_loc("bmi"), case.frame.columns.get_loc("s5")}
    else:
        assert not told[0].by_category


@pytest.mark.parametrize("name", ["forest", "hist", "boosting"])
def test_scikit_learn_models_have_the_values_of_shap(cases: Any, name: str) -> None:
    case = cases[name]
    values = case.frame.to_numpy(dtype=float)[:ROWS]
    found = _values(_asked(case.path, case.model_format, values))
    wanted = np.asarray(shap.TreeExplainer(case.model).shap_interaction_values(case.frame.iloc[:ROWS]))
    if name == "forest":
        wanted = wanted[..., 1]
    _close(found, wanted.reshape(found.shape), 1e-9)


@pytest.mark.parametrize(
    ("make", "data", "gaps"),
    [
        (lambda: RandomForestClassifier(6, max_depth=6, random_state=0), load_wine, False),
        (lambda: ExtraTreesRegressor(6, max_depth=9, random_state=0), load_diabetes, False),
        (lambda: DecisionTreeClassifier(random_state=0), load_iris, False),
        (lambda: HistGradientBoostingRegressor(max_iter=20, early_stopping=False), load_diabetes, True),
    ],
    ids=["three classes", "extra trees", "one tree", "empty cells"],
)
def test_all_outputs_of_scikit_learn_models(
    tmp_path: Path, make: Callable[[], Any], data: Callable[..., Any], gaps: bool
) -> None:
    values, target = data(return_X_y=True)
    if gaps:
        values = np.where(np.random.default_rng(0).random(values.shape) < 0.15, np.nan, values)
    model = make().fit(values, target)
    skops.io.dump(model, tmp_path / "model.skops")
    rows = np.ascontiguousarray(values[::4][:ROWS])
    found = _values(_asked(tmp_path / "model.skops", "skops", rows))
    wanted = np.asarray(shap.TreeExplainer(model).shap_interaction_values(rows))
    _close(found, wanted.reshape(found.shape), 1e-9)


def _xgboost(tmp_path: Path, values: Any, target: Any, **settings: Any) -> tuple[Path, Any]:
    model = xgboost.XGBRegressor(n_jobs=1, **settings).fit(values, target)
    model.get_booster().save_model(tmp_path / "model.json")
    return tmp_path / "model.json", model.get_booster()


@pytest.mark.parametrize(
    "trained_with",
    [
        {"n_estimators": 20, "booster": "dart", "rate_drop": 0.3, "max_depth": 4},
        {"n_estimators": 5, "max_depth": 12, "min_child_weight": 0},
        {"n_estimators": 20, "base_score": 100.0, "max_depth": 3},
    ],
    ids=["dart", "deep", "base score"],
)
def test_xgboost_models_of_other_kinds_with_empty_cells(tmp_path: Path, trained_with: dict[str, Any]) -> None:
    values, target = load_diabetes(return_X_y=True)
    values = np.where(np.random.default_rng(0).random(values.shape) < 0.1, np.nan, values)
    path, booster = _xgboost(tmp_path, values, target, **trained_with)
    found = _values(_asked(path, "xgboost-json", values[:ROWS]))
    _close(found, _by_xgboost(booster, xgboost.DMatrix(values[:ROWS])), 1e-5)


def test_xgboost_keeps_the_rounds_of_early_stopping(tmp_path: Path) -> None:
    values, target = load_breast_cancer(return_X_y=True)
    model = xgboost.XGBClassifier(n_estimators=200, early_stopping_rounds=3, n_jobs=1, max_depth=3)
    model.fit(values[:400], target[:400], eval_set=[(values[400:], target[400:])], verbose=False)
    assert model.best_iteration < 190
    model.get_booster().save_model(tmp_path / "model.json")
    found = _values(_asked(tmp_path / "model.json", "xgboost-json", values[:20]))
    wanted = model.get_booster().predict(
        xgboost.DMatrix(values[:20]), pred_interactions=True, iteration_range=(0, model.best_iteration + 1)
    )
    _close(found[..., 0][..., None], wanted[:, :-1, :-1, None], 1e-5)


@pytest.mark.parametrize("one_hot", [2, 100], ids=["sets", "one against the others"])
def test_xgboost_categories(tmp_path: Path, one_hot: int) -> None:
    generator = np.random.default_rng(2)
    rows = np.column_stack([generator.normal(size=(800, 2)), generator.integers(0, 40, 800)])
    path, booster = _xgboost(
        tmp_path,
        rows,
        rows[:, 0] * (rows[:, 2] * 7 % 5) + rows[:, 1],
        n_estimators=20,
        max_depth=5,
        enable_categorical=True,
        feature_types=["q", "q", "c"],
        max_cat_to_onehot=one_hot,
    )
    told = _asked(path, "xgboost-json", rows[:ROWS])
    matrix = xgboost.DMatrix(rows[:ROWS], feature_types=["q", "q", "c"], enable_categorical=True)
    _close(_values(told), _by_xgboost(booster, matrix), 1e-5)
    assert told[0].by_category == {2}


def test_rows_go_through_the_steps_before_the_trees(tmp_path: Path) -> None:
    values, target = load_diabetes(return_X_y=True)
    model = make_pipeline(SimpleImputer(), RandomForestClassifier(5, max_depth=4, random_state=0))
    model.fit(values, target > 140)
    skops.io.dump(model, tmp_path / "model.skops")
    values[:ROWS:3, 2] = np.nan
    found = _values(_asked(tmp_path / "model.skops", "skops", values[:ROWS]))
    wanted = shap.TreeExplainer(model[-1]).shap_interaction_values(model[0].transform(values[:ROWS]))
    _close(found, np.asarray(wanted)[..., 1:], 1e-9)


def test_a_guarded_engine_has_its_trees_read_too(cases: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_model, "may_pay", lambda *_: True)
    monkeypatch.setattr(fast_model, "pays", lambda *_: True)
    case = cases["xgb_binary"]
    values = case.frame.to_numpy(dtype=float)[:ROWS]
    opened = open_model(case.path, case.model_format, Limits())
    engine, _ = choose_engine(opened, values, None, Limits(), 0)
    assert isinstance(engine, Guarded)
    found = interactions_of(engine, opened, values, 0, engine.explain(values).values[:, :, 0])
    _close(_values([found]), _by_xgboost(case.model.get_booster(), xgboost.DMatrix(case.frame.iloc[:ROWS])), 1e-5)


def test_values_that_do_not_add_up_to_the_explained_ones_are_not_given(cases: Any) -> None:
    case = cases["xgb_regression"]
    values = case.frame.to_numpy(dtype=float)[:ROWS]
    (found,) = _asked(case.path, case.model_format, values, spoilt=0.1)
    assert found.values is None
    assert found.why.startswith("How features work together is not shown: the values did not add up")


@pytest.mark.parametrize(
    ("name", "field", "wrong"),
    [
        ("regression", "value", lambda old: 1.01 * old),
        ("regression", "cover", lambda old: old**0.5),
        ("regression", "threshold", lambda old: old + 0.01),
        ("missing", "missing_left", lambda old: not old),
        ("regression", "value", lambda _: float("nan")),
    ],
    ids=["values", "cover", "thresholds", "empty cells", "no numbers"],
)
def test_trees_that_were_read_wrongly_are_found_out(
    lightgbm_cases: Any, monkeypatch: pytest.MonkeyPatch, name: str, field: str, wrong: Callable[[Any], Any]
) -> None:
    case = lightgbm_cases[name]
    read = fast_model.lightgbm_trees

    def spoilt(loaded: Any) -> Any:
        trees = read(loaded)
        assert trees is not None
        one = getattr(trees[3], field)
        one[:] = [wrong(old) for old in one]
        return trees

    monkeypatch.setattr(fast_model, "lightgbm_trees", spoilt)
    (found,) = _asked(case.path, case.model_format, case.frame.to_numpy(dtype=float)[:ROWS])
    assert found.values is None
    assert "did not add up" in found.why


@pytest.mark.parametrize("name", ["logistic", "mlp"])
def test_models_without_trees_have_no_values_and_a_reason(cases: Any, name: str) -> None:
    case = cases[name]
    for found in _asked(case.path, case.model_format, case.frame.to_numpy(dtype=float)[:20]):
        assert found.values is None
        assert "only for models made of trees" in found.why


def test_linear_boosters_have_no_trees(tmp_path: Path) -> None:
    values, target = load_diabetes(return_X_y=True)
    path, _ = _xgboost(tmp_path, values, target, booster="gblinear", n_estimators=3)
    (found,) = _asked(path, "xgboost-json", values[:20])
    assert found.values is None


def test_where_all_rows_would_take_too_long_some_of_them_are_computed_and_never_too_few(
    cases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = cases["xgb_binary"]
    values = case.frame.to_numpy(dtype=float)[:200]
    (whole,) = _asked(case.path, case.model_format, values)
    assert whole.values is not None
    assert whole.places.tolist() == list(range(200))
    monkeypatch.setattr(computed, "MOST_RESULTS", 8 * 8 * 67)
    (part,) = _asked(case.path, case.model_format, values)
    assert part.values is not None
    assert part.why == "How features work together was computed for 67 of 200 rows; more would take too long."
    assert (part.places[0], part.places[-1], len(set(part.places.tolist()))) == (0, 199, 67)
    np.testing.assert_allclose(part.values, whole.values[part.places], rtol=0, atol=1e-12)
    monkeypatch.setattr(computed, "MOST_RESULTS", 8 * 8 * 49)
    (none,) = _asked(case.path, case.model_format, values)
    assert none.values is None
    assert "too large a computation" in none.why


@pytest.mark.parametrize("bound", ["MOST_STEPS", "MOST_PAIRS"])
def test_many_deep_trees_are_left_alone(cases: Any, monkeypatch: pytest.MonkeyPatch, bound: str) -> None:
    monkeypatch.setattr(computed, bound, 100)
    case = cases["forest"]
    (found,) = _asked(case.path, case.model_format, case.frame.to_numpy(dtype=float)[:ROWS])
    assert found.values is None
    assert found.why == (
        "How features work together was not computed: with 8 features and 15 trees of this depth it would be too large a computation."
    )
