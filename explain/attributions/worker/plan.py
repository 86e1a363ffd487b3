"""The first step: check model and data, stream the rows into a file of numbers, choose the engine on all of them."""

from __future__ import annotations

import json
import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow

from explain.attributions.engines.dispatch import choose_engine, lime_engine, open_model
from explain.attributions.engines.result import Engine, Floats, Opened
from explain.attributions.formats.data_file import (
    Table,
    fit_schema,
    kept_columns,
    open_source,
    places_in_model,
    read_table,
    refuse_missing,
)
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.planned import NUMBER_BYTES, BesideFacts, PlanFacts
from explain.attributions.refused import ExplainRefused
from explain.attributions.worker.answers import Beside, beside_of, one_by_one
from explain.attributions.worker.recipe import arrays_of, facts_of
from explain.attributions.worker.report import Reporter

ROWS_BYTES: Final = 256 * 1024 * 1024
METHODS: Final = ("shap", "lime")


@dataclass(frozen=True)
class Planned:
    """The plan, with what it was made on: the model, the engine, and all rows (rows, features), mapped from their file."""

    facts: PlanFacts
    opened: Opened
    engine: Engine
    values: Floats

    def write(self) -> None:
        """plan.json and plan.npz, for processes that compute a shard each."""
        np.savez(Path("plan.npz"), allow_pickle=False, **arrays_of(self.engine, self.values))
        Path("plan.json").write_text(json.dumps(self.facts, allow_nan=False))


def make_plan(request: dict[str, Any], limits: Limits, report: Reporter) -> Planned:
    """Writes data.bin and beside.npz. Raises ExplainRefused."""
    started = time.perf_counter()
    if request["method"] not in METHODS:
        raise ExplainRefused("unsupported_model", f"There is no method {request['method']!r}. Use shap or lime.")
    report.progress(0, 0, "checking the model")
    path = Path(request["model"])
    opened = open_model(path, sniff(path, request["model_format"]), limits)
    report.progress(0, 0, "reading the data")
    features, held = stream_rows(opened, request, limits, report)
    values = mapped("data.bin", len(features))
    background = _background(opened, request, limits)
    outputs = outputs_of(opened)
    if values.size * len(outputs) > limits.result_cells:
        raise ExplainRefused(
            "limit_exceeded", "Rows times features times classes is too much at once. Ask for fewer rows."
        )
    report.progress(0, len(values), "choosing the engine")
    # a shard has one thread, and what pays depends on how many there are
    shared = replace(limits, threads=1) if request["shard_rows"] and len(values) > request["shard_rows"] else limits
    try:
        if request["method"] == "lime":
            engine, rows = lime_engine(opened, values, background, limits, request["seed"], rows_asked=request["rows"])
        else:
            engine, rows = choose_engine(
                opened, values, background, shared, request["seed"], rows_asked=request["rows"] is not None
            )
    except ExplainRefused as refused:
        name_missing(refused, Table(features, values))
        if background is not None:
            name_missing(refused, Table(features, background))
        raise
    row_numbers = len(features) * (1 + len(outputs)) + len(outputs)
    if request["method"] == "lime":
        row_numbers = 0  # a record has no room for a base value of its own
    facts = PlanFacts(
        features=list(features),
        outputs=outputs,
        columns=columns_of(features, outputs),
        kind=opened.kind,
        classes=list(opened.classes),
        rows=rows,
        rows_in_file=len(values),
        # local models are of few rows, which are never split
        shard_rows=_whole_batches(
            rows if request["method"] == "lime" else request["shard_rows"] or rows, engine.batch_rows
        ),
        batch_rows=engine.batch_rows,
        row_numbers=row_numbers if rows * row_numbers * NUMBER_BYTES <= ROWS_BYTES else 0,
        seed=request["seed"],
        method=request["method"],
        named=list(opened.feature_names),
        one_by_one=one_by_one(opened),
        beside=held,
        engine=facts_of(engine),
        versions=versions_of(opened, engine),
        seconds=round(time.perf_counter() - started, 3),
    )
    return Planned(facts, opened, engine, values)


def stream_rows(
    opened: Opened, request: dict[str, Any], limits: Limits, report: Reporter
) -> tuple[tuple[str, ...], BesideFacts]:
    """The model's columns of the file as numbers into data.bin, what is held against the answers into beside.npz. Returns
    the names of the columns. Raises ExplainRefused."""
    target, groups = request["target_column"], request["groups"]
    fitted: list[tuple[tuple[str, ...], list[int], Beside]] = []

    def aside(columns: tuple[str, ...]) -> AbstractSet[str]:
        """What is held against the answers may hold words, unless the model takes it."""
        features, keep = places_in_model(
            columns,
            names=opened.feature_names,
            count=opened.feature_count,
            target_column=target,
            space=opened.space,
            groups=groups,
        )
        held = beside_of(columns, target, groups, opened.space)
        fitted.append((features, keep, held))
        return set(held.written.values()) - {columns[place] for place in keep}

    # local models are of the rows that were asked for, and draw from all of them
    rows_read = None if request["method"] == "lime" else request["rows"]
    source = open_source(Path(request["data"]), limits, rows=rows_read, aside=aside)
    ((features, keep, held),) = fitted
    rows = 0
    with Path("data.bin").open("wb") as data:
        for block in source.blocks:
            data.write(block.values[:, keep].astype("<f8").tobytes())
            held.add(source.columns, block)
            rows += len(block.values)
            report.progress(rows, 0, "reading the data")
    return features, held.write(source.points)


def _background(opened: Opened, request: dict[str, Any], limits: Limits) -> Floats | None:
    if not request["background"]:
        return None
    how: dict[str, Any] = {
        "names": opened.feature_names,
        "count": opened.feature_count,
        "target_column": request["target_column"],
        "groups": request["groups"],
        "space": opened.space,
    }

    def aside(columns: tuple[str, ...]) -> AbstractSet[str]:
        return set(columns) - {columns[place] for place in kept_columns(columns, **how)}

    table = read_table(Path(request["background"]), limits, aside=aside)
    return fit_schema(table, what="The background file", **how).values


def mapped(name: str, columns: int) -> Floats:
    """A file of numbers as an array (rows, columns) that takes no memory of its own."""
    return np.asarray(np.memmap(name, dtype="<f8", mode="r")).reshape(-1, columns)


def outputs_of(opened: Opened) -> list[str]:
    """The explained outputs: the classes, the positive class of a binary model, or one empty text."""
    if opened.kind == "multiclass":
        return list(opened.classes)
    return [opened.classes[-1]] if opened.kind == "binary" and opened.classes else [""]


def columns_of(features: tuple[str, ...], outputs: list[str]) -> list[str]:
    """The columns of values.parquet."""
    if len(outputs) == 1:
        return list(features)
    return [f"{feature} | {output}" for feature in features for output in outputs]


def name_missing(refused: ExplainRefused, table: Table, first: int = 0) -> None:
    """Where a model took no missing values, refuse the first empty cell by its row and column instead."""
    if refused.code == "malformed_data" and "takes no missing" in refused.message:
        refuse_missing(table, first=first)


def _whole_batches(rows: int, batch: int) -> int:
    return -(-rows // batch) * batch


def versions_of(opened: Opened, engine: Engine) -> dict[str, str]:
    """Of the libraries that have a part in the values."""
    found = opened.versions | {"numpy": str(np.__version__), "pyarrow": str(pyarrow.__version__)}
    if engine.name.startswith("shap."):
        import shap

        found["shap"] = str(shap.__version__)
    return found
