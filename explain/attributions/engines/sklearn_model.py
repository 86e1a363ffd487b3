"""Opening a checked skops archive, and how its model is asked for predictions."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explain.attributions.engines.result import Floats, Kind, Opened, OutputSpace
from explain.attributions.engines.soundness import check_sound
from explain.attributions.formats.skops_file import read_skops
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

# Transformers that treat each column alone: features keep their meaning, so exact engines stay exact behind
# them.
COLUMNWISE = (
    "StandardScaler",
    "MinMaxScaler",
    "MaxAbsScaler",
    "RobustScaler",
    "QuantileTransformer",
    "PowerTransformer",
    "SimpleImputer",
)


def open_skops(path: Path, limits: Limits) -> Opened:
    """Check, load and check the loaded trees. Raises ExplainRefused: see read_skops; malformed_model when
    loading fails."""
    archive = read_skops(path, limits)
    import sklearn
    import skops
    import skops.io

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model: Any = skops.io.load(path, trusted=sorted(archive.types))
            check_sound(model, limits)
            _with_threads(model, limits.threads)
            count = int(model.n_features_in_)
            names = tuple(str(name) for name in getattr(model, "feature_names_in_", ()))
            classes = tuple(str(label) for label in getattr(model, "classes_", ()))
            is_classifier = hasattr(model, "predict_proba") or hasattr(model, "decision_function") or bool(classes)
    except (ExplainRefused, MemoryError):
        raise
    except Exception as error:  # any error of a library on a hostile file means the same: it is broken
        raise ExplainRefused(
            "malformed_model",
            f"scikit-learn cannot rebuild this model ({type(error).__name__}). Was it fitted before it was "
            "exported? "
            "Export it again with skops.io.dump(model, path).",
        ) from error
    if not 0 < count <= limits.columns or (names and len(names) != count):
        raise ExplainRefused("malformed_model", "The model's number of features does not fit its feature names.")
    if len(classes) > limits.classes:
        raise ExplainRefused(
            "limit_exceeded",
            f"The model has {len(classes):,} classes; at most {limits.classes} are explained.",
        )
    kind: Kind = "regression" if not is_classifier else "binary" if len(classes) <= 2 else "multiclass"
    return Opened(
        model=model,
        family="scikit-learn",
        library="scikit-learn",
        versions={"scikit-learn": str(sklearn.__version__), "skops": str(skops.__version__)},
        kind=kind,
        feature_names=names,
        feature_count=count,
        classes=classes,
        facts={"type": type(model).__name__, "estimator": type(final_step(model)).__name__},
    )


def _with_threads(model: Any, threads: int) -> None:
    """As many threads as there are here, whatever the file asks for; one where there are trees to ask, since starting
    threads takes longer than the trees do."""
    steps = [step for _, step in model.steps] if type(model).__name__ == "Pipeline" else []
    for step in steps:
        _with_threads(step, threads)
    if hasattr(model, "n_jobs"):
        model.n_jobs = 1 if hasattr(model, "estimators_") else threads


def final_step(model: Any) -> Any:
    """The estimator at the end of a pipeline, or the model itself."""
    while type(model).__name__ == "Pipeline":
        model = model.steps[-1][1]
    return model


def front_steps(model: Any) -> list[Any] | None:
    """The transformers before the final estimator when each treats every column alone, else None."""
    steps: list[Any] = []
    while type(model).__name__ == "Pipeline":
        steps.extend(step for _, step in model.steps[:-1] if step not in (None, "passthrough"))
        model = model.steps[-1][1]
    for step in steps:
        if type(step).__name__ not in COLUMNWISE or getattr(step, "add_indicator", False):
            return None
        if type(step).__name__ == "SimpleImputer" and np.isnan(np.asarray(step.statistics_, dtype=np.float64)).any():
            return None  # columns without any value are dropped by the imputer
    return steps


def transformed(steps: list[Any], values: Floats) -> Floats:
    """The rows as the final estimator sees them."""
    for step in steps:
        values = np.asarray(step.transform(values), dtype=np.float64)
    return values


@dataclass(frozen=True)
class Predictor:
    """Asks a scikit-learn model for its raw output; the result has shape (rows, outputs)."""

    opened: Opened
    method: str
    output_space: OutputSpace
    column: int | None
    log: bool = False

    def __call__(self, values: Floats) -> Floats:
        """The raw outputs, float64. Raises ExplainRefused(malformed_data) when the model refuses the rows."""
        rows: Any = values
        if self.opened.feature_names:
            import pandas

            rows = pandas.DataFrame(values, columns=list(self.opened.feature_names))
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                raw = np.asarray(getattr(self.opened.model, self.method)(rows), dtype=np.float64)
        except ValueError as error:
            missing = bool(np.isnan(values).any())
            raise ExplainRefused(
                "malformed_data",
                "The rows hold empty cells, and this model takes no missing values. Fill them, or put an "
                "imputer in the pipeline."
                if missing
                else f"The model cannot compute with these rows: {str(error).splitlines()[0][:200]}",
            ) from error
        if raw.ndim == 2 and self.column is not None:
            raw = raw[:, self.column]
        if self.log:
            raw = np.log(raw)
        return raw.reshape(len(values), -1)


def raw_output(opened: Opened, *, margins: bool) -> Predictor:
    """How to ask the model: log-odds or scores when `margins`, else probabilities where it has them."""
    model = opened.model
    name = opened.facts["estimator"]
    positive = 1 if opened.kind == "binary" else None
    if opened.kind == "regression":
        log = (
            margins
            and name == "HistGradientBoostingRegressor"
            and getattr(final_step(model), "loss", "") in ("poisson", "gamma")
        )
        return Predictor(opened, "predict", "log" if log else "value", None, log)
    if margins or not hasattr(model, "predict_proba"):
        logistic = (
            name
            in (
                "LogisticRegression",
                "LogisticRegressionCV",
                "GradientBoostingClassifier",
                "HistGradientBoostingClassifier",
            )
            or getattr(final_step(model), "loss", "") == "log_loss"
        )
        if not hasattr(model, "decision_function"):
            raise ExplainRefused(
                "unsupported_model",
                f"A {name} gives neither probabilities nor scores, so it cannot be explained.",
            )
        return Predictor(opened, "decision_function", "log-odds" if logistic else "value", None)
    return Predictor(opened, "predict_proba", "probability", positive)
