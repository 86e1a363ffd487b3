"""Local surrogate models (LIME: Ribeiro, Singh & Guestrin 2016): around each row a weighted linear model of few terms.

As lime.lime_tabular with quartiles: a term is 1 where a feature lies in the same quartile of the background as in the row.
Two differences: values within a quartile are drawn from the background's own values, not from a normal distribution, and an
empty cell is a quartile of its own, so that rows may have some.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from explain.attributions.engines.result import Batch, Floats, OutputSpace
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

SAMPLES: Final = 1_000
ROWS: Final = 100  # where nobody asked for a number of rows
RIDGE: Final = 1.0
KERNEL: Final = 0.75  # width of the kernel in square roots of the number of features


def lime_rows(rows: int, limits: Limits, *, rows_asked: int | None) -> int:
    """How many of `rows` are explained: as many as were asked for, at most ROWS where nobody did.

    Raises ExplainRefused(limit_exceeded).
    """
    wanted = min(rows, rows_asked or ROWS)
    if wanted * 2 * SAMPLES > limits.evaluations:
        most = limits.evaluations // (2 * SAMPLES)
        raise ExplainRefused(
            "limit_exceeded",
            f"LIME asks the model {2 * SAMPLES:,} times for each row; at most {limits.evaluations:,} answers are spent. Ask for "
            f"at most {most:,} rows.",
        )
    return wanted


@dataclass
class Lime:
    """Weights of local linear models; two seeds tell how far they wander, R2 how well they fit where they stand.

    `background_rows`: shape (rows, features), what is drawn from.
    """

    predict: Callable[[Floats], Floats]
    background_rows: Floats
    seed: int
    output_space: OutputSpace
    background: str
    chosen_because: str
    name: str = "lime"
    exact: bool = False
    batch_rows: int = 5
    _done: int = 0

    def __post_init__(self) -> None:
        with np.errstate(invalid="ignore"):
            self._edges = [
                np.unique(np.quantile(column[~np.isnan(column)], (0.25, 0.5, 0.75)))
                if not np.isnan(column).all()
                else np.empty(0)
                for column in self.background_rows.T
            ]
        self._places = np.column_stack(
            [self._quartile(place, column) for place, column in enumerate(self.background_rows.T)]
        )

    def explain(self, values: Floats) -> Batch:
        """See Engine. `base_values` has shape (rows, outputs): the local mean of each row. `spread` is the absolute
        difference of the two seeds, whose mean is given, as it is of `fit`. Base value and parts add up to the local model's
        answer, which is not that of the model: the fit says how far it can be trusted."""
        found = [self._row(row) for row in values]
        first, second = np.stack([one for one, *_ in found]), np.stack([two for _, two, *_ in found])
        base, fit = np.stack([level for _, _, level, _ in found]), np.stack([r2 for *_, r2 in found])
        return Batch((first + second) / 2, base, self.predict(values), np.abs(first - second), fit=fit)

    def raw(self, values: Floats) -> Floats:
        """The output in `output_space`, shape (rows, outputs)."""
        return self.predict(values)

    def _row(self, row: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        halves = [self._surrogate(row, np.random.default_rng([self.seed, half, self._done])) for half in (0, 1)]
        self._done += 1
        level, fit = (np.mean([half[place] for half in halves], axis=0) for place in (1, 2))
        return halves[0][0], halves[1][0], level, fit

    def _surrogate(self, row: Floats, generator: np.random.Generator) -> tuple[Floats, Floats, Floats]:
        """Parts (features, outputs), local mean (outputs,) and R2 (outputs,) of one weighted ridge regression."""
        features = len(row)
        drawn = generator.integers(0, len(self.background_rows), (SAMPLES, features))
        columns = np.arange(features)
        rows = self.background_rows[drawn, columns]
        rows[0] = row
        own = np.array([self._quartile(place, row[[place]])[0] for place in range(features)])
        same = (self._places[drawn, columns] == own).astype(np.float64)
        same[0] = 1.0
        answers = self.predict(rows)
        distance = (1 - same).sum(axis=1)  # squared Euclidean distance of the terms to the row's own
        weights = np.sqrt(np.exp(-distance / (KERNEL**2 * features)))
        share = weights / weights.sum()
        mean_terms, mean_answers = share @ same, share @ answers
        terms, centred = same - mean_terms, answers - mean_answers
        gram = terms.T @ (terms * weights[:, None]) + RIDGE * np.eye(features)
        slopes = np.linalg.solve(gram, terms.T @ (centred * weights[:, None]))
        left = share @ (centred - terms @ slopes) ** 2
        whole = share @ centred**2
        with np.errstate(invalid="ignore", divide="ignore"):
            r2 = np.where(whole > 1e-12, 1 - left / whole, 1.0)
        return slopes * (1 - mean_terms)[:, None], mean_answers, r2

    def _quartile(self, place: int, column: Floats) -> npt.NDArray[np.int64]:
        """The quartile of each value, -1 for an empty cell."""
        found = np.searchsorted(self._edges[place], column, side="left").astype(np.int64)
        found[np.isnan(column)] = -1
        return found
