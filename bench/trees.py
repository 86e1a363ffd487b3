"""Ensembles of trees, trained once a run: the same models, files and rows for all that computes their values."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.surroundings import DATA
from explain.attributions.engines.result import Floats

SIZES: Final = (1_000, 10_000)
SIZES_IF_FULL: Final = (1_000, 10_000, 50_000, 100_000)
TREES, TREES_IF_FULL = 60, 300
FEATURES, TRAINED_ON = 20, 10_000
NAMES: Final = tuple(f"feature_{place}" for place in range(FEATURES))


@dataclass(frozen=True)
class Model:
    """A trained model and its file."""

    name: str
    trained: Any
    path: Path
    model_format: str

    @property
    def family(self) -> str:
        """XGBoost, LightGBM, histogram or forest."""
        return self.name.split()[0]


def sizes(full: bool) -> tuple[int, ...]:
    """How many rows are explained."""
    return SIZES_IF_FULL if full else SIZES


def rows() -> Floats:
    """As many as the largest size."""
    return np.random.default_rng(7).normal(size=(max(SIZES_IF_FULL), FEATURES))


def rounds(count: int) -> int:
    """How often so many rows are explained by each side."""
    return 3 if count <= SIZES[-1] else 1


def goal(model: Model, count: int) -> str:
    """What the specification aims at, for its own sizes of models."""
    goals = {"XGBoost": (50_000, "≤ 0.20"), "LightGBM": (10_000, "≤ 0.33"), "histogram": (10_000, "≤ 0.14")}
    least, aim = goals.get(model.family, (0, "≤ 1.1"))
    return aim if count >= least else "≤ 1.1"


@functools.cache
def models(full: bool) -> tuple[Model, ...]:
    """One of each family; the forest has a third of the trees."""
    import lightgbm
    import skops.io
    import xgboost
    from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

    trees = TREES_IF_FULL if full else TREES
    folder = DATA / "trees"
    folder.mkdir()
    random = np.random.default_rng(3)
    values = random.normal(size=(TRAINED_ON, FEATURES))
    days = values[:, 0] + values[:, 1] * values[:, 2] + np.sin(3 * values[:, 3]) + random.normal(size=TRAINED_ON)
    boosted = xgboost.XGBRegressor(n_estimators=trees, max_depth=6, n_jobs=2).fit(values, days)
    boosted.get_booster().save_model(folder / "xgboost.json")
    light = lightgbm.LGBMRegressor(n_estimators=trees, num_leaves=63, verbose=-1, n_jobs=2).fit(values, days)
    light.booster_.save_model(folder / "lightgbm.txt")
    found = [
        Model(f"XGBoost {trees} x depth 6", boosted, folder / "xgboost.json", "xgboost-json"),
        Model(f"LightGBM {trees} x 63 leaves", light, folder / "lightgbm.txt", "lightgbm-text"),
    ]
    for name, model in (
        (f"histogram {trees} x 31 leaves", HistGradientBoostingRegressor(max_iter=trees, early_stopping=False)),
        (f"forest {trees // 3} x depth 10", RandomForestRegressor(trees // 3, max_depth=10, n_jobs=2)),
    ):
        path = folder / f"{name.split()[0]}.skops"
        skops.io.dump(model.fit(values, days), path)
        found.append(Model(name, model, path, "skops"))
    return tuple(found)
