"""A calculator in a process of its own: the web never loads statistics, and what takes too long is ended.

Only this file is loaded by the web. The child gets the request on its standard input and nothing of the parent's
environment.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

from explain.outcomes.compute.refusal import CalculationRefused

PROJECT: Final = Path(__file__).resolve().parents[3]
SECONDS: Final = 20.0
WAIT: Final = 5.0
AT_ONCE: Final = 2
MEMORY: Final = 2 * 1024**3
_room = threading.BoundedSemaphore(AT_ONCE)


class CalculationFailed(Exception):  # noqa: N818 - named for what it tells
    """No answer for now: every place is taken. The input is not at fault."""


def computed(name: str, text: bytes, seconds: float = SECONDS) -> dict[str, Any]:
    """The calculator's answer. Raises CalculationRefused for its refusal, or when it takes too long."""
    if not _room.acquire(timeout=WAIT):
        raise CalculationFailed
    try:
        return _run(name, text, seconds)
    finally:
        _room.release()


def hold_limits() -> None:
    """Called by the child about itself, before anything is read."""
    import resource

    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, 2 * int(SECONDS))):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _run(name: str, text: bytes, seconds: float) -> dict[str, Any]:
    child = subprocess.Popen(
        [sys.executable, "-B", "-m", "explain.outcomes.calculators.command", name],
        cwd=PROJECT,
        env={
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8",
            "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        out, _ = child.communicate(text, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise CalculationRefused(
            "took_too_long",
            f"The calculation took longer than {seconds:g} seconds and was ended. Give fewer periods, controls or "
            "draws, or run `manage.py calculate` where nobody waits.",
        ) from None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    try:
        found = json.loads(out)
    except ValueError:
        raise CalculationRefused(
            "no_answer", "The calculation ended without an answer, most often because memory ran out."
        ) from None
    assert isinstance(found, dict)
    if "error" in found:
        error = found["error"]
        raise CalculationRefused(error["code"], error["message"], error["field"])
    return found
