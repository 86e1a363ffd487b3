"""A fast engine behind an exact one: each row's sum is checked, and a sample of rows is computed by both.

Sums alone would not do: a row that goes the wrong way at a split off its own path has wrong values and the right sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from explain.attributions.engines.result import Batch, Engine, Floats, OutputSpace
from explain.attributions.refused import ExplainRefused

TOLERANCE: Final = 1e-4  # of the sizes in the row: 32-bit sums of many trees are not closer to each other
MOST_FAILED: Final = 1e-3  # of the rows of a batch; more is no accident of rounding
LEAST_SAMPLED, SAMPLED_SHARE = 16, 64 / 10_000


def judged(rows: int) -> int:
    """How many of so many rows are enough to see whether an engine is wrong at large."""
    return min(rows, max(LEAST_SAMPLED, round(rows * SAMPLED_SHARE)))


class Exact(Engine, Protocol):
    """An engine that is believed, and how it asks its model."""

    def raw(self, values: Floats) -> Floats:
        """The model's raw output, shape (rows, outputs)."""


class SetAside(Exception):  # noqa: N818 - a turn of events, not an error
    """The fast engine was wrong somewhere, so nothing of it counts: all rows are for `judge`, which says why."""

    def __init__(self, judge: Engine, reason: str) -> None:
        super().__init__(reason)
        self.judge = judge
        judge.chosen_because += f" The faster engine was set aside for all rows: {reason}."


@dataclass
class Guarded:
    """`fast` gives values of shape (rows, features, outputs) for the rows; predictions and base value are the
    judge's, an exact engine."""

    judge: Exact
    fast: Callable[[Floats], Floats]
    seed: int
    name: str
    chosen_because: str
    output_space: OutputSpace
    background: str
    batch_rows: int
    exact: bool = True
    _done: int = 0

    def explain(self, values: Floats) -> Batch:
        """See Engine. Raises SetAside when too many sums, or any row of the sample, are wrong."""
        predictions = self.judge.raw(values)
        sampled = self._sample(len(values))
        wanted = self.judge.explain(values[sampled])
        found = self._found(values, (len(values), *wanted.values.shape[1:]))
        base = np.atleast_2d(wanted.base_values)[0]
        sizes = np.abs(predictions) + np.abs(base) + np.abs(found).sum(axis=1)
        far = np.abs(found[sampled] - wanted.values).max(axis=1) > TOLERANCE * sizes[sampled]
        if far.any():
            raise SetAside(
                self.judge, f"{int(far.any(axis=1).sum())} of {len(sampled)} rows were not those of {self.judge.name}"
            )
        failed = np.flatnonzero((np.abs(found.sum(axis=1) + base - predictions) > TOLERANCE * sizes).any(axis=1))
        if len(failed) > MOST_FAILED * len(values):
            raise SetAside(
                self.judge,
                f"the values of {len(failed):,} of {len(values):,} rows did not add up to the model's output",
            )
        if len(failed):
            found[failed] = self.judge.explain(values[failed]).values
        return Batch(found, base, predictions, recomputed=len(failed))

    def raw(self, values: Floats) -> Floats:
        """The output in `output_space`, shape (rows, outputs)."""
        return self.judge.raw(values)

    def _sample(self, rows: int) -> npt.NDArray[np.intp]:
        """Places of the rows that both engines compute; others in each batch, the same for the same seed."""
        generator = np.random.default_rng([self.seed, self._done])
        self._done += rows
        return np.sort(generator.choice(rows, judged(rows), replace=False))

    def _found(self, values: Floats, shape: tuple[int, ...]) -> Floats:
        try:
            found = self.fast(values)
        except (MemoryError, ExplainRefused):
            raise
        except Exception as error:  # whatever it is, the exact engine does without
            raise SetAside(self.judge, f"it stopped with a {type(error).__name__}") from error
        if found.shape != shape:
            raise SetAside(self.judge, "its values did not have the shape of the model")
        if not np.isfinite(found).all():
            raise SetAside(self.judge, "some of its values were not numbers")
        return found
