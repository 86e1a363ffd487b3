"""Wrong engines planted behind the guard: what is wrong in a few rows is computed again, what is wrong at large is set
aside and said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from explain.attributions.engines.dispatch import choose_engine, explain_rows, open_model
from explain.attributions.engines.fast import model as fast_model
from explain.attributions.engines.fast.lookups import Trees
from explain.attributions.engines.guard import Guarded, SetAside
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused
from explain.attributions.worker import run
from explain.attributions.worker.report import Reporter

ROWS = 2_000
Spoil = Callable[[Any], Any]


@pytest.fixture(autouse=True)
def at_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_model, "may_pay", lambda *_: True)
    monkeypatch.setattr(fast_model, "pays", lambda *_: True)


@pytest.fixture
def values(cases: Any) -> Any:
    seen = cases["xgb_binary"].frame.to_numpy(dtype=float)
    return seen[np.random.default_rng(0).integers(0, len(seen), ROWS)] * np.random.default_rng(1).normal(
        1, 0.02, (ROWS, 8)
    )


def _guarded(cases: Any, values: Any, spoil: Spoil) -> Guarded:
    case = cases["xgb_binary"]
    engine, _ = choose_engine(open_model(case.path, case.model_format, Limits()), values, None, Limits(), 0)
    assert isinstance(engine, Guarded)
    right = engine.fast
    engine.fast = lambda rows: spoil(right(rows))
    return engine


def _broken_sums(found: Any) -> Any:
    return found * 1.01


def _swapped(found: Any) -> Any:
    return found[:, [1, 0, *range(2, found.shape[1])]]


def _other_shape(found: Any) -> Any:
    return np.repeat(found, 2, axis=2)


def _raises(found: Any) -> Any:
    raise IndexError("tree 7")


def _not_numbers(found: Any) -> Any:
    found[5, 1] = np.nan
    return found


WRONG = {
    "sums": (_broken_sums, "rows were not those of xgboost pred_contribs"),
    "swapped": (_swapped, "rows were not those of xgboost pred_contribs"),
    "shape": (_other_shape, "its values did not have the shape of the model"),
    "raises": (_raises, "it stopped with a IndexError"),
    "nan": (_not_numbers, "some of its values were not numbers"),
}


@pytest.mark.parametrize("name", WRONG)
def test_an_engine_that_is_wrong_at_large_is_set_aside_and_the_reason_is_said(
    cases: Any, values: Any, name: str
) -> None:
    spoil, reason = WRONG[name]
    engine = _guarded(cases, values, spoil)
    with pytest.raises(SetAside) as aside:
        engine.explain(values)
    assert aside.value.judge is engine.judge
    assert reason in engine.judge.chosen_because
    assert "The faster engine was set aside for all rows" in engine.judge.chosen_because


def test_swapped_features_have_right_sums_so_only_the_sample_can_find_them(cases: Any, values: Any) -> None:
    engine = _guarded(cases, values, _swapped)
    found = engine.fast(values)
    wanted = engine.judge.explain(values)
    np.testing.assert_allclose(found.sum(axis=1), wanted.values.sum(axis=1), atol=1e-4)
    assert np.abs(found - wanted.values).max() > 0.01


def test_one_row_whose_sum_is_wrong_is_computed_again_and_counted(cases: Any, values: Any) -> None:
    sampled = set(_guarded(cases, values, lambda found: found)._sample(ROWS).tolist())
    row = next(place for place in range(ROWS) if place not in sampled)

    def one_row(found: Any) -> Any:
        found[row, 2] += 0.5
        return found

    engine = _guarded(cases, values, one_row)
    batch = engine.explain(values)
    assert batch.recomputed == 1
    np.testing.assert_allclose(batch.values, engine.judge.explain(values).values, atol=1e-4)


def test_more_than_one_row_in_a_thousand_with_a_wrong_sum_is_no_accident(cases: Any, values: Any) -> None:
    sampled = set(_guarded(cases, values, lambda found: found)._sample(ROWS).tolist())
    rows = [place for place in range(ROWS) if place not in sampled][:3]

    def three_rows(found: Any) -> Any:
        found[rows, 2] += 0.5
        return found

    with pytest.raises(SetAside, match="3 of 2,000 rows did not add up"):
        _guarded(cases, values, three_rows).explain(values)


def test_what_is_refused_and_what_lacks_memory_is_no_matter_for_another_engine(cases: Any, values: Any) -> None:
    for error in (MemoryError(), ExplainRefused("malformed_data", "no")):

        def stops(found: Any, error: Exception = error) -> Any:
            raise error

        with pytest.raises(type(error)):
            _guarded(cases, values, stops).explain(values)


def test_the_sample_is_the_same_for_the_same_seed_and_another_in_each_batch(cases: Any, values: Any) -> None:
    first, second = (_guarded(cases, values, lambda found: found) for _ in range(2))
    once = first._sample(20_000)
    np.testing.assert_array_equal(once, second._sample(20_000))
    assert len(once) == 128
    assert len(first._sample(100)) == 16
    assert not np.array_equal(once, first._sample(20_000))


def test_all_rows_are_those_of_the_exact_engine_once_the_fast_one_was_wrong_in_a_later_batch(
    cases: Any, values: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, right, calls = cases["xgb_binary"], Trees.values, []

    def wrong_later(self: Trees, rows: Any, of: int) -> Any:
        calls.append(len(rows))
        found = right(self, rows, of)
        return found if len(calls) == 1 else _swapped(found)

    monkeypatch.setattr(Trees, "values", wrong_later)
    found = explain_rows(
        open_model(case.path, case.model_format, Limits()),
        values,
        tuple(case.frame.columns),
        limits=Limits(batch_rows=1_000),
    )
    assert calls == [1_000, 1_000]
    assert found.engine == "xgboost pred_contribs"
    assert "set aside for all rows" in found.chosen_because
    wanted = case.model.get_booster().predict(_matrix(case, values), pred_contribs=True)[:, :-1]
    np.testing.assert_array_equal(found.values, wanted)


def _matrix(case: Any, values: Any) -> Any:
    import xgboost

    return xgboost.DMatrix(values, feature_names=list(case.frame.columns))


@pytest.mark.parametrize("wrong", [False, True])
def test_the_worker_tells_recomputed_rows_or_writes_all_rows_anew(
    cases: Any, values: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrong: bool
) -> None:
    import pandas as pd
    import pyarrow.parquet

    case, right = cases["xgb_binary"], Trees.values

    def spoilt(self: Trees, rows: Any, of: int) -> Any:
        found = right(self, rows, of)
        if wrong:
            return _swapped(found)
        sampled = np.random.default_rng([0, 0]).choice(ROWS, 32, replace=False).tolist()
        found[next(place for place in range(ROWS) if place not in sampled), 0] += 1
        return found

    monkeypatch.setattr(Trees, "values", spoilt)
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(values, columns=case.frame.columns).to_parquet(tmp_path / "data.parquet")
    request = {
        "model": str(case.path),
        "data": str(tmp_path / "data.parquet"),
        "background": None,
        "model_format": case.model_format,
        "method": "shap",
        "rows": None,
        "seed": 0,
        "target_column": None,
        "groups": [],
        "inline_rows": 0,
        "shard_rows": None,
    }
    with (tmp_path / "pipe").open("w") as pipe:
        run.explain(request, Limits(), Reporter(pipe))
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["recomputed_rows"] == (0 if wrong else 1)
    assert summary["engine"] == ("xgboost pred_contribs" if wrong else "tree tables")
    assert ("set aside" in summary["chosen_because"]) is wrong
    table = pyarrow.parquet.read_table(tmp_path / "values.parquet")
    written = np.column_stack([column.to_numpy() for column in table.columns])
    wanted = case.model.get_booster().predict(_matrix(case, values), pred_contribs=True)[:, :-1]
    np.testing.assert_allclose(written, wanted, atol=1e-4)
    assert (tmp_path / "rows.bin").stat().st_size == ROWS * summary["row_numbers"] * 8
