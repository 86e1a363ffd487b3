"""Tools for explanations in processes of their own, which answer to numbers of rows."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

SCRIPT: Final = Path(__file__).parent / "other_tool.py"
ENVIRONMENT: Final = {"PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "2", "OPENBLAS_NUM_THREADS": "2"}


class TooLong(Exception):  # noqa: N818 - a finding, not an error
    """A tool did not answer in time and was ended."""


class Broke(Exception):  # noqa: N818 - a finding, not an error
    """A tool said that it cannot do it; the message says why."""


class Tool:
    """A tool that waits for numbers of rows."""

    def __init__(self, process: subprocess.Popen[bytes], patience: float) -> None:
        self.process, self.patience = process, patience

    def ask(self, count: int, file: Path | None = None) -> dict[str, Any]:
        """What it answers: seconds, peak_mb, versions. Raises TooLong, and Broke with the tool's own words."""
        sent, heard = cast(IO[bytes], self.process.stdin), cast(IO[bytes], self.process.stdout)
        sent.write(f"{count} {file or ''}\n".encode())
        told, until = b"", time.monotonic() + self.patience
        with selectors.DefaultSelector() as selector:
            selector.register(heard, selectors.EVENT_READ)
            while not told.endswith(b"\n"):
                if not selector.select(max(0.0, until - time.monotonic())):
                    raise TooLong
                part = os.read(heard.fileno(), 65_536)
                if not part:
                    raise Broke(f"its process ended with {self.process.wait()}")
                told += part
        answer: dict[str, Any] = json.loads(told)
        if "error" in answer:
            raise Broke(answer["error"])
        return answer


@contextmanager
def running(
    python: Path, tool: str, model_format: str, model: Path, rows: Path, *, patience: float, home: Path
) -> Iterator[Tool]:
    """The tool in a process of that Python; one answer may take `patience` seconds."""
    argv = [str(python), "-I", str(SCRIPT), tool, model_format, str(model), str(rows)]
    process = subprocess.Popen(
        argv,
        env=ENVIRONMENT | {"HOME": str(home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
    )
    try:
        yield Tool(process, patience)
    finally:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream:
                stream.close()
