"""Any model by permutation sampling (Castro, Gomez & Tejada 2009; antithetic pairs: Mitchell et al. 2022)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explain.attributions.engines.result import Batch, Floats, OutputSpace
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

_LEAST_BACKGROUND, _LEAST_PAIRS = 10, 2


@dataclass(frozen=True)
class Budget:
    """What permutation may cost: rows explained, background rows, and pairs of permutations for each row."""

    rows: int
    background: int
    pairs: int


def plan(rows: int, features: int, background: int, limits: Limits, *, rows_asked: bool) -> Budget:
    """Fit rows, background and pairs to limits.evaluations: first fewer pairs, then a smaller background,
    then, if the
    number of rows was not asked for, fewer rows. Raises ExplainRefused(limit_exceeded)."""
    size, pairs = min(background, 100), 10

    def cost(rows: int) -> int:
        return rows * 2 * pairs * max(1, features) * size

    while cost(rows) > limits.evaluations and size > min(50, background):
        size = max(min(50, background), size // 2)
    while cost(rows) > limits.evaluations and pairs > _LEAST_PAIRS:
        pairs -= 1
    while cost(rows) > limits.evaluations and size > min(_LEAST_BACKGROUND, background):
        size = max(min(_LEAST_BACKGROUND, background), size // 2)
    if cost(rows) > limits.evaluations:
        fitting = limits.evaluations // cost(1)
        if rows_asked or fitting < 1:
            raise ExplainRefused(
                "limit_exceeded",
                f"Explaining {rows:,} rows of a model of this kind takes {cost(rows):,} predictions; at most "
                f"{limits.evaluations:,} are spent. Ask for at most {max(1, fitting):,} rows.",
            )
        rows = fitting
    return Budget(rows, size, pairs)


@dataclass
class Permutation:
    """Averages over random orders of the features; two halves with their own seeds tell how far the values
    wander."""

    predict: Callable[[Floats], Floats]
    background_rows: Floats
    pairs: int
    seed: int
    output_space: OutputSpace
    background: str
    chosen_because: str
    name: str = "permutation"
    exact: bool = False
    batch_rows: int = 10
    _done: int = 0

    def explain(self, values: Floats) -> Batch:
        """See Engine. `spread` is the absolute difference of the two halves, which use different seeds."""
        predictions = self.predict(values)
        base = self.predict(self.background_rows).mean(axis=0)
        found = [self._row(row, prediction, base) for row, prediction in zip(values, predictions, strict=True)]
        first, second = np.stack([one for one, _ in found]), np.stack([two for _, two in found])
        return Batch((first + second) / 2, base, predictions, np.abs(first - second))

    def raw(self, values: Floats) -> Floats:
        """The output in `output_space`, shape (rows, outputs)."""
        return self.predict(values)

    def _row(self, row: Floats, prediction: Floats, base: Floats) -> tuple[Floats, Floats]:
        generators = (
            np.random.default_rng([self.seed, 0, self._done]),
            np.random.default_rng([self.seed, 1, self._done]),
        )
        self._done += 1
        halves = self.pairs - self.pairs // 2, self.pairs // 2
        first, second = (
            self._half(row, prediction, base, generator, max(1, pairs))
            for generator, pairs in zip(generators, halves, strict=True)
        )
        return first, second

    def _half(
        self, row: Floats, prediction: Floats, base: Floats, generator: np.random.Generator, pairs: int
    ) -> Floats:
        features, size = len(row), len(self.background_rows)
        total = np.zeros((features, len(base)))
        for _ in range(pairs):
            order = generator.permutation(features)
            for path in (order, order[::-1]):
                # state k has the first k features of the path taken from the row, the others from the
                # background
                steps = (
                    np.repeat(self.background_rows[None], features - 1, axis=0)
                    if features > 1
                    else np.empty((0, size, 1))
                )
                for place, feature in enumerate(path[:-1]):
                    steps[place:, :, feature] = row[feature]
                means = np.empty((features + 1, len(base)))
                means[0], means[-1] = base, prediction
                if features > 1:
                    means[1:-1] = self.predict(steps.reshape(-1, features)).reshape(features - 1, size, -1).mean(axis=1)
                total[path] += np.diff(means, axis=0)
        return total / (2 * pairs)
