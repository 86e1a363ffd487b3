"""Which models have their trees read, and the engine that does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from explain.attributions.engines.fast.lookups import Trees
from explain.attributions.engines.fast.pays import Sizes, may_pay, pays, sizes_of
from explain.attributions.engines.fast.readers import (
    HISTOGRAM,
    LIGHTGBM,
    SKLEARN,
    XGBOOST,
    boosted_trees,
    forest_trees,
    histogram_trees,
    lightgbm_trees,
    xgboost_trees,
)
from explain.attributions.engines.fast.tree import Rule, Tree
from explain.attributions.engines.guard import Exact, Guarded
from explain.attributions.engines.lightgbm_own import LightGBMOwn
from explain.attributions.engines.result import Engine, Floats, Opened
from explain.attributions.engines.sklearn_model import final_step, transformed
from explain.attributions.engines.trees import FORESTS, ShapTrees
from explain.attributions.engines.xgboost_own import XGBoostOwn
from explain.attributions.limits import Limits

NAME: Final = "tree tables"
BATCH_CELLS = 8_000_000
MOST_BITS: Final = 30  # of a pattern, one for each feature on a path


@dataclass(frozen=True)
class Read:
    """The sound trees of a model, in which every node has a positive cover; `seen`: rows as the trees see them."""

    trees: list[Tree]
    rule: Rule
    outputs: int
    seen: Callable[[Floats], Floats]


def faster(engine: Engine, opened: Opened, rows: int, limits: Limits, seed: int) -> Engine:
    """`engine`, or where it pays for so many rows, tables of the same trees behind a guard that asks `engine`. In both
    cases `chosen_because` says why."""
    if not may_pay(rows, opened.family, limits.threads):
        return engine
    return with_tables(
        engine, opened, rows, limits, seed, where=lambda sizes: pays(sizes, rows, opened.family, limits.threads)
    )


def with_tables(
    engine: Engine,
    opened: Opened,
    rows: int,
    limits: Limits,
    seed: int,
    where: Callable[[Sizes], bool] = lambda _: True,
) -> Engine:
    """Tables of the trees behind a guard `where` the sizes of the trees allow it, or `engine` where they do not, or
    where its model has no trees that can be read."""
    if not isinstance(engine, (XGBoostOwn, LightGBMOwn, ShapTrees)):
        return engine
    read = read_trees(engine, opened)
    if read is None:
        return engine
    sizes = sizes_of(read.trees)
    if sizes.most > MOST_BITS:
        return engine
    if not where(sizes):
        engine.chosen_because += f" Tables of its trees would not pay for {rows:,} rows."
        return engine
    return _guarded(engine, read, rows, opened, seed, limits.batch_rows)


def read_trees(engine: Engine, opened: Opened) -> Read | None:
    """The trees that `engine`, or the one that judges it, explains; None where they cannot be read."""
    exact = engine.judge if isinstance(engine, Guarded) else engine
    if not isinstance(exact, (XGBoostOwn, LightGBMOwn, ShapTrees)):
        return None
    outputs = len(opened.classes) if opened.kind == "multiclass" else 1
    try:
        trees, rule, seen = _grown(exact, opened, outputs)
    except Exception:  # what cannot be read, whatever the reason, is left to the engine that needs no reading
        return None
    if not trees or not all(tree.sound for tree in trees):
        return None
    return Read(trees, rule, outputs, seen)


def _guarded(exact: Exact, read: Read, rows: int, opened: Opened, seed: int, batch_rows: int) -> Guarded:
    trees = Trees(read.trees, read.rule, opened.feature_count, read.outputs)
    return Guarded(
        exact,
        lambda values: trees.values(read.seen(values), rows),
        seed,
        NAME,
        f"The exact contributions of {len(read.trees):,} trees, looked up in tables of their leaves, which pays for "
        f"{rows:,} rows. Each row's sum is checked against the model, and a sample against {exact.name}.",
        exact.output_space,
        exact.background,
        max(1, min(batch_rows, BATCH_CELLS // (opened.feature_count * read.outputs))),
    )


def _grown(
    engine: XGBoostOwn | LightGBMOwn | ShapTrees, opened: Opened, outputs: int
) -> tuple[list[Tree] | None, Rule, Callable[[Floats], Floats]]:
    if isinstance(engine, XGBoostOwn):
        linear = opened.facts["booster"] == "gblinear"
        return None if linear else xgboost_trees(opened.model, engine.iterations[1]), XGBOOST, _unchanged
    if isinstance(engine, LightGBMOwn):
        return lightgbm_trees(engine.loaded), LIGHTGBM, engine.loaded.coded
    model = final_step(opened.model)
    name = opened.facts["estimator"]

    def seen(values: Floats) -> Floats:
        return transformed(engine.steps, values)

    if name.startswith("HistGradientBoosting"):
        return histogram_trees(model), HISTOGRAM, seen
    if name in FORESTS:
        several = np.ndim(model.n_outputs_) or model.n_outputs_ != 1
        columns = (1,) if opened.kind == "binary" else tuple(range(outputs))
        return None if several else forest_trees(model, columns), SKLEARN, seen
    return boosted_trees(model), SKLEARN, seen


def _unchanged(values: Floats) -> Floats:
    return values
