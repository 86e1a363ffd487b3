"""One explanation of many rows, shared by two workers, beside the same by one: time, and memory beside fewer rows."""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import xgboost
from django.core.files.base import File

from bench.measurements.jobs import broker_running, running
from bench.pairing import Line, interleaved, line
from bench.running import Skipped
from bench.surroundings import DATA, database
from explain.attributions.models import Explanation
from explain.attributions.services import request_explanation
from explain.register.models import DataSet, ModelVersion
from explain.register.runs import inspect_model
from explain.register.services import upload_data, upload_model
from foundation.jobs.models import Job
from foundation.people.models import User
from lifecycle.kpis.periods import organisation_today
from lifecycle.methodologies.models import Methodology
from lifecycle.projects.models import Project
from lifecycle.projects.services import start_project
from portal.celery import app

ROWS, SHARD, DEPTH = 100_000, 10_000, 6
ROWS_IF_FULL, SHARD_IF_FULL, DEPTH_IF_FULL = 1_000_000, 50_000, 4
FEATURES, TREES, TRAINED_ON = 20, 100, 5_000
PATIENCE = 900.0  # seconds until an explanation must be done
ONE = "the same explanation by one worker; each worker does one part at a time, in one thread"
FEWER = "the largest sandbox of an explanation of a quarter of the rows"


@dataclass(frozen=True)
class Taken:
    """What one explanation took: seconds, and the peaks of its largest sandbox and of the largest worker process."""

    seconds: float
    sandbox_mb: float
    worker_mb: float


