"""What happens inside the sandbox: check, load, explain in batches, digest, write the result files."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow
import pyarrow.parquet

from explain.attributions.engines.dispatch import choose_engine, open_model
from explain.attributions.engines.guard import Guarded, SetAside
from explain.attributions.engines.result import Batch, Engine, Floats, Opened, additivity_error
from explain.attributions.formats.data_file import Table, fit_schema, read_table, refuse_missing
from explain.attributions.formats.sniff import sniff
from explain.attributions.limits import Limits
from explain.attributions.refused import ExplainRefused
from explain.attributions.worker import digest
from explain.attributions.worker.report import Reporter

ANALYSED = 10_000
ROWS_BYTES = 256 * 1024 * 1024


def inspect(request: dict[str, Any], limits: Limits) -> None:
    """Write facts.json about the model of the request. Raises ExplainRefused."""
    path = Path(request["model"])
    opened = open_model(path, sniff(path, request["model_format"]), limits)
    facts = {
        "format": request["model_format"],
        "family": opened.family,
        "library": opened.library,
        "versions": opened.versions,
        "kind": opened.kind,
        "features": list(opened.feature_names),
        "feature_count": opened.feature_count,
        "features_named": bool(opened.feature_names),
        "classes": list(opened.classes),
        "facts": opened.facts,
    }
    Path("facts.json").write_text(json.dumps(facts))


def explain(request: dict[str, Any], limits: Limits, report: Reporter) -> None:
    """Write values.parquet and summary.json in the current folder. Raises ExplainRefused."""
    started = time.perf_counter()
    if request["method"] != "shap":
        raise ExplainRefused("unsupported_model", f"The method {request['method']!r} cannot be used yet. Use shap.")
    report.progress(0, 0, "checking the model")
    path = Path(request["model"])
    opened = open_model(path, sniff(path, request["model_format"]), limits)
    report.progress(0, 0, "reading the data")
    target, asked = request["target_column"], request["rows"]
    table, background = (
        None
        if not request[key]
        else fit_schema(
            read_table(Path(request[key]), limits, rows=asked if key == "data" else None),
            names=opened.feature_names,
            count=opened.feature_count,
            target_column=target,
            what=what,
            space=opened.space,
        )
        for key, what in (("data", "The data file"), ("background", "The background file"))
    )
    if table is None:
        raise ExplainRefused("malformed_data", "There is no data file.")
    outputs = len(opened.classes) if opened.kind == "multiclass" else 1
    if table.values.size * outputs > limits.result_cells:
        raise ExplainRefused(
            "limit_exceeded", "Rows times features times classes is too much at once. Ask for fewer rows."
        )
    report.progress(0, len(table.values), "choosing the engine")
    try:
        engine, rows = choose_engine(
            opened,
            table.values,
            None if background is None else background.values,
            limits,
            request["seed"],
            rows_asked=asked is not None,
        )
        collected = _Collected(opened, table, rows, request["seed"], int(request["inline_rows"]))
        try:
            _compute(engine, collected, report)
        except SetAside as aside:
            engine = aside.judge
            collected = _Collected(opened, table, rows, request["seed"], int(request["inline_rows"]))
            _compute(engine, collected, report)
    except ExplainRefused as refused:
        if refused.code == "malformed_data" and "takes no missing" in refused.message:
            refuse_missing(table)
            if background is not None:
                refuse_missing(background)
        raise
    report.progress(rows, rows, "summarising")
    summary = collected.summary(engine)
    summary["seconds"] = round(time.perf_counter() - started, 3)
    Path("summary.json").write_text(json.dumps(summary, allow_nan=False))


def _compute(engine: Engine, collected: _Collected, report: Reporter) -> None:
    rows = collected.rows
    with (
        pyarrow.parquet.ParquetWriter("values.parquet", collected.schema, compression="zstd") as writer,
        Path("rows.bin").open("wb") as places,
    ):
        for start in range(0, rows, engine.batch_rows):
            stop = min(rows, start + engine.batch_rows)
            batch = engine.explain(collected.table.values[start:stop])
            if not np.isfinite(batch.values).all():
                raise ExplainRefused(
                    "malformed_model",
                    "The model gives contributions that are not numbers, as models with empty nodes do. "
                    "Export or train it again.",
                )
            collected.add(start, batch)
            flat = batch.values.reshape(len(batch.values), -1)
            _write_rows(places, collected, start, flat, np.asarray(batch.predictions))
            writer.write_table(
                pyarrow.Table.from_arrays([pyarrow.array(column) for column in flat.T], schema=collected.schema)
            )
            report.progress(stop, rows, "explaining rows")


def _write_rows(places: IO[bytes], collected: _Collected, start: int, flat: Floats, predictions: Floats) -> None:
    """One record of equal length for each row, so that a page finds any row without a library: the feature values, the
    attributions (features x outputs), the predictions; as little-endian doubles."""
    record = np.hstack([collected.table.values[start : start + len(flat)], flat, predictions.reshape(len(flat), -1)])
    collected.row_numbers = record.shape[1] if collected.rows * record.shape[1] * 8 <= ROWS_BYTES else 0
    if collected.row_numbers:
        places.write(record.astype("<f8").tobytes())


class _Collected:
    """Sums over all rows and a fixed random choice of rows, so that memory does not grow with the file."""

    def __init__(self, opened: Opened, table: Table, rows: int, seed: int, inline_rows: int) -> None:
        self.opened, self.table, self.rows, self.seed = opened, table, rows, seed
        self.features = list(table.columns)
        if opened.kind == "multiclass":
            self.outputs = list(opened.classes)
        else:
            self.outputs = [opened.classes[-1]] if opened.kind == "binary" and opened.classes else [""]
        columns = (
            self.features
            if len(self.outputs) == 1
            else [f"{feature} | {output}" for feature in self.features for output in self.outputs]
        )
        self.columns = columns
        self.schema = pyarrow.schema([(column, pyarrow.float64()) for column in columns])
        self.chosen = np.sort(np.random.default_rng(seed).choice(rows, min(rows, ANALYSED), replace=False))
        self.total = np.zeros((len(self.features), len(self.outputs)))
        self.error, self.spread, self.recomputed = 0.0, 0.0, 0
        self.row_numbers = 0
        self.has_spread = False
        self.kept: list[Floats] = []
        self.predictions: list[Floats] = []
        self.base: Floats | None = None
        self.inline: list[Any] | None = [] if rows <= inline_rows else None

    def add(self, start: int, batch: Batch) -> None:
        """Take in the rows from `start` on."""
        if batch.values.shape[1:] != self.total.shape:
            raise ExplainRefused("malformed_model", "The model gives another number of outputs than it declares.")
        self.total += np.abs(batch.values).sum(axis=0)
        self.error = max(self.error, float(additivity_error(batch).max()))
        self.recomputed += batch.recomputed
        if batch.spread is not None:
            self.has_spread = True
            self.spread += float(batch.spread.sum())
        first, last = np.searchsorted(self.chosen, (start, start + len(batch.values)))
        own = self.chosen[first:last] - start
        self.kept.append(batch.values[own])
        self.predictions.append(batch.predictions[own])
        if self.base is None:
            self.base = np.atleast_2d(batch.base_values)[0]
        if self.inline is not None:
            plain = batch.values[:, :, 0] if len(self.outputs) == 1 else batch.values
            self.inline.extend(plain.tolist())

    def summary(self, engine: Engine) -> dict[str, Any]:
        """The fields of Summary that the sandbox knows; the parent adds hashes, peak memory and isolation."""
        found, predictions = np.concatenate(self.kept), np.concatenate(self.predictions)
        values = self.table.values[self.chosen]
        assert self.base is not None
        mean_abs = self.total / self.rows
        overall = mean_abs.mean(axis=1)
        focus = int(mean_abs.sum(axis=0).argmax())
        by_output = {
            name: digest.drivers(
                self.features,
                values,
                found[:, :, place],
                mean_abs[:, place],
                float(self.base[place]),
                log_odds=engine.output_space == "log-odds" and len(self.outputs) == 1,
            )
            for place, name in enumerate(self.outputs)
        }
        sample, sampling = digest.row_sample(self.chosen, values, found, self.base, predictions, seed=self.seed)
        scale = float(self.total.sum())
        summary: dict[str, Any] = {
            "engine": engine.name,
            "method": "shap",
            "output_space": engine.output_space,
            "kind": self.opened.kind,
            "classes": list(self.opened.classes),
            "outputs": self.outputs,
            "features": self.features,
            "rows": self.rows,
            "rows_in_file": len(self.table.values),
            "base_values": self.base.tolist(),
            "mean_abs": {name: float(size) for name, size in zip(self.features, overall, strict=True)},
            "max_additivity_error": self.error,
            "recomputed_rows": self.recomputed,
            "seed_spread": self.spread / scale if self.has_spread and scale else (0.0 if self.has_spread else None),
            "background": engine.background,
            "versions": self.opened.versions | _versions(engine),
            "chosen_because": engine.chosen_because,
            "seed": self.seed,
            "focus": self.outputs[focus],
            "analysed_rows": len(found),
            "drivers": by_output[self.outputs[focus]],
            "drivers_by_output": by_output,
            "beeswarm": digest.beeswarm(
                self.features,
                values,
                found[:, :, focus],
                mean_abs[:, focus],
                class_name=self.outputs[focus] or None,
                of=self.rows,
                seed=self.seed,
            ),
            "row_sample": sample,
            "row_sampling": sampling,
            "row_numbers": self.row_numbers,
            "stability": digest.stability(found, seed=self.seed),
            "columns": self.columns,
        }
        if self.inline is not None:
            summary["inline_values"] = self.inline
        return summary


def _versions(engine: Engine) -> dict[str, str]:
    found = {"numpy": str(np.__version__), "pyarrow": str(pyarrow.__version__)}
    judge = engine.judge if isinstance(engine, Guarded) else engine
    if judge.name.startswith("shap."):
        import shap

        found["shap"] = str(shap.__version__)
    return found
