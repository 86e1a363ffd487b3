"""Linear models in closed form: coefficient times distance from the background's mean (Lundberg & Lee 2017,
cor. 1)."""

from __future__ import annotations

from dataclasses import dataclass
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

LINEAR: Final = frozenset(
    [
        "LinearRegression",
        "Ridge",
        "RidgeCV",
        "Lasso",
        "LassoCV",
        "ElasticNet",
        "ElasticNetCV",
        "Lars",
        "LarsCV",
        "LassoLars",
        "LassoLarsCV",
        "LassoLarsIC",
        "OrthogonalMatchingPursuit",
        "OrthogonalMatchingPursuitCV",
        "BayesianRidge",
        "ARDRegression",
        "HuberRegressor",
        "TheilSenRegressor",
        "QuantileRegressor",
        "SGDRegressor",
        "LinearSVR",
        "LogisticRegression",
        "LogisticRegressionCV",
        "SGDClassifier",
        "LinearSVC",
        "Perceptron",
        "RidgeClassifier",
        "RidgeClassifierCV",
        "LinearDiscriminantAnalysis",
    ]
)


@dataclass
class ClosedForm:
    """Exact values of a linear model, also behind scalers and imputers, which treat each column alone."""

    predictor: Predictor
    steps: list[Any]
    coefficients: Floats
    intercepts: Floats
    means: Floats
    output_space: OutputSpace
    background: str
    chosen_because: str
    name: str = "linear closed form"
    exact: bool = True
    batch_rows: int = 20_000

    def explain(self, values: Floats) -> Batch:
        """See Engine."""
        predictions = self.predictor(values)
        seen = transformed(self.steps, values)
        found = (seen - self.means)[:, :, None] * self.coefficients.T[None, :, :]
        return Batch(found, self.intercepts + self.coefficients @ self.means, predictions)

    def raw(self, values: Floats) -> Floats:
        """The output in `output_space`, shape (rows, outputs)."""
        return self.predictor(values)


def linear_engine(opened: Opened, background: Floats, background_text: str) -> ClosedForm | None:
    """The engine, or None when the model is not linear in each feature."""
    estimator = final_step(opened.model)
    steps = front_steps(opened.model)
    if type(estimator).__name__ not in LINEAR or steps is None:
        return None
    predictor = raw_output(opened, margins=True)
    predictor(background[:1])  # refuses missing values in words, before any arithmetic
    coefficients = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64))
    intercepts = np.broadcast_to(
        np.atleast_1d(np.asarray(estimator.intercept_, dtype=np.float64)), (len(coefficients),)
    )
    means = transformed(steps, background).mean(axis=0)
    if coefficients.shape[1] != len(means):
        return None
    return ClosedForm(
        predictor,
        steps,
        coefficients,
        intercepts,
        means,
        predictor.output_space,
        background_text,
        f"A {type(estimator).__name__} adds up one term for each feature, so the exact values have a closed form.",
    )