def measure(full: bool) -> Iterator[Line]:
    """From asking until the explanation is stored, over a real broker; with --full a million rows."""
    if not Path("/proc/self/status").exists():
        raise Skipped("peak memory of workers is read from /proc, which this system does not have")
    rows, shard, depth = (ROWS_IF_FULL, SHARD_IF_FULL, DEPTH_IF_FULL) if full else (ROWS, SHARD, DEPTH)
    database()
    with broker_running() as url:
        bench = _Bench(url, shard, depth)
        data = bench.rows(rows)
        pairs = interleaved(lambda: bench.explained(data, 2), lambda: bench.explained(data, 1), 1)
        name = f"{rows:,} rows, {-(-rows // shard)} parts"
        both = [(two, one) for two, one in pairs]
        yield line(
            f"{name}, 2 workers", "s", ((two.seconds, one.seconds) for two, one in both), beside=ONE, goal="≤ 0.59",
            note=f"throughput x {both[0][1].seconds / both[0][0].seconds:.2f}, aim 1.7",
        )  # fmt: skip
        few = bench.explained(bench.rows(rows // 4), 2)
        yield line(
            f"{name}: peak memory", "MB", ((two.sandbox_mb, few.sandbox_mb) for two, _ in both), beside=FEWER, goal="≤ 1.1",
            note=f"the largest worker process has {max(one.worker_mb for pair in both for one in pair):.0f} MB, aim 2048",
        )  # fmt: skip


class _Bench:
    """A project with an accepted model, on whose data sets workers explain it."""

    def __init__(self, broker: str, shard: int, depth: int) -> None:
        self.folder = DATA / "shards"
        self.folder.mkdir()
        self.environment = {"REDIS_URL": broker, "TOLLGATE_EXPLAIN_SHARD_ROWS": str(shard)}
        self.seeds = itertools.count(1)
        self.names = [f"feature_{place}" for place in range(FEATURES)]
        self.lead = User.objects.create_user("lead-of-shards@example.org", name="Sia Lead", mail_notices=False)
        methodology = Methodology.objects.filter(retired_at__isnull=True).order_by("key")[0]
        self.project: Project = start_project(
            actor=self.lead, key="shards", name="Shards", question="Which first?", methodology=methodology,
            started_on=organisation_today(),
        )  # fmt: skip
        self.version = self._model(depth)

    def _model(self, depth: int) -> ModelVersion:
        random = np.random.default_rng(3)
        values = random.normal(size=(TRAINED_ON, FEATURES))
        late = (values[:, 0] + values[:, 1] * values[:, 2] + random.normal(size=TRAINED_ON) > 0).astype(int)
        booster = xgboost.XGBClassifier(n_estimators=TREES, max_depth=depth, n_jobs=2).fit(values, late).get_booster()
        booster.feature_names = self.names
        booster.save_model(self.folder / "model.json")
        with (self.folder / "model.json").open("rb") as file:
            version = upload_model(
                actor=self.lead, project=self.project, file=File(file), filename="model.json", name="Late", purpose="Late?"
            )  # fmt: skip
        if version.job is None or inspect_model(version.job.pk) != "done":
            raise RuntimeError("The model was not accepted.")
        version.refresh_from_db()
        return version

    def rows(self, count: int) -> DataSet:
        """A data set of so many rows."""
        values = np.random.default_rng(count).normal(size=(count, FEATURES))
        path = self.folder / f"{count}.parquet"
        pyarrow.parquet.write_table(pyarrow.table(dict(zip(self.names, values.T, strict=True))), path)
        with path.open("rb") as file:
            return upload_data(
                actor=self.lead, project=self.project, file=File(file), filename=path.name, name=f"{count:,} rows",
                target_column="",
            )  # fmt: skip

    def explained(self, data: DataSet, workers: int) -> Taken:
        """Explain all rows by so many workers, which are up before the clock starts."""
        with _workers(workers, self.environment):
            began = time.perf_counter()
            asked = request_explanation(
                actor=self.lead, project=self.project, model_version=self.version, data_set=data, seed=next(self.seeds)
            )  # fmt: skip
            if asked.job is None:
                raise RuntimeError("The explanation has no job.")
            done = _wait(asked, asked.job.pk)
            took = time.perf_counter() - began
            return Taken(took, float(done.summary["peak_mb"]), _largest_worker_mb())


@contextmanager
def _workers(count: int, environment: dict[str, str]) -> Iterator[None]:
    with ExitStack() as stack:
        for number in range(count):
            argv = [
                "-m", "celery", "-A", "portal.celery", "--quiet", "worker", "-Q", "explanations", "-c", "1",
                "-n", f"shards-{number}@%h", "--without-gossip", "--without-mingle", "-l", "ERROR",
            ]  # fmt: skip
            stack.enter_context(running([sys.executable, *argv], **environment))
        until = time.monotonic() + 60
        while len(app.control.ping(timeout=0.5) or ()) < count:
            if time.monotonic() > until:
                raise RuntimeError("The workers did not start in time.")
        yield


def _wait(asked: Explanation, job_id: int) -> Explanation:
    until = time.monotonic() + PATIENCE
    while True:
        job = Job.objects.get(pk=job_id)
        if not job.is_open:
            break
        if time.monotonic() > until:
            raise RuntimeError("The workers did not explain the rows in time.")
        time.sleep(0.05)
    done = Explanation.objects.get(pk=asked.pk)
    if done.state != Explanation.State.DONE:
        raise RuntimeError(f"The explanation is {done.state}: {done.refusal or job.error}")
    if not job.parts.exists():
        raise RuntimeError("The explanation was not computed in parts, so its time says nothing.")
    return done


def _largest_worker_mb() -> float:
    """Largest resident size that a worker process of this run had so far."""
    named, largest = f"TOLLGATE_DATA={DATA}".encode(), 0.0
    for entry in Path("/proc").iterdir():
        try:
            if not entry.name.isdigit() or int(entry.name) == os.getpid():
                continue
            if b"portal.celery" in (entry / "cmdline").read_bytes() and named in (entry / "environ").read_bytes():
                told = (entry / "status").read_text()
                largest = max(largest, int(told.split("VmHWM:")[1].split()[0]) / 1024)
        except (OSError, IndexError):
            continue
    return largest
