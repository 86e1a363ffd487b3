"""Crafted files through the real doors: each gets a clear answer, nothing in them is executed, and the workers live on."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.crafting.drawing import EXECUTED, write_crafted, write_sound
from bench.crafting.originals import originals
from bench.crafting.pickles import planted
from bench.pairing import Line, line
from bench.running import Skipped
from bench.surroundings import DATA
from explain.attributions.refused import CODES

FILES, SEED, WORKERS = 1_000, 17, 2
WORKER = Path(__file__).parents[1] / "crafting" / "worker.py"
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "OPENBLAS_NUM_THREADS": "1"}
PATIENCE = 5_400  # seconds for all files
BESIDE = f"the sound files of which they were made, through the same door; {WORKERS} workers at once on both sides"


@dataclass(frozen=True)
class Told:
    """What the workers said of each file, and the largest of their processes and of their sandboxes."""

    cases: list[dict[str, Any]]
    worker_mb: float
    sandbox_mb: float

    @property
    def seconds(self) -> list[float]:
        return [case["seconds"] for case in self.cases]


def measure(full: bool) -> Iterator[Line]:
    """A thousand files; with --full each that is not refused at the upload gets a sandbox of its own."""
    if not Path("/proc/self/status").exists():
        raise Skipped("peak memory of workers is read from /proc, which this system does not have")
    folder = DATA / "crafted"
    made = originals()
    write_sound(folder / "sound", made)
    count = write_crafted(folder / "crafted", made, FILES, SEED)
    executed = folder / "crafted" / EXECUTED
    _must_tell(executed)
    way = "door" if full else "checks"
    sound, crafted = _through(folder / "sound", way), _through(folder / "crafted", way)
    _must_hold(sound, crafted, count, executed)
    shutil.rmtree(folder)
    codes = Counter(case["code"] for case in crafted.cases)
    sandboxes = sum(case["place"] == "sandbox" for case in crafted.cases)
    pickled = sum(case["planted"] for case in crafted.cases)
    name = f"{count:,} crafted files"
    yield line(
        f"{name}: clear answers", "", [(_share_answered(crafted), _share_answered(sound))], beside=BESIDE, goal="100 %",
        note="; ".join(f"{code} {number}" for code, number in codes.most_common())
        + f". {sandboxes} came to a sandbox of their own; {_those_before(full)} refused the others. "
        f"None of {pickled} planted pickles was loaded.",
    )  # fmt: skip
    slowest = max(crafted.cases, key=lambda case: case["seconds"])
    yield line(
        f"{name}: the slowest", "s", [(slowest["seconds"], max(sound.seconds))], beside=BESIDE,
        note=f"{slowest['declared']}, {slowest['made']}: {slowest['code']}; the median is "
        f"{statistics.median(crafted.seconds):.2f} s",
    )  # fmt: skip
    yield line(
        f"{name}: largest sandbox", "MB", [(crafted.sandbox_mb, sound.sandbox_mb)], beside=BESIDE,
        note=f"the worker itself has {crafted.worker_mb:.0f} MB",
    )  # fmt: skip


def _those_before(full: bool) -> str:
    return "the look at an upload" if full else "the look at an upload and the checks in Python"


def _must_tell(executed: Path) -> None:
    """A planted pickle that is loaded makes its folder: without that, the folder's absence would say nothing."""
    file = executed.parent / "planted.pkl"
    file.write_bytes(planted(executed))
    load = "import pickle, sys; pickle.load(open(sys.argv[1], 'rb'))"
    subprocess.run([sys.executable, "-I", "-c", load, str(file)], env=ENVIRONMENT, check=True)
    if not executed.is_dir():
        raise RuntimeError("A planted pickle was loaded and did not tell, so it would not tell on anybody.")
    executed.rmdir()


def _through(folder: Path, way: str) -> Told:
    """All files of the folder through workers that share them."""
    with ExitStack() as stack:
        workers = []
        for first in range(WORKERS):
            argv = [sys.executable, "-I", str(WORKER), str(folder), str(first), str(WORKERS), way]
            worker = subprocess.Popen(argv, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
            stack.callback(worker.wait)
            stack.callback(worker.kill)
            workers.append(worker)
        told = [
            [json.loads(said) for said in worker.communicate(timeout=PATIENCE)[0].splitlines()] for worker in workers
        ]
        if died := [worker.returncode for worker in workers if worker.returncode]:
            raise RuntimeError(f"A worker did not live on: it ended with {died[0]}.")
    ends = [said.pop() for said in told]
    if any(end["children_left"] for end in ends):
        raise RuntimeError("A process of a sandbox was left behind.")
    return Told(
        [case for said in told for case in said],
        max(end["peak_mb"] for end in ends),
        max(end["sandbox_mb"] for end in ends),
    )


def _is_clear(case: dict[str, Any]) -> bool:
    """A code that is known, and a reason in words."""
    return case["code"] == "explained" or (case["code"] in CODES and len(case["message"].split()) > 5)


def _share_answered(told: Told) -> float:
    return sum(map(_is_clear, told.cases)) / len(told.cases)


def _must_hold(sound: Told, crafted: Told, count: int, executed: Path) -> None:
    if wrong := [case for case in sound.cases if case["code"] != "explained"]:
        raise RuntimeError(f"A sound file was not explained, so refusals say nothing: {wrong[0]}")
    if len(crafted.cases) != count:
        raise RuntimeError(f"{count - len(crafted.cases)} files have no answer.")
    if wrong := [case for case in crafted.cases if not _is_clear(case)]:
        raise RuntimeError(f"{len(wrong)} files have no clear answer, the first of them: {wrong[0]}")
    if executed.exists():
        raise RuntimeError("A planted pickle was loaded.")
    if wrong := [case for case in crafted.cases if case["planted"] and case["code"] in ("explained", "model_crashed")]:
        raise RuntimeError(f"A planted pickle was not refused: {wrong[0]}")
