"""Both sides of a what-if are those of the libraries themselves; nothing of the difference is chance."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shap
import xgboost

from explain.attributions import asking
from explain.attributions.asking import Answer, ask_model
from explain.attributions.refused import ExplainRefused
from explain.attributions.sandbox import explain_files

ROW = 5


def changed(frame: Any, changes: dict[int, float | None]) -> Any:
    """The row as it is and as it might be, (2, features)."""
    both = np.vstack([frame.to_numpy(float)[ROW - 1]] * 2)
    for place, value in changes.items():
        both[1, place] = np.nan if value is None else value
    return both


def ask(case: Any, folder: Path, changes: dict[int, float | None], *, outputs: int = 1, **options: Any) -> Answer:
    """The row of the file with other values, by an engine that needs no rows, unless `needs_rows`."""
    needs_rows = options.pop("needs_rows", False)
    values = case.frame.to_numpy(float)[ROW - 1].tolist()
    return ask_model(
        model_path=case.path,
        model_format=case.model_format,
        data_path=case.csv if needs_rows or options.get("from_file") else None,
        needs_rows=needs_rows,
        folder=folder,
        row=ROW,
        values=None if options.pop("from_file", False) or needs_rows else values,
        changes=changes,
        outputs=outputs,
        features=case.frame.shape[1],
        **options,
    )


def test_xgboost_gives_both_sides_without_reading_the_data(cases: Any, tmp_path: Path) -> None:
    case, changes = cases["xgb_binary"], {7: 0.01, 3: 300.0}
    found = ask(case, tmp_path, changes)
    rows = xgboost.DMatrix(changed(case.frame, changes), feature_names=list(case.frame.columns))
    parts = case.model.get_booster().predict(rows, pred_contribs=True)
    margins = case.model.get_booster().predict(rows, output_margin=True)
    for side, place in (("before", 0), ("after", 1)):
        assert found[side]["attributions"][0] == pytest.approx(parts[place, :-1], abs=1e-5)
        assert found[side]["base_values"][0] == pytest.approx(parts[place, -1], abs=1e-5)
        assert found[side]["predictions"][0] == pytest.approx(margins[place], abs=1e-5)
    assert found["before"]["predictions"] != found["after"]["predictions"]
    assert (found["spread"], found["data_sha256"]) == (None, None)
    assert list(tmp_path.iterdir()) == []


def test_a_row_without_a_record_is_read_from_the_file_to_its_last_digit(cases: Any, tmp_path: Path) -> None:
    case, changes = cases["xgb_multiclass"], {2: None}
    found = ask(case, tmp_path / "one", changes, outputs=3, from_file=True)
    by_values = ask(case, tmp_path / "two", changes, outputs=3)
    assert found["before"] == by_values["before"]
    assert found["after"] == by_values["after"]
    rows = xgboost.DMatrix(changed(case.frame, changes), feature_names=list(case.frame.columns))
    parts = case.model.get_booster().predict(rows, pred_contribs=True)
    assert np.asarray(found["after"]["attributions"]) == pytest.approx(parts[1][:, :-1], abs=1e-5)


def test_a_forest_gives_the_values_of_shap(cases: Any, tmp_path: Path) -> None:
    case, changes = cases["forest"], {0: 25.0}
    found = ask(case, tmp_path, changes)
    explainer = shap.TreeExplainer(case.model, feature_perturbation="tree_path_dependent")
    parts = explainer.shap_values(changed(case.frame, changes), check_additivity=False)[:, :, 1]
    assert found["before"]["attributions"][0] == pytest.approx(parts[0], abs=1e-6)
    assert found["after"]["attributions"][0] == pytest.approx(parts[1], abs=1e-6)


def test_lightgbm_gives_both_sides_by_itself(lightgbm_cases: Any, tmp_path: Path) -> None:
    case, changes = lightgbm_cases["missing"], {7: None, 3: 300.0}
    before = [None if np.isnan(value) else float(value) for value in case.frame.to_numpy(float)[ROW - 1]]
    found = ask_model(
        model_path=case.path, model_format=case.model_format, data_path=None, needs_rows=False, folder=tmp_path, row=ROW,
        values=before, changes=changes, outputs=1, features=8,
    )  # fmt: skip
    parts = case.model.booster_.predict(changed(case.frame, changes), pred_contrib=True)
    assert found["before"]["attributions"][0] == pytest.approx(parts[0, :-1], abs=1e-9)
    assert found["after"]["attributions"][0] == pytest.approx(parts[1, :-1], abs=1e-9)


def test_a_linear_model_is_held_against_the_rows_of_the_explanation(cases: Any, tmp_path: Path) -> None:
    case, changes = cases["logistic"], {1: 30.0}
    found = ask(case, tmp_path, changes, needs_rows=True, rows=200)
    both = case.model[0].transform(changed(case.frame, changes))
    means = case.model[0].transform(case.frame.to_numpy(float)[:200]).mean(axis=0)
    parts = (both - means) * case.model[1].coef_[0]
    assert found["before"]["attributions"][0] == pytest.approx(parts[0], abs=1e-9)
    assert found["after"]["attributions"][0] == pytest.approx(parts[1], abs=1e-9)
    moved = np.asarray(found["after"]["attributions"][0]) - np.asarray(found["before"]["attributions"][0])
    assert np.flatnonzero(moved).tolist() == [1]


def test_a_data_file_that_lost_the_row_is_refused(cases: Any, tmp_path: Path) -> None:
    case = cases["logistic"]
    with pytest.raises(ExplainRefused, match="has no row 5 any more"):
        ask(case, tmp_path, {1: 30.0}, needs_rows=True, rows=4)


def test_permutation_draws_what_it_drew_for_the_explanation(cases: Any, tmp_path: Path) -> None:
    case = cases["mlp"]
    options = {"rows": 40, "seed": 7}
    explained = explain_files(
        model_path=case.path, data_path=case.csv, model_format="skops", folder=tmp_path / "all", **options
    )
    assert explained["engine"] == "permutation"
    kept = next(row for row in explained["row_sample"] if row["row"] == ROW)
    found = ask(case, tmp_path / "two", {2: 6.0}, outputs=3, needs_rows=True, **options)
    assert np.asarray(found["before"]["attributions"]) == pytest.approx(np.asarray(kept["attributions"]), abs=1e-4)
    assert found["before"]["base_values"] == pytest.approx(explained["base_values"], abs=1e-6)
    both = case.model.predict_proba(changed(case.frame, {2: 6.0}))
    assert found["before"]["predictions"] == pytest.approx(both[0])
    assert found["after"]["predictions"] == pytest.approx(both[1])
    assert found["spread"] is not None
    assert all(far > 0 for far in found["spread"])


def test_the_same_row_twice_has_no_difference_by_chance(cases: Any, tmp_path: Path) -> None:
    case = cases["mlp"]
    same = float(case.frame.to_numpy(float)[ROW - 1, 2])
    found = ask(case, tmp_path, {2: same}, outputs=3, needs_rows=True, rows=40)
    assert found["before"] == found["after"]
    assert found["spread"] == [0.0, 0.0, 0.0]


def test_a_model_that_takes_no_empty_values_says_so(cases: Any, tmp_path: Path) -> None:
    with pytest.raises(ExplainRefused, match="takes no empty values") as refused:
        ask(cases["logistic"], tmp_path, {1: None}, needs_rows=True)
    assert refused.value.code == "malformed_data"


@pytest.mark.parametrize(
    "spoilt",
    [
        {"after": {"predictions": [0.1], "base_values": [0.0], "attributions": [[0.1]]}},
        {"before": {"predictions": ["0.1"], "base_values": [0.0], "attributions": [[0.1] * 8]}},
        {"output_space": "<b>"},
        {"spread": [0.1, 0.2]},
        {"engine": 7},
    ],
)
def test_what_does_not_fit_together_is_not_believed(
    cases: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: dict[str, Any]
) -> None:
    side = {"predictions": [0.1], "base_values": [0.0], "attributions": [[0.1] * 8]}
    sound = {
        "engine": "x", "output_space": "value", "before": side, "after": side, "spread": None, "seconds": 0.1,
    }  # fmt: skip

    def child(box: Path, *_: Any) -> Any:
        (box / "answer.json").write_text(json.dumps(sound | spoilt))
        return asking.run_child  # never looked at: the answer is refused before

    monkeypatch.setattr(asking, "run_child", child)
    with pytest.raises(ExplainRefused, match="without a usable result"):
        ask(cases["xgb_binary"], tmp_path, {0: 1.0})
