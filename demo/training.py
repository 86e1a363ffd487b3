"""Trains the demo's models on data that pip packages ship. Runs in the command that loads the story, never in the web."""

from __future__ import annotations

import csv
import io
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Trained:
    """A model file, the data it is explained on, and what was measured on rows that it had not seen."""

    model: bytes
    model_name: str
    model_format: str
    data: bytes
    data_name: str
    target: str
    rows: int
    origin: str
    metrics: dict[str, float]
    # Figures that the story's texts quote, by placeholder.
    said: dict[str, str]


def _as_csv(names: list[str], rows: Any, target: str, targets: Any) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, target])
    for row, outcome in zip(rows, targets, strict=True):
        writer.writerow([*(f"{value:.6g}" for value in row), f"{outcome:.6g}"])
    return text.getvalue().encode()


def _skops_bytes(model: Any) -> bytes:
    import skops.io

    return bytes(skops.io.dumps(model))


def train_triage() -> Trained:
    """Breast cancer Wisconsin (diagnostic), 569 samples: how likely is a sample malignant? Gradient boosting, skops."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import GradientBoostingClassifier
    from sklearn.metrics import recall_score, roc_auc_score
    from sklearn.model_selection import train_test_split

    bunch: Any = load_breast_cancer(as_frame=True)
    names = [str(name).replace(" ", "_") for name in bunch.feature_names]
    rows = bunch.data.set_axis(names, axis=1)
    malignant = 1 - bunch.target  # the set codes malignant as 0
    train, test, y_train, y_test = train_test_split(rows, malignant, test_size=0.3, random_state=7, stratify=malignant)
    model = GradientBoostingClassifier(n_estimators=80, max_depth=2, learning_rate=0.15, subsample=0.8, random_state=7)
    model.fit(train, y_train)
    chance = model.predict_proba(test)[:, 1]
    last_third = y_test.to_numpy()[(-chance).argsort()[len(test) * 2 // 3 :]]
    auc, sensitivity = float(roc_auc_score(y_test, chance)), float(recall_score(y_test, chance > 0.5))
    return Trained(
        model=_skops_bytes(model),
        model_name="triage.skops",
        model_format="skops",
        data=_as_csv(names, rows.to_numpy(), "malignant", malignant.to_numpy()),
        data_name="breast-cancer.csv",
        target="malignant",
        rows=len(rows),
        origin="Breast cancer Wisconsin (diagnostic), as scikit-learn ships it: 569 samples, 30 features",
        metrics={"AUC": round(auc, 4), "sensitivity at 0.5": round(sensitivity, 4)},
        said={
            "held_out": str(len(test)),
            "malignant": str(int(y_test.sum())),
            "in_last_third": str(int(last_third.sum())),
            "auc": f"{auc:.3f}",
            "sensitivity": f"{sensitivity:.2f}",
            "rule_auc": f"{float(roc_auc_score(y_test, test['mean_area'])):.3f}",
        },
    )


def train_outpatients() -> Trained:
    """RAND health insurance experiment, 20,190 person-years: outpatient visits a year. XGBoost, JSON."""
    import numpy as np
    import statsmodels.api as sm
    import xgboost
    from sklearn.metrics import mean_absolute_error
    from sklearn.model_selection import train_test_split

    frame = sm.datasets.randhie.load_pandas().data.astype(float)
    rows, visits = frame.drop(columns="mdvis"), frame["mdvis"]
    train, test, y_train, y_test = train_test_split(rows, visits, test_size=0.25, random_state=11)
    model = xgboost.XGBRegressor(
        n_estimators=150, max_depth=4, learning_rate=0.06, subsample=0.8, min_child_weight=20, random_state=11, n_jobs=2
    )
    model.fit(train, y_train)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.get_booster().save_model(path)
        text = path.read_bytes()
    error = float(mean_absolute_error(y_test, model.predict(test)))
    baseline = float(mean_absolute_error(y_test, np.full(len(y_test), y_train.mean())))
    return Trained(
        model=text,
        model_name="outpatients.json",
        model_format="xgboost-json",
        data=_as_csv([str(name) for name in rows.columns], rows.to_numpy(), "mdvis", visits.to_numpy()),
        data_name="randhie.csv",
        target="mdvis",
        rows=len(rows),
        origin="RAND health insurance experiment, as statsmodels ships it (randhie): 20,190 person-years, 9 features",
        metrics={"mean absolute error": round(error, 4), "same, always the mean": round(baseline, 4)},
        said={"held_out": f"{len(test):,}", "error": f"{error:.2f}", "baseline_error": f"{baseline:.2f}"},
    )


def train_letters() -> Trained:
    """Diabetes progression, 442 patients: disease progression after a year. Ridge with scaling, skops."""
    from sklearn.datasets import load_diabetes
    from sklearn.linear_model import Ridge
    from sklearn.metrics import r2_score
    from sklearn.model_selection import train_test_split
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    bunch: Any = load_diabetes(as_frame=True, scaled=False)
    rows, progression = bunch.data.astype(float), bunch.target
    train, test, y_train, y_test = train_test_split(rows, progression, test_size=0.3, random_state=3)
    model = make_pipeline(StandardScaler(), Ridge(alpha=10.0))
    model.fit(train, y_train)
    r2 = float(r2_score(y_test, model.predict(test)))
    return Trained(
        model=_skops_bytes(model),
        model_name="letters.skops",
        model_format="skops",
        data=_as_csv([str(name) for name in rows.columns], rows.to_numpy(), "progression", progression.to_numpy()),
        data_name="diabetes.csv",
        target="progression",
        rows=len(rows),
        origin="Diabetes progression, as scikit-learn ships it: 442 patients, 10 features",
        metrics={"R2 on unseen patients": round(r2, 4)},
        said={"r2": f"{r2:.2f}", "held_out": str(len(test))},
    )
