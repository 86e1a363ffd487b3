"""The second step, for some of the rows: attributions in batches, summed up, and a fixed random choice of them kept."""

from __future__ import annotations

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow
import pyarrow.parquet

from explain.attributions.engines.guard import SetAside
from explain.attributions.engines.result import Batch, Engine, Floats, additivity_error
from explain.attributions.formats.data_file import Table
from explain.attributions.planned import PartFacts, PlanFacts, part_files
from explain.attributions.refused import ExplainRefused
from explain.attributions.worker.plan import name_missing
from explain.attributions.worker.report import Reporter

ANALYSED: Final = 10_000


def analysed(plan: PlanFacts) -> npt.NDArray[np.intp]:
    """Places of the rows that are looked at closely: by the seed over all rows, whatever the shards."""
    rows = plan["rows"]
    return np.sort(np.random.default_rng(plan["seed"]).choice(rows, min(rows, ANALYSED), replace=False))


def explain_shard(
    plan: PlanFacts,
    engine: Engine,
    values: Floats,
    *,
    number: int,
    first: int,
    versions: dict[str, str],
    report: Reporter,
) -> None:
    """Writes the files of the part. `values`: its rows (rows, features), of which the first is row `first` of the file.

    Raises ExplainRefused.
    """
    started = time.perf_counter()
    names = part_files(number)
    try:
        try:
            part = _explained(plan, engine, values, first, names, report)
        except SetAside as aside:
            engine = aside.judge
            part = _explained(plan, engine, values, first, names, report)
    except ExplainRefused as refused:
        name_missing(refused, Table(tuple(plan["features"]), values), first)
        raise
    facts = PartFacts(
        number=number,
        first=first,
        rows=len(values),
        max_additivity_error=part.error,
        recomputed_rows=part.recomputed,
        engine=engine.name,
        chosen_because=engine.chosen_because,
        versions=versions,
        seconds=round(time.perf_counter() - started, 3),
        peak_mb=0.0,
    )
    Path(names["facts"]).write_text(json.dumps(facts, allow_nan=False))


def _explained(
    plan: PlanFacts, engine: Engine, values: Floats, first: int, names: dict[str, str], report: Reporter
) -> _Part:
    """Writes the files of the part, from the beginning. Raises SetAside where a fast engine was found wrong."""
    with _Part(plan, values, first, names) as part:
        for start in range(0, len(values), plan["batch_rows"]):
            part.add(start, engine.explain(np.ascontiguousarray(values[start : start + plan["batch_rows"]])))
            report.progress(min(len(values), start + plan["batch_rows"]), len(values), "explaining rows")
    return part


class _Part:
    """Sums for each batch and the chosen rows; memory grows with the batches alone.

    The sums are added up batch by batch when all parts are there: in one order, so to the same last digit.
    """

    def __init__(self, plan: PlanFacts, values: Floats, first: int, names: dict[str, str]) -> None:
        self.plan, self.values, self.names = plan, values, names
        chosen = analysed(plan)
        low, high = np.searchsorted(chosen, (first, first + len(values)))
        self.chosen = chosen[low:high] - first
        self.shape = (len(plan["features"]), len(plan["outputs"]))
        self.schema = pyarrow.schema([(column, pyarrow.float64()) for column in plan["columns"]])
        self.error, self.recomputed = 0.0, 0
        self.sums: list[Floats] = []
        self.spreads: list[float] = []
        self.kept: list[Floats] = []
        self.predictions: list[Floats] = []
        self.bases: list[Floats] = []
        self.fits: list[Floats] = []

    def __enter__(self) -> _Part:
        with ExitStack() as stack:
            self.writer = stack.enter_context(
                pyarrow.parquet.ParquetWriter(self.names["values"], self.schema, compression="zstd")
            )
            self.records: IO[bytes] = stack.enter_context(Path(self.names["rows"]).open("wb"))
            self.raw: IO[bytes] = stack.enter_context(Path(self.names["predictions"]).open("wb"))
            self.open = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.open.close()
        if kind is None:
            self._write_digest()

    def add(self, start: int, batch: Batch) -> None:
        """Take in the rows from `start` on."""
        rows = len(batch.values)
        if not np.isfinite(batch.values).all():
            raise ExplainRefused(
                "malformed_model",
                "The model gives contributions that are not numbers, as models with empty nodes do. "
                "Export or train it again.",
            )
        predictions = np.asarray(batch.predictions, np.float64).reshape(rows, -1)
        if batch.values.shape[1:] != self.shape or predictions.shape[1] != self.shape[1]:
            raise ExplainRefused("malformed_model", "The model gives another number of outputs than it declares.")
        self.sums.append(np.abs(batch.values).sum(axis=0))
        self.error = max(self.error, float(additivity_error(batch).max()))
        self.recomputed += batch.recomputed
        if batch.spread is not None:
            self.spreads.append(float(batch.spread.sum()))
        low, high = np.searchsorted(self.chosen, (start, start + rows))
        own = self.chosen[low:high] - start
        self.kept.append(batch.values[own])
        self.predictions.append(predictions[own])
        bases = np.broadcast_to(np.asarray(batch.base_values, np.float64), predictions.shape)
        self.bases.append(bases[own])
        if batch.fit is not None:
            self.fits.append(batch.fit[own])
        self._write(start, batch.values.reshape(rows, -1), predictions)

    def _write(self, start: int, flat: Floats, predictions: Floats) -> None:
        """The values; a record of equal length for each row, so that a page finds any row without a library (feature
        values, attributions (features x outputs), predictions); and the predictions alone, for all that asks how good the
        model is."""
        arrays = [pyarrow.array(column) for column in flat.T]
        self.writer.write_table(pyarrow.Table.from_arrays(arrays, schema=self.schema))
        if self.plan["row_numbers"]:
            record = np.hstack([self.values[start : start + len(flat)], flat, predictions])
            self.records.write(record.astype("<f8").tobytes())
        self.raw.write(predictions.astype("<f8").tobytes())

    def _write_digest(self) -> None:
        arrays: dict[str, Any] = {
            "sums": np.stack(self.sums),
            "spreads": np.asarray(self.spreads),
            "kept": np.concatenate(self.kept),
            "predictions": np.concatenate(self.predictions),
            "values": self.values[self.chosen],
            "bases": np.concatenate(self.bases),
            "fits": np.concatenate(self.fits) if self.fits else np.empty((0, self.shape[1])),
        }
        np.savez(Path(self.names["digest"]), allow_pickle=False, **arrays)
