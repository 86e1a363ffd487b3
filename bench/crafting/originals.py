"""Sound models and tables of eight features, to be spoilt."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any, Final

import lightgbm
import numpy as np
import pandas
import skops.io
import xgboost
from skl2onnx import to_onnx
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from bench.crafting.rows import parquet_of

NAMES: Final = tuple(f"feature_{place}" for place in range(8))
ROWS: Final = 300
OPSETS: Final = {"": 17, "ai.onnx.ml": 3}


@dataclass(frozen=True)
class Originals:
    """Bytes of sound files by their kind, and a table that fits all of the models."""

    xgboost: dict[str, bytes]
    lightgbm: dict[str, bytes]
    skops: dict[str, bytes]
    onnx: dict[str, bytes]
    csv: bytes
    parquet: bytes


def originals(seed: int = 0) -> Originals:
    """Train them; a second or two."""
    random = np.random.default_rng(seed)
    frame = pandas.DataFrame(random.normal(size=(ROWS, len(NAMES))), columns=list(NAMES))
    frame["feature_2"] = random.integers(0, 40, ROWS)
    late = (frame["feature_0"] + frame["feature_1"] * frame["feature_2"] / 20 > 0).to_numpy(dtype=int)
    grades = np.digitize(frame["feature_0"], [-0.5, 0.5])
    table = io.StringIO()
    frame[:30].to_csv(table, index=False)
    return Originals(
        xgboost=_xgboost(frame, late, grades),
        lightgbm=_lightgbm(frame, late, grades),
        skops=_skops(frame, late),
        onnx=_onnx(frame, late),
        csv=table.getvalue().encode(),
        parquet=parquet_of({name: frame[name].to_numpy(dtype=float) for name in NAMES}),
    )


def _xgboost(frame: pandas.DataFrame, late: Any, grades: Any) -> dict[str, bytes]:
    options: dict[str, Any] = {"max_depth": 3, "n_jobs": 1}
    return {
        name: bytes(xgboost.XGBClassifier(n_estimators=trees, **options).fit(frame, target).get_booster().save_raw("json"))
        for name, trees, target in (("binary", 10, late), ("multiclass", 4, grades))
    }  # fmt: skip


def _lightgbm(frame: pandas.DataFrame, late: Any, grades: Any) -> dict[str, bytes]:
    plain: dict[str, Any] = {"verbose": -1, "n_jobs": 1, "num_leaves": 8}
    coded = frame.assign(feature_2=pandas.Categorical(frame["feature_2"]))
    trained = {
        "binary": lightgbm.LGBMClassifier(n_estimators=10, **plain).fit(frame, late),
        "multiclass": lightgbm.LGBMClassifier(n_estimators=8, **plain).fit(frame, grades),
        "categories": lightgbm.LGBMRegressor(n_estimators=5, cat_smooth=1, min_data_per_group=1, **plain).fit(
            coded, late
        ),
    }
    return {name: model.booster_.model_to_string().encode() for name, model in trained.items()}


def _skops(frame: pandas.DataFrame, late: Any) -> dict[str, bytes]:
    trained = {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
        "forest": RandomForestClassifier(5, max_depth=4, random_state=0),
        "histogram": HistGradientBoostingClassifier(max_iter=5, random_state=0),
    }
    return {name: bytes(skops.io.dumps(model.fit(frame, late))) for name, model in trained.items()}


def _onnx(frame: pandas.DataFrame, late: Any) -> dict[str, bytes]:
    rows = frame.to_numpy(dtype=np.float32)
    trained = {
        "forest": RandomForestClassifier(5, max_depth=4, random_state=0),
        "network": make_pipeline(StandardScaler(), MLPClassifier((5,), max_iter=40, random_state=0)),
    }
    return {
        name: to_onnx(model.fit(rows, late), rows[:1], options={id(model): {"zipmap": False}}, target_opset=OPSETS)
        .SerializeToString()
        for name, model in trained.items()
    }  # fmt: skip
