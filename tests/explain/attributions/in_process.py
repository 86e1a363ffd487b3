"""The steps of the sandbox in the process of the tests, which has loaded the libraries: for what is not about isolation."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from explain.attributions.child import Outcome
from explain.attributions.limits import Limits
from explain.attributions.worker import run
from explain.attributions.worker.report import Reporter

TASKS = {"explain": run.explain, "shard": run.shard, "join": run.join}


def run_here(
    box: Path, project: Path, limits: Limits, unprivileged: bool, on_progress: Callable[..., Any] | None, cancelled: Any
) -> Outcome:
    """As `run_child`, for a request that is honest."""
    request, here = json.loads((box / "request.json").read_text()), Path.cwd()
    told = io.StringIO()
    os.chdir(box)
    try:
        TASKS[request["task"]](request, Limits(**request["limits"]), Reporter(told))
    finally:
        os.chdir(here)
    for line in told.getvalue().splitlines():
        if on_progress:
            said = json.loads(line)
            on_progress(said["done"], said["of"], said["step"])
    return Outcome(isolation={}, peak_mb=1.0, finished=True)


@contextmanager
def without_sandbox() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for room in ("sandbox", "sharding"):
            patch.setattr(f"explain.attributions.{room}.run_child", run_here)
        yield
