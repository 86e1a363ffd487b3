"""Tools that are measured beside ours are processes that answer; one that cannot, or takes too long, is told as such."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import xgboost

from bench.tools import Broke, TooLong, running


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, np.ndarray]:
    """A small model, its rows, and their values."""
    folder = tmp_path_factory.mktemp("tools")
    rows = np.random.default_rng(0).normal(size=(200, 4))
    booster = xgboost.XGBRegressor(n_estimators=5, max_depth=3).fit(rows, rows[:, 0] * rows[:, 1]).get_booster()
    booster.save_model(folder / "model.json")
    np.save(folder / "rows.npy", rows)
    return (
        folder / "model.json",
        folder / "rows.npy",
        booster.predict(xgboost.DMatrix(rows), pred_contribs=True)[:, :-1],
    )


def test_a_tool_answers_as_often_as_it_is_asked_with_values_time_and_memory(
    files: tuple[Path, Path, np.ndarray], tmp_path: Path
) -> None:
    model, rows, values = files
    options = {"patience": 120.0, "home": tmp_path}
    with running(Path(sys.executable), "tollgate", "xgboost-json", model, rows, **options) as tool:  # type: ignore[arg-type]
        told = tool.ask(50, tmp_path / "found.npy")
        np.testing.assert_allclose(np.load(tmp_path / "found.npy"), values[:50], atol=1e-5)
        again = tool.ask(200)
    assert again["seconds"] > 0
    assert again["peak_mb"] >= told["peak_mb"] > 50
    assert again["versions"]["xgboost"] == xgboost.__version__
    assert tool.process.poll() is not None


def test_a_tool_that_cannot_says_why_and_one_that_takes_too_long_is_ended(
    files: tuple[Path, Path, np.ndarray], tmp_path: Path
) -> None:
    model, rows, _ = files
    with (
        running(Path(sys.executable), "tollgate", "skops", model, rows, patience=120.0, home=tmp_path) as tool,
        pytest.raises(Broke, match="ExplainRefused"),
    ):
        tool.ask(50)
    with (
        running(Path(sys.executable), "tollgate", "xgboost-json", model, rows, patience=0.01, home=tmp_path) as tool,
        pytest.raises(TooLong),
    ):
        tool.ask(50)
    assert tool.process.poll() is not None
