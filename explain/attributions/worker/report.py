"""The child's end of the pipe: one JSON object a line."""

from __future__ import annotations

import json
import time
from typing import IO, Any


class Reporter:
    """Writes progress and the outcome to the parent."""

    def __init__(self, pipe: IO[str]) -> None:
        self._pipe = pipe
        self._last: tuple[str, float] = ("", 0.0)

    def progress(self, done: int, of: int, step: str) -> None:
        """`done` of `of` rows, in the named step; at most five a second, but each step and each end."""
        step_before, told = self._last
        if step == step_before and done < of and time.monotonic() - told < 0.2:
            return
        self._last = (step, time.monotonic())
        self._send({"done": done, "of": of, "step": step})

    def refused(self, code: str, message: str) -> None:
        """The file was refused."""
        self._send({"refused": {"code": code, "message": message}})

    def finished(self, isolation: dict[str, str], peak_mb: float) -> None:
        """All result files are written."""
        self._send({"finished": {"isolation": isolation, "peak_mb": peak_mb}})

    def _send(self, message: dict[str, Any]) -> None:
        self._pipe.write(json.dumps(message) + "\n")
        self._pipe.flush()
