"""Which engine explains which model, and why, in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from explain.attributions.engines.fast.model import faster
from explain.attributions.engines.guard import SetAside, judged
from explain.attributions.engines.lightgbm_own import Loaded, lightgbm_engine, open_lightgbm, output_space
from explain.attributions.engines.lime_local import SAMPLES, Lime, lime_rows
from explain.attributions.engines.linear import linear_engine
from explain.attributions.engines.onnx_model import Session, open_onnx
from explain.attributions.engines.permutation import Permutation, plan
from explain.attributions.engines.result import (
    Attribution,
    Batch,
    Engine,
    Floats,
    Opened,
    OutputSpace,
    additivity_error,
)
from explain.attributions.engines.sklearn_model import open_skops, raw_output
from explain.attributions.engines.trees import tree_engine
from explain.attributions.engines.xgboost_own import open_xgboost, xgboost_engine
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused

TOLERANCE = 1e-3
MOST_PROVING = 50  # rows on which an exact engine shows that it adds up


def open_model(path: Path, model_format: str, limits: Limits) -> Opened:
    """Check and load a model of a format that `sniff` confirmed. Raises ExplainRefused."""
    if model_format == "xgboost-json":
        return open_xgboost(path, limits)
    if model_format == "lightgbm-text":
        return open_lightgbm(path, limits)
    if model_format == "skops":
        return open_skops(path, limits)
    if model_format == "onnx":
        return open_onnx(path, limits)
    raise ExplainRefused("unsupported_model", f"Models in the format {model_format!r} cannot be explained.")


def choose_engine(
    opened: Opened,
    values: Floats,
    background: Floats | None,
    limits: Limits,
    seed: int,
    *,
    rows_asked: bool = False,
) -> tuple[Engine, int]:
    """The engine, and how many of the rows it explains (fewer than given only for permutation without asked
    rows).

    An exact engine must prove itself on the first rows: where its values do not add up, permutation takes
    over.
    """
    if opened.family == "xgboost":
        return faster(xgboost_engine(opened, limits), opened, len(values), limits, seed), len(values)
    reference = values if background is None else background
    where = "the rows themselves" if background is None else "the background file"
    exact, reason = _exact(opened, reference, where)
    if exact is not None:
        if adds_up(exact.explain(values[: min(MOST_PROVING, judged(len(values)))])):
            return faster(exact, opened, len(values), limits, seed), len(values)
        reason = f"The values of {exact.name} did not add up to this model's output"
    budget = plan(len(values), opened.feature_count, len(reference), limits, rows_asked=rows_asked)
    chosen = np.sort(np.random.default_rng(seed).choice(len(reference), budget.background, replace=False))
    predictor, space = _asked(opened, limits)
    cut = f" The budget covers the first {budget.rows:,} of {len(values):,} rows." if budget.rows < len(values) else ""
    engine = Permutation(
        predictor,
        reference[chosen],
        budget.pairs,
        seed,
        space,
        f"{budget.background} rows drawn from {where}",
        f"{reason}, so the model is asked for its output on permuted rows: {2 * budget.pairs} permutations a row.{cut}",
    )
    return engine, budget.rows


def lime_engine(
    opened: Opened, values: Floats, background: Floats | None, limits: Limits, seed: int, *, rows_asked: int | None
) -> tuple[Engine, int]:
    """Local linear models, and how many of the rows they are made for. Raises ExplainRefused(limit_exceeded)."""
    rows = lime_rows(len(values), limits, rows_asked=rows_asked)
    reference = values if background is None else background
    where = "the rows themselves" if background is None else "the background file"
    predictor, space = _asked(opened, limits)
    cut = (
        ""
        if rows_asked or rows == len(values)
        else f" Only the first {rows:,}, since nobody asked for a number of rows."
    )
    engine = Lime(
        predictor,
        np.ascontiguousarray(reference),
        seed,
        space,
        f"{len(reference):,} rows of {where}, drawn column by column",
        f"LIME was asked for: {2 * SAMPLES:,} drawn rows around each row, by two seeds.{cut}",
    )
    return engine, rows


def _exact(opened: Opened, reference: Floats, where: str) -> tuple[Engine | None, str]:
    """The exact engine of the model's family, or None and the reason why there is none."""
    if isinstance(opened.model, Loaded):
        return lightgbm_engine(opened.model), "The rows counted in the trees of this model do not fit each other"
    if isinstance(opened.model, Session):
        return None, "An ONNX model can be asked for its outputs and is not read inside"
    found = tree_engine(opened) or linear_engine(opened, reference, f"the mean of {where} ({len(reference):,} rows)")
    return found, f"A {opened.facts['estimator']} is neither linear nor made of trees that can be read"


def _asked(opened: Opened, limits: Limits) -> tuple[Callable[[Floats], Floats], OutputSpace]:
    """How the model is asked for outputs that are then shared out among the features."""
    if opened.family == "xgboost":
        boosted = xgboost_engine(opened, limits)
        return boosted.raw, boosted.output_space
    if isinstance(opened.model, Loaded):
        return opened.model.raw, output_space(opened.model.facts)
    if isinstance(opened.model, Session):
        return opened.model.predict, opened.model.output_space
    predictor = raw_output(opened, margins=False)
    return predictor, predictor.output_space


def adds_up(batch: Batch) -> bool:
    """Whether base value plus attributions gives the raw prediction on every row, within TOLERANCE."""
    if batch.values.shape[2] != batch.predictions.shape[1] or not np.isfinite(batch.values).all():
        return False
    return bool((additivity_error(batch) <= TOLERANCE * (1 + np.abs(batch.predictions).max(axis=1))).all())


def explain_rows(
    opened: Opened,
    values: Floats,
    features: tuple[str, ...],
    *,
    seed: int = 0,
    background: Floats | None = None,
    limits: Limits | None = None,
) -> Attribution:
    """All rows at once, in this process: for trusted models in tests and benchmarks. Shapes as in
    Attribution."""
    engine, rows = choose_engine(opened, values, background, limits or Limits(), seed)
    try:
        batches = _batches(engine, values[:rows])
    except SetAside as aside:
        engine = aside.judge
        batches = _batches(engine, values[:rows])
    found = np.concatenate([batch.values for batch in batches])
    spreads = [batch.spread for batch in batches if batch.spread is not None]
    base = np.atleast_2d(batches[0].base_values)[0]
    scale = float(np.abs(found).mean())
    return Attribution(
        values=found[:, :, 0] if found.shape[2] == 1 else found,
        base_values=base,
        predictions=np.concatenate([batch.predictions for batch in batches]),
        output_space=engine.output_space,
        classes=opened.classes,
        features=features,
        engine=engine.name,
        chosen_because=engine.chosen_because,
        max_additivity_error=max(float(additivity_error(batch).max()) for batch in batches),
        seed_spread=float(np.concatenate(spreads).mean()) / scale if spreads and scale else None,
        versions=opened.versions,
        seed=seed,
        background=engine.background,
    )


def _batches(engine: Engine, values: Floats) -> list[Batch]:
    starts = range(0, len(values), engine.batch_rows)
    return [engine.explain(values[start : start + engine.batch_rows]) for start in starts]
