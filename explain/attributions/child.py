"""Starting, watching and ending the sandboxed process."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from explain.attributions.limits import MB, Limits
from explain.attributions.openmp import VARIABLE
from explain.attributions.refused import CODES, Code, ExplainRefused, ExplainStopped

_BOOTSTRAP: Final = Path(__file__).resolve().parent / "worker" / "bootstrap.py"
LIBRARIES: Final = "libraries"
_TICK: Final = 0.2
_SIGNALS: Final = {
    signal.SIGSEGV: "it read memory that is not its own",
    signal.SIGABRT: "the model library gave up",
    signal.SIGBUS: "it read memory that is not its own",
    signal.SIGFPE: "an impossible calculation",
    signal.SIGILL: "an instruction this processor does not know",
    signal.SIGKILL: "the system ended it, most often because memory ran out",
}


@dataclass
class Outcome:
    """What the child said: isolation facts and its peak memory."""

    isolation: dict[str, str] = field(default_factory=dict)
    peak_mb: float = 0.0
    finished: bool = False
    refused: tuple[str, str] | None = None


def run_child(
    box: Path,
    project: Path,
    limits: Limits,
    unprivileged: bool,
    on_progress: Callable[[int, int, str], object] | None,
    cancelled: Callable[[], bool] | None,
) -> Outcome:
    """Run the request of the box to its end. Raises ExplainRefused, ExplainStopped, or what on_progress
    raises; the
    whole process group is gone when this returns or raises."""
    incoming, outgoing = os.pipe()
    deadline = time.monotonic() + limits.wall_seconds
    outcome = Outcome()
    with (box / "child.log").open("wb") as log:
        if unprivileged:
            os.chmod(box / "child.log", 0o600)
        try:
            # never forked from this process: a fork after a model library's threads have started hangs
            child = subprocess.Popen(
                [sys.executable, "-I", "-B", str(_BOOTSTRAP), str(project), str(outgoing)],
                cwd=box,
                env=_environment(box, limits),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(outgoing,),
                start_new_session=True,
            )
        finally:
            os.close(outgoing)
    try:
        _listen(incoming, outcome, deadline, limits, on_progress, cancelled)
        code = child.wait(timeout=max(0.0, deadline - time.monotonic()) + 1)
    except subprocess.TimeoutExpired as error:
        raise _too_long(limits) from error
    finally:
        os.close(incoming)
        _end(child)
    if outcome.refused is not None:
        name, message = outcome.refused
        raise ExplainRefused(cast(Code, name), message)
    if code != 0 or not outcome.finished:
        raise _crashed(code, (box / "child.log"), limits)
    return outcome


def _environment(box: Path, limits: Limits) -> dict[str, str]:
    """Nothing of the parent's environment: no database address, no key."""
    threads = str(limits.threads)
    libraries = box / LIBRARIES
    return ({VARIABLE: str(libraries)} if libraries.is_dir() else {}) | {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(box),
        "TMPDIR": str(box),
        "LANG": "C.UTF-8",
        "OMP_NUM_THREADS": threads,
        # threads that wait by spinning take the processor from those that work, most of all beside other workers
        "OMP_WAIT_POLICY": "PASSIVE",
        "OPENBLAS_NUM_THREADS": threads,
        "MKL_NUM_THREADS": threads,
        "NUMBA_NUM_THREADS": threads,
        "ARROW_NUM_THREADS": threads,
        "MALLOC_ARENA_MAX": "2",
        "JOBLIB_MULTIPROCESSING": "0",
    }


def _listen(
    pipe: int,
    outcome: Outcome,
    deadline: float,
    limits: Limits,
    on_progress: Callable[[int, int, str], object] | None,
    cancelled: Callable[[], bool] | None,
) -> None:
    os.set_blocking(pipe, False)
    rest = b""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if cancelled is not None and cancelled():
                raise ExplainStopped("The computation was stopped.")
            if time.monotonic() > deadline:
                raise _too_long(limits)
            if not selector.select(_TICK):
                continue
            part = os.read(pipe, 65_536)
            if not part:
                return
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                _hear(line, outcome, on_progress)
            if len(rest) > MB:
                raise ExplainRefused(
                    "model_crashed", "The computation said something that makes no sense, so it was ended."
                )


def _hear(line: bytes, outcome: Outcome, on_progress: Callable[[int, int, str], object] | None) -> None:
    try:
        said: Any = json.loads(line)
    except (ValueError, RecursionError):
        return
    if not isinstance(said, dict):
        return
    if "refused" in said:
        code, message = str(said["refused"].get("code")), str(said["refused"].get("message"))[:4000]
        outcome.refused = (code if code in CODES else "model_crashed", message)
    elif "finished" in said:
        outcome.finished = True
        outcome.peak_mb = float(said["finished"].get("peak_mb", 0.0))
        outcome.isolation = {str(key): str(value)[:200] for key, value in said["finished"].get("isolation", {}).items()}
    elif on_progress is not None and type(said.get("done")) is int and type(said.get("of")) is int:
        on_progress(said["done"], said["of"], str(said.get("step", ""))[:80])


def _end(child: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _too_long(limits: Limits) -> ExplainRefused:
    return ExplainRefused(
        "limit_exceeded",
        f"The computation took longer than {limits.wall_seconds:g} seconds and was ended. Ask for fewer rows.",
    )


def _crashed(code: int, log: Path, limits: Limits) -> ExplainRefused:
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - 8192))
            last = file.read().decode("utf-8", "replace")
    except OSError:
        last = ""
    if code == -signal.SIGXCPU:
        return ExplainRefused(
            "limit_exceeded",
            f"The computation used its {limits.cpu_seconds:,} seconds of processor time and was ended. Ask "
            "for fewer rows.",
        )
    if any(
        word in last
        for word in (
            "bad_alloc",
            "MemoryError",
            "annot allocate memory",
            "failed to map segment",
            "bad allocation",
            # a thread's stack is memory too
            "start new thread",
            "pthread_create failed",
        )
    ):
        return ExplainRefused(
            "limit_exceeded",
            f"The computation needs more than the {limits.memory_bytes // MB:,} MB of memory it may use. Ask "
            "for fewer rows.",
        )
    if code < 0:
        try:
            name = signal.Signals(-code)
            reason = f"{name.name}: {_SIGNALS.get(name, 'ended by the system')}"
        except ValueError:
            reason = f"signal {-code}"
    else:
        error = last.strip().splitlines()[-1].split(":")[0][:60] if last.strip() else ""
        reason = f"it ended without a result ({error})" if error.isidentifier() else "it ended without a result"
    return ExplainRefused(
        "model_crashed",
        f"The model brought the computation down ({reason}), so it was rejected. Nothing else was affected. "
        "Export the model again; if it crashes once more, it cannot be explained here.",
    )
