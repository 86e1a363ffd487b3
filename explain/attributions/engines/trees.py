"""scikit-learn's trees, forests and gradient boosting through shap.TreeExplainer, path-dependent."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from explain.attributions.engines.result import Batch, Floats, Opened, OutputSpace
from explain.attributions.engines.sklearn_model import (
    Predictor,
    final_step,
    front_steps,
    raw_output,
    transformed,
)

FORESTS: Final = (
    "RandomForestClassifier",
    "RandomForestRegressor",
    "ExtraTreesClassifier",
    "ExtraTreesRegressor",
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "ExtraTreeClassifier",
    "ExtraTreeRegressor",
)
BOOSTED: Final = (
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "HistGradientBoostingClassifier",
    "HistGradientBoostingRegressor",
)


def import_shap() -> Any:
    """shap without its plots: they would build a font cache in every fresh sandbox."""
    sys.modules.setdefault("matplotlib", None)  # type: ignore[arg-type]
    import shap

    return shap


@dataclass
class ShapTrees:
    """shap.TreeExplainer on the final estimator, behind transformers that treat each column alone."""

    explainer: Any
    predictor: Predictor
    steps: list[Any]
    positive: bool
    output_space: OutputSpace
    chosen_because: str
    name: str = "shap.TreeExplainer"
    exact: bool = True
    background: str = "none: the values follow the training rows counted in the trees"
    batch_rows: int = field(default=500)

    def explain(self, values: Floats) -> Batch:
        """See Engine."""
        predictions = self.raw(values)
        found = np.asarray(
            self.explainer.shap_values(transformed(self.steps, values), check_additivity=False), np.float64
        )
        base = np.atleast_1d(np.asarray(self.explainer.expected_value, np.float64))
        if found.ndim == 2:
            found = found[:, :, None]
        if self.positive and found.shape[2] == 2:
            found, base = found[:, :, 1:], base[1:]
        return Batch(found, base.reshape(-1), predictions)

    def raw(self, values: Floats) -> Floats:
        """The output in `output_space`, shape (rows, outputs)."""
        return self.predictor(values)


def tree_engine(opened: Opened) -> ShapTrees | None:
    """The engine, or None when the model has no trees that shap reads."""
    name = opened.facts["estimator"]
    steps = front_steps(opened.model)
    if name not in FORESTS + BOOSTED or steps is None:
        return None
    if name == "GradientBoostingClassifier" and opened.kind == "multiclass":
        return None
    predictor = raw_output(opened, margins=name in BOOSTED)
    try:
        explainer = import_shap().TreeExplainer(final_step(opened.model), feature_perturbation="tree_path_dependent")
    except MemoryError:
        raise
    except Exception:  # shap names many reasons in many types; all mean that another engine must do it
        return None
    return ShapTrees(
        explainer,
        predictor,
        steps,
        opened.kind == "binary",
        predictor.output_space,
        f"A {name} is made of trees, for which TreeExplainer is exact.",
    )
