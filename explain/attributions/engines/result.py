"""What every engine gives back, whatever the model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
OutputSpace = Literal["log-odds", "probability", "value", "log"]
Kind = Literal["binary", "multiclass", "regression"]


@dataclass(frozen=True)
class Opened:
    """A model that was checked and loaded; `feature_names` is empty when it was trained without names. `space` is what
    its library writes for a space in a name."""

    model: object
    family: str
    library: str
    versions: dict[str, str]
    kind: Kind
    feature_names: tuple[str, ...]
    feature_count: int
    classes: tuple[str, ...]
    facts: dict[str, str] = field(default_factory=dict)
    space: str = " "


@dataclass(frozen=True)
class Batch:
    """Attributions of some rows. Shapes: values (rows, features, outputs), base_values (outputs,) or (rows,
    outputs),
    predictions (rows, outputs), spread (rows, features, outputs) or None; one output unless there are several
    classes. `recomputed`: rows whose sums were wrong at first, so that an exact engine computed them again. `fit`: R2 of local
    models (rows, outputs), where the values are of such."""

    values: Floats
    base_values: Floats
    predictions: Floats
    spread: Floats | None = None
    recomputed: int = 0
    fit: Floats | None = None


class Engine(Protocol):
    """Computes attributions of rows; the dispatcher chooses one and says why."""

    name: str
    exact: bool
    output_space: OutputSpace
    background: str
    batch_rows: int
    chosen_because: str

    def explain(self, values: Floats) -> Batch:
        """Attributions of the rows, in the model's own output space. Deterministic for one seed."""

    def raw(self, values: Floats) -> Floats:
        """The model's raw output in `output_space`, shape (rows, outputs)."""


@dataclass(frozen=True)
class Attribution:
    """Attributions of all rows: values (rows, features) or (rows, features, classes), float64. `base_values`
    has one
    number per output; `predictions` are raw, in `output_space`; the additivity error is for exact engines,
    the
    seed spread (mean difference between two seeds, as a share of the mean attribution) for approximate
    ones."""

    values: Floats
    base_values: Floats
    predictions: Floats
    output_space: OutputSpace
    classes: tuple[str, ...]
    features: tuple[str, ...]
    engine: str
    chosen_because: str
    max_additivity_error: float
    seed_spread: float | None
    versions: dict[str, str]
    seed: int
    background: str


def additivity_error(batch: Batch) -> Floats:
    """Per row, the largest distance between base value plus attributions and the raw prediction (Lundberg &
    Lee 2017,
    local accuracy, eq. 5)."""
    errors = np.abs(batch.values.sum(axis=1) + batch.base_values - batch.predictions)
    return np.asarray(errors.max(axis=1), dtype=np.float64)
