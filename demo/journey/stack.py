"""Starts the portal on a free port with a data folder of its own, stops it, and starts it again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0  # seconds until the first page must answer


def begin(environment: Mapping[str, str]) -> None:
    """Tables and people. An administrator invites people, which is not part of the journey; with them the database is not
    empty, so that the demo story is not loaded."""
    for command in (("migrate", "--verbosity", "0"), ("bring_demo_people",)):
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True)


class Stack:
    """`with Stack() as stack:` web, worker, scheduler and broker; `stack.url` is where they answer.

    `stop()` and `start()` restart it: the same data folder, the same address.
    DATABASE_URL and REDIS_URL are handed on where they are set; else SQLite and the embedded broker are used.
    `settings` are environment variables that go before those of this process. `begun`: a data folder that `begin` made, of
    which it takes a copy; else it makes its own.
    """

    def __init__(self, settings: Mapping[str, str] | None = None, *, begun: Path | None = None) -> None:
        self.begun = begun
        self.folder = tempfile.TemporaryDirectory(prefix="tollgate-journey-", ignore_cleanup_errors=True)
        self.environment = {
            **os.environ,
            "TOLLGATE_DATA": self.folder.name,
            "HOST": "127.0.0.1",
            "PORT": "0",
            "TOLLGATE_API_RATE": "100000/hour",
            "PYTHONUNBUFFERED": "1",
            **(settings or {}),
        }
        self.url = ""
        self.lines: list[str] = []
        self.process: subprocess.Popen[str]

    def __enter__(self) -> Stack:
        if self.begun is None:
            begin(self.environment)
        else:
            shutil.copytree(self.begun, self.folder.name, dirs_exist_ok=True)
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self.folder.cleanup()

    def start(self) -> None:
        """Start from the data folder; the first page answers when this returns."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "foundation.jobs.supervisor"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        found = threading.Event()
        threading.Thread(target=self._read, args=(found,), daemon=True).start()
        deadline = time.monotonic() + PATIENCE
        while not found.wait(0.1):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise SystemExit("The portal did not start:\n" + "\n".join(self.lines[-20:]))
        self.environment["PORT"] = self.url.rpartition(":")[2]

    def stop(self) -> int:
        """End everything in order; the supervisor's exit code. Nothing happens where it has ended already."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def _read(self, found: threading.Event) -> None:
        assert self.process.stdout is not None  # nosec B101 - opened as a pipe above
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            answer = re.search(r"answers at (http://\S+)", line)
            if answer:
                self.url = answer.group(1)
                found.set()
