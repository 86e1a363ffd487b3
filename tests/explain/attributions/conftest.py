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


def _codes(frame: pd.DataFrame, column: str, of: int) -> pd.Categorical:
    """The column cut into `of` groups of equal size, numbered from 0."""
    return pd.Categorical(pd.qcut(frame[column], of, labels=False))


@pytest.fixture(scope="session")
def lightgbm_cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    """LightGBM models with their text files: all output shapes, missing values, categories, forests."""
    import lightgbm

    folder = tmp_path_factory.mktemp("lightgbm")
    cancer, iris = _cancer(), load_iris(return_X_y=True, as_frame=True)
    diabetes = load_diabetes(return_X_y=True, as_frame=True)
    gaps = cancer[0].mask(np.random.default_rng(1).random(cancer[0].shape) < 0.15)
    # groups in an order that the outcome does not follow, so that splits are by set and not by size
    groups = diabetes[0].assign(bmi=_codes(diabetes[0], "bmi", 40), s5=_codes(diabetes[0], "s5", 9))
    plain = {"verbose": -1, "n_jobs": 1, "num_leaves": 8}
    trained = {
        "binary": (lightgbm.LGBMClassifier(n_estimators=20, **plain), cancer),
        "regression": (lightgbm.LGBMRegressor(n_estimators=20, **plain), diabetes),
        "multiclass": (lightgbm.LGBMClassifier(n_estimators=8, **plain), iris),
        "one_versus_all": (lightgbm.LGBMClassifier(objective="multiclassova", n_estimators=8, **plain), iris),
        "missing": (lightgbm.LGBMClassifier(n_estimators=20, **plain), (gaps, cancer[1])),
        "zeros": (lightgbm.LGBMClassifier(n_estimators=20, zero_as_missing=True, **plain), (gaps.fillna(0), cancer[1])),
        "categories": (
            lightgbm.LGBMRegressor(n_estimators=10, cat_smooth=1, min_data_per_group=1, **plain),
            (groups, diabetes[1]),
        ),
        "counts": (lightgbm.LGBMRegressor(objective="poisson", n_estimators=10, **plain), diabetes),
        "forest": (
            lightgbm.LGBMClassifier(boosting_type="rf", subsample=0.7, subsample_freq=1, n_estimators=10, **plain),
            cancer,
        ),
        "constant": (lightgbm.LGBMRegressor(n_estimators=2, **plain), (iris[0], pd.Series(np.ones(150)))),
    }
    found = {}
    for name, (model, (frame, target)) in trained.items():
        model.fit(frame, target)
        path, csv = folder / f"{name}.txt", folder / f"{name}.csv"
        model.booster_.save_model(path)
        frame.to_csv(csv, index=False)
        found[name] = Case(model, path, "lightgbm-text", frame, csv)
    return found


@pytest.fixture
def tree_model(cases: dict[str, Case]) -> dict[str, Any]:
    """The binary XGBoost model as plain data, to be spoilt."""
    return json.loads(cases["xgb_binary"].path.read_text())


@pytest.fixture(scope="session")
def rows() -> np.ndarray:
    return _cancer()[0].to_numpy(dtype=float)
