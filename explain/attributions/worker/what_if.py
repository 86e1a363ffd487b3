"""One row explained twice: as it is, and with some of its values changed; by the engine of the explanation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np

from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.engines.permutation import Permutation
from explain.attributions.engines.result import Batch, Engine, Floats, Opened
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused
from explain.attributions.worker.plan import mapped, stream_rows
from explain.attributions.worker.recipe import HEAD_ROWS
from explain.attributions.worker.report import Reporter

STEP = "asking the model twice"


def compare_rows(request: dict[str, Any], limits: Limits, report: Reporter) -> dict[str, Any]:
    """Both answers with all their parts, as `asking.Answer` has them but for what the sandbox's other side adds.

    `changes` of the request: a value, or None for an empty one, by the place of the feature. Raises ExplainRefused.
    """
    report.progress(0, 2, "checking the model")
    path = Path(request["model"])
    opened = open_model(path, sniff(path, request["model_format"]), limits)
    engine, before = _engine_and_row(opened, request, limits, report)
    after = before.copy()
    for place, value in request["changes"].items():
        after[int(place)] = np.nan if value is None else value
    report.progress(0, 2, STEP)
    found = _explained(engine, before, request["row"])
    report.progress(1, 2, STEP)
    asked = _changed(engine, after, request["row"])
    return {
        "engine": engine.name,
        "output_space": engine.output_space,
        "before": _told(found),
        "after": _told(asked),
        "spread": _spread(engine, before, after, request["row"], asked.values - found.values),
    }


def _engine_and_row(opened: Opened, request: dict[str, Any], limits: Limits, report: Reporter) -> tuple[Engine, Floats]:
    """The engine chosen as for the explanation, and the row to the last digit.

    An engine that needs no other rows is chosen on few, so that tables which pay for many rows are not made for two.
    """
    if request["data"]:
        report.progress(0, 2, "reading the data")
        needed = request["rows"] if request["reference"] else max(request["row"], HEAD_ROWS)
        stream_rows(opened, request | {"rows": needed}, limits, report)
        values = mapped("data.bin", opened.feature_count)
        if len(values) < request["row"]:
            raise ExplainRefused("malformed_data", f"The data file has no row {request['row']:,} any more.")
        before = np.array(values[request["row"] - 1])
    else:
        before = np.array([np.nan if value is None else value for value in request["values"]], np.float64)
        values = before[None]
    chosen_on = values if request["reference"] else values[:HEAD_ROWS]
    engine, _ = choose_engine(opened, chosen_on, None, limits, request["seed"], rows_asked=request["rows"] is not None)
    return engine, before


def _explained(engine: Engine, values: Floats, row: int) -> Batch:
    """One row; an engine that draws draws for it what it drew in the explanation, so that no difference is chance."""
    if isinstance(engine, Permutation):
        engine = replace(engine, _done=row - 1)
    return engine.explain(np.ascontiguousarray(values[None]))


def _changed(engine: Engine, values: Floats, row: int) -> Batch:
    try:
        found = _explained(engine, values, row)
    except ExplainRefused as refused:
        if "takes no missing" not in refused.message:
            raise
        raise ExplainRefused(
            "malformed_data", "This model takes no empty values. Give a number for each feature that you change."
        ) from refused
    if not (np.isfinite(found.values).all() and np.isfinite(found.predictions).all()):
        raise ExplainRefused(
            "malformed_data",
            "The model answers the changed row with something that is no number. Ask with values nearer to those of the data.",
        )
    return found


def _spread(engine: Engine, before: Floats, after: Floats, row: int, change: Floats) -> list[float] | None:
    """How far the changes of single parts lie from those by another seed, at most, for each output; None for exact
    engines. `change`: shape (1, features, outputs)."""
    if not isinstance(engine, Permutation):
        return None
    other = replace(engine, seed=engine.seed + 1)
    again = _explained(other, after, row).values - _explained(other, before, row).values
    return [float(far) for far in np.abs(again - change)[0].max(axis=0)]


def _told(batch: Batch) -> dict[str, list[Any]]:
    """Predictions and base values of each output, and for each output the parts of all features."""
    base = np.broadcast_to(np.asarray(batch.base_values, np.float64), np.shape(batch.predictions))
    return {
        "predictions": cast(list[Any], np.asarray(batch.predictions, np.float64)[0].tolist()),
        "base_values": cast(list[Any], base[0].tolist()),
        "attributions": cast(list[Any], batch.values[0].T.tolist()),
    }
