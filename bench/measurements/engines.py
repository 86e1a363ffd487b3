"""Engines for trees in this process: the one that is chosen, beside shap.TreeExplainer and the better of two.

All sides have computed a few rows before they are timed; reading the trees and making tables counts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from bench.pairing import Line, interleaved, line
from bench.trees import Model, goal, models, rounds, rows, sizes
from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.engines.fast.model import with_tables
from explain.attributions.engines.guard import Guarded
from explain.attributions.engines.result import Engine, Floats, Opened
from explain.attributions.limits import Limits

EDGES: Final = (300, 600, 1_000, 2_000)  # where the one engine stops to pay and the other begins
SHAP: Final = "shap.TreeExplainer, made anew, on the same model and rows"
BETTER: Final = "the quicker of two bare engines without a guard: tables of trees, and the library's own or shap"


@dataclass(frozen=True)
class Ready:
    """A trained model, opened as a worker opens it."""

    model: Model
    opened: Opened


def measure(full: bool) -> Iterator[Line]:
    """A line for each family and size; values must agree."""
    values = rows()
    ready = [Ready(model, open_model(model.path, model.model_format, Limits())) for model in models(full)]
    for each in ready:
        for size in sizes(full):
            yield _beside_shap(each, values[:size])
    for each in ready:
        for size in EDGES:
            yield _beside_the_better(each, values[:size])


def _explained(engine: Engine, rows: Floats) -> Floats:
    starts = range(0, len(rows), engine.batch_rows)
    return np.concatenate([engine.explain(rows[start : start + engine.batch_rows]).values for start in starts])


def _chosen(ready: Ready, rows: Floats) -> tuple[Engine, Floats]:
    engine, _ = choose_engine(ready.opened, rows, None, Limits(), 0)
    return engine, _explained(engine, rows)


def _taken(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def _beside_shap(ready: Ready, rows: Floats) -> Line:
    import shap

    def reference(some: Floats) -> Floats:
        return np.asarray(shap.TreeExplainer(ready.model.trained).shap_values(some, check_additivity=False))

    few = rows[:50]
    engine, found = _chosen(ready, rows)
    _must_agree(found[:50], reference(few))
    pairs = interleaved(
        lambda: _taken(lambda: _chosen(ready, rows)), lambda: _taken(lambda: reference(rows)), rounds(len(rows))
    )
    return line(
        f"{ready.model.name}, {len(rows):,}",
        "s",
        pairs,
        beside=SHAP,
        goal=goal(ready.model, len(rows)),
        note=engine.name,
    )


def _beside_the_better(ready: Ready, rows: Floats) -> Line:
    """The choice, with the guard that comes with it, beside the quicker of both."""
    exact, _ = choose_engine(ready.opened, rows[:1], None, Limits(), 0)

    def alone() -> Floats:
        """Made anew, as the choice makes it, and asked for all rows."""
        made, _ = choose_engine(ready.opened, rows[:1], None, Limits(), 0)
        return _explained(made, rows)

    def better() -> float:
        return min(_taken(alone), _taken(lambda: _tables(ready, exact, rows)))

    better()
    chosen, _ = _chosen(ready, rows)
    pairs = interleaved(lambda: _taken(lambda: _chosen(ready, rows)), better, 5)
    return line(f"{ready.model.name}, {len(rows):,}", "s", pairs, beside=BETTER, goal="≤ 1.1", note=chosen.name)


def _tables(ready: Ready, exact: Engine, rows: Floats) -> Floats:
    """Values that no guard looks at."""
    engine = with_tables(exact, ready.opened, len(rows), Limits(), 0)
    if not isinstance(engine, Guarded):
        raise RuntimeError(f"The trees of {ready.model.name} cannot be read.")
    return engine.fast(rows)


def _must_agree(found: Floats, wanted: Floats) -> None:
    if not np.allclose(found.reshape(wanted.shape), wanted, atol=1e-4):
        raise RuntimeError("The two engines differ, so their times say nothing.")
