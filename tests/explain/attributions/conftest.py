"""Models trained once a session, as the files people upload."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
import xgboost
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


@dataclass(frozen=True)
class Case:
    """A trained model with its file, its rows, and the rows as CSV."""

    model: Any
    path: Path
    model_format: str
    frame: pd.DataFrame
    csv: Path


def _cancer() -> tuple[pd.DataFrame, Any]:
    frame, target = load_breast_cancer(return_X_y=True, as_frame=True)
    return frame.iloc[:, :8], target


@pytest.fixture(scope="session")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    folder = tmp_path_factory.mktemp("models")
    iris = load_iris(return_X_y=True, as_frame=True)
    diabetes = load_diabetes(return_X_y=True, as_frame=True)
    cancer = _cancer()
    trained = {
        "xgb_binary": (xgboost.XGBClassifier(n_estimators=25, max_depth=4, n_jobs=1), cancer),
        "xgb_regression": (xgboost.XGBRegressor(n_estimators=25, max_depth=4, n_jobs=1), diabetes),
        "xgb_multiclass": (xgboost.XGBClassifier(n_estimators=10, max_depth=3, n_jobs=1), iris),
        "forest": (RandomForestClassifier(15, max_depth=5, random_state=0), cancer),
        "hist": (HistGradientBoostingClassifier(max_iter=15, random_state=0), cancer),
        "boosting": (GradientBoostingRegressor(n_estimators=20, random_state=0), diabetes),
        "logistic": (make_pipeline(StandardScaler(), LogisticRegression()), cancer),
        "mlp": (make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=60, random_state=0)), iris),
    }
    found = {}
    for name, (model, (frame, target)) in trained.items():
        model.fit(frame, target)
        csv = folder / f"{name}.csv"
        frame.to_csv(csv, index=False)
        if name.startswith("xgb"):
            path = folder / f"{name}.json"
            model.get_booster().save_model(path)
            found[name] = Case(model, path, "xgboost-json", frame, csv)
        else:
            path = folder / f"{name}.skops"
            skops.io.dump(model, path)
            found[name] = Case(model, path, "skops", frame, csv)
    return found


@pytest.fixture
def tree_model(cases: dict[str, Case]) -> dict[str, Any]:
    """The binary XGBoost model as plain data, to be spoilt."""
    return json.loads(cases["xgb_binary"].path.read_text())


@pytest.fixture(scope="session")
def rows() -> np.ndarray:
    return _cancer()[0].to_numpy(dtype=float)
