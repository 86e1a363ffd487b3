"""A sandboxed explanation of an XGBoost model, beside bare engines in a process without a sandbox."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import xgboost

from bench.pairing import Line, interleaved, line
from bench.running import Skipped
from bench.surroundings import DATA
from explain.attributions.sandbox import explain_files

ROWS, TREES = 20_000, 40
ROWS_IF_FULL, TREES_IF_FULL = 50_000, 100
FEATURES, DEPTH = 20, 6
TRAINED_ON = 5_000
ENGINE = Path(__file__).parents[1] / "bare_engine.py"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2", "ARROW_NUM_THREADS": "2"}
OWN = "read Parquet, XGBoost pred_contribs of all rows at once, write Parquet; a fresh process, two threads"
TABLES = "the same with tables of the model's trees, the engine that the sandbox chooses here"


@dataclass(frozen=True)
class Taken:
    """What one run took."""

    seconds: float
    peak_mb: float


def measure(full: bool) -> Iterator[Line]:
    """Time and peak memory of the child, from starting it until its result is written."""
    if not Path("/proc/self/status").exists():
        raise Skipped("peak memory of a child is read from /proc, which this system does not have")
    folder = DATA / "explanations"
    folder.mkdir()
    rows, trees = (ROWS_IF_FULL, TREES_IF_FULL) if full else (ROWS, TREES)
    model, data = _files(folder, rows, trees)
    for engine, beside in (("own", OWN), ("tables", TABLES)):
        pairs = interleaved(lambda: _sandboxed(model, data, folder), lambda e=engine: _bare(e, model, data, folder), 3)  # type: ignore[misc]
        name = f"{rows:,} x {trees} trees, {engine}"
        _must_agree(folder / "values.parquet", folder / "bare.parquet")
        yield line(name, "s", ((a.seconds, b.seconds) for a, b in pairs), beside=beside, goal="≤ 1.2")
        yield line(f"{name}: memory", "MB", ((a.peak_mb, b.peak_mb) for a, b in pairs), beside=beside, goal="≤ 1.5")


def _files(folder: Path, rows: int, trees: int) -> tuple[Path, Path]:
    random = np.random.default_rng(3)
    values = random.normal(size=(rows, FEATURES))
    names = [f"feature_{place}" for place in range(FEATURES)]
    sample = values[:TRAINED_ON]
    late = (sample[:, 0] + sample[:, 1] * sample[:, 2] + random.normal(size=len(sample)) > 0).astype(int)
    trained = xgboost.XGBClassifier(n_estimators=trees, max_depth=DEPTH, n_jobs=2).fit(sample, late)
    booster = trained.get_booster()
    booster.feature_names = names
    booster.save_model(folder / "model.json")
    table = pyarrow.table({name: values[:, place] for place, name in enumerate(names)})
    pyarrow.parquet.write_table(table, folder / "data.parquet")
    return folder / "model.json", folder / "data.parquet"


def _sandboxed(model: Path, data: Path, folder: Path) -> Taken:
    began = time.perf_counter()
    found = explain_files(model_path=model, data_path=data, model_format="xgboost-json", folder=folder)
    return Taken(time.perf_counter() - began, found["peak_mb"])


def _bare(engine: str, model: Path, data: Path, folder: Path) -> Taken:
    began = time.perf_counter()
    argv = [sys.executable, "-I", str(ENGINE), engine, str(model), str(data), str(folder / "bare.parquet")]
    done = subprocess.run(argv, env=ENVIRONMENT, stdout=subprocess.PIPE, check=True)
    return Taken(time.perf_counter() - began, float(done.stdout))


def _must_agree(ours: Path, reference: Path) -> None:
    first, second = (
        np.column_stack([column.to_numpy() for column in pyarrow.parquet.read_table(path).columns])
        for path in (ours, reference)
    )
    if not np.allclose(first, second, atol=1e-4):
        raise RuntimeError("The two explanations differ, so their times say nothing.")
