"""One explanation of many rows, shared by two workers, beside the same by one: time, and memory beside fewer rows."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.explaining import Explaining
from bench.measurements.jobs import broker_running, running
from bench.pairing import Line, interleaved, line
from bench.running import Skipped
from bench.surroundings import DATA, database
from explain.attributions.models import Explanation
from explain.register.models import DataSet
from foundation.jobs.models import Job
from portal.celery import app

ROWS, SHARD, DEPTH = 100_000, 10_000, 6
ROWS_IF_FULL, SHARD_IF_FULL, DEPTH_IF_FULL = 1_000_000, 50_000, 4
TREES = 100
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
    """Workers explain the data sets of one project."""

    def __init__(self, broker: str, shard: int, depth: int) -> None:
        self.environment = {"REDIS_URL": broker, "TOLLGATE_EXPLAIN_SHARD_ROWS": str(shard)}
        self.explaining = Explaining("shards", trees=TREES, depth=depth)
        self.rows = self.explaining.rows

    def explained(self, data: DataSet, workers: int) -> Taken:
        """Explain all rows by so many workers, which are up before the clock starts."""
        with _workers(workers, self.environment):
            began = time.perf_counter()
            asked = self.explaining.ask(data)
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
