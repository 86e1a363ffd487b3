"""LightGBM's own contributions: the values of shap, in all shapes, and values that add up."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import shap

from explain.attributions.engines import lightgbm_own
from explain.attributions.engines.dispatch import choose_engine, explain_rows, open_model
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused


def _values(case: Any, rows: int = 80) -> np.ndarray:
    return case.frame.iloc[:rows].astype(float).to_numpy()


def _explained(case: Any, rows: int = 80) -> Any:
    opened = open_model(case.path, case.model_format, Limits())
    return explain_rows(opened, _values(case, rows), tuple(case.frame.columns))


@pytest.mark.parametrize(
    ("name", "space", "shape"),
    [
        ("binary", "log-odds", (80, 8)),
        ("regression", "value", (80, 10)),
        ("multiclass", "log-odds", (80, 4, 3)),
        ("one_versus_all", "log-odds", (80, 4, 3)),
        ("missing", "log-odds", (80, 8)),
        ("zeros", "log-odds", (80, 8)),
        ("categories", "value", (80, 10)),
        ("counts", "log", (80, 10)),
        ("constant", "value", (80, 4)),
    ],
)
def test_values_are_those_of_shap_and_add_up_in_each_row(
    lightgbm_cases: Any, name: str, space: str, shape: tuple[int, ...]
) -> None:
    case = lightgbm_cases[name]
    found = _explained(case)
    reference = shap.TreeExplainer(case.model)
    wanted = np.asarray(reference.shap_values(case.frame.iloc[:80]))
    assert found.engine == "lightgbm pred_contrib"
    assert (found.output_space, found.values.shape) == (space, shape)
    np.testing.assert_allclose(found.values, wanted, atol=1e-4)
    np.testing.assert_allclose(found.base_values, np.atleast_1d(reference.expected_value), atol=1e-4)
    margins = case.model.predict(case.frame.iloc[:80], raw_score=True).reshape(80, -1)
    np.testing.assert_allclose(found.predictions, margins, atol=1e-9)
    totals = found.values.reshape(80, shape[1], -1).sum(axis=1) + found.base_values
    np.testing.assert_allclose(totals, margins, atol=1e-9)
    assert found.max_additivity_error < 1e-9


def test_a_random_forest_gives_the_log_odds_it_predicts_with_not_their_sum(lightgbm_cases: Any) -> None:
    case = lightgbm_cases["forest"]
    found = _explained(case)
    wanted = np.asarray(shap.TreeExplainer(case.model).shap_values(case.frame.iloc[:80]))
    np.testing.assert_allclose(found.values, wanted / 10, atol=1e-4)
    chances = case.model.predict_proba(case.frame.iloc[:80])[:, 1]
    np.testing.assert_allclose(1 / (1 + np.exp(-found.predictions[:, 0])), chances, atol=1e-9)
    assert found.max_additivity_error < 1e-9


def test_categories_that_pandas_numbered_are_read_as_they_stand_in_the_table(tmp_path: Path) -> None:
    import lightgbm

    generator = np.random.default_rng(5)
    place = pd.Categorical(generator.choice([3, 7, 20, 400], 500))
    frame = pd.DataFrame({"size": generator.normal(size=500), "place": place})
    target = np.where(frame["place"].astype(int).isin([7, 400]), 4.0, 1.0) + frame["size"]
    model = lightgbm.LGBMRegressor(n_estimators=15, verbose=-1, n_jobs=1, min_data_per_group=5).fit(frame, target)
    path = tmp_path / "model.txt"
    model.booster_.save_model(path)
    rows = frame.iloc[:50].astype(float).to_numpy()
    rows[4, 1] = 5  # a category that training did not have
    rows[5, 1] = np.nan
    known = pd.Series(rows[:, 1]).where(lambda column: column != 5)
    asked = pd.DataFrame({"size": rows[:, 0], "place": pd.Categorical(known, categories=[3, 7, 20, 400])})
    found = explain_rows(open_model(path, "lightgbm-text", Limits()), rows, ("size", "place"))
    wanted = model.predict(asked, pred_contrib=True)[:, :2]
    assert np.abs(wanted[:, 1]).min() > 0.5
    np.testing.assert_allclose(found.values, wanted, atol=1e-9)


def test_row_counts_that_do_not_fit_give_way_to_permutation_since_wrong_values_would_add_up(
    lightgbm_cases: Any, tmp_path: Path
) -> None:
    case = lightgbm_cases["binary"]
    lines = case.path.read_text().split("\n")
    place = next(place for place, line in enumerate(lines) if line.startswith("internal_count="))
    counts = lines[place].removeprefix("internal_count=").split(" ")
    # as many digits as before, so that the sizes of the trees stay right
    lines[place] = "internal_count=" + " ".join(["9" * len(counts[0]), *counts[1:]])
    path = tmp_path / "model.txt"
    path.write_text("\n".join(lines))
    opened = open_model(path, "lightgbm-text", Limits())
    engine, _ = choose_engine(opened, _values(case, 20), None, Limits(), 0)
    assert engine.name == "permutation"
    assert engine.output_space == "log-odds"
    assert engine.chosen_because.startswith("The rows counted in the trees of this model do not fit")
    batch = engine.explain(_values(case, 5))
    np.testing.assert_allclose(batch.predictions[:, 0], case.model.predict(case.frame.iloc[:5], raw_score=True))


def test_log_odds_are_promised_only_with_the_usual_sigmoid(lightgbm_cases: Any) -> None:
    facts = open_model(lightgbm_cases["binary"].path, "lightgbm-text", Limits()).model.facts
    assert lightgbm_own.output_space(facts) == "log-odds"
    assert lightgbm_own.output_space(dataclasses.replace(facts, settings={"sigmoid": "2"})) == "value"
    assert lightgbm_own.output_space(dataclasses.replace(facts, objective="")) == "value"


def test_where_the_library_cannot_be_loaded_one_sentence_says_what_to_install(
    lightgbm_cases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import builtins

    real = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file")
        return real(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ExplainRefused) as refused:
        open_model(lightgbm_cases["binary"].path, "lightgbm-text", Limits())
    assert refused.value.code == "unsupported_model"
    assert "libgomp1" in refused.value.message
