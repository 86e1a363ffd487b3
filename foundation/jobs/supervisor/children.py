"""One child process: start it, read its lines, end it; dying quickly again and again makes it give up."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

TIED = Path(__file__).with_name("tied.py")
QUICK_SECONDS = 10.0
QUICK_DEATHS = 5
LOG_BYTES = 10_000_000


@dataclass
class Child:
    """What to run and how to end it.

    `quit_signal` ends it at once yet tidily, where `SIGTERM` takes too long; `orphan_signal` is what the kernel sends
    when the supervisor dies without a chance to end it.
    """

    name: str
    argv: list[str]
    environment: dict[str, str]
    folder: Path
    log: Path
    say: Callable[[str], None]
    once: bool = False
    quiet: bool = False  # its lines go to its file only
    patience: float = 10.0
    quit_signal: int = signal.SIGTERM
    orphan_signal: int = signal.SIGTERM
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    quick_deaths: int = 0
    start_at: float | None = 0.0  # monotonic instant of the next start; None: none is planned
    _kept: bytes = field(default=b"", repr=False)

    def start(self) -> None:
        """Start in a process group of its own, so that Ctrl-C reaches only the supervisor."""
        self.started_at, self.start_at = time.monotonic(), None
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-E", str(TIED), str(int(self.orphan_signal)), str(os.getpid()), *self.argv],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self.pass_fds,
        )
        if self.process.stdout:
            os.set_blocking(self.process.stdout.fileno(), False)

    @property
    def runs(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def output(self) -> int | None:
        """File descriptor of its output, while it is open."""
        pipe = self.process.stdout if self.process else None
        return pipe.fileno() if pipe and not pipe.closed else None

    def read(self) -> bool:
        """Pass on what it wrote; False at the end of its output."""
        number = self.output
        if number is None:
            return False
        try:
            read = os.read(number, 65536)
        except BlockingIOError:
            return True
        lines = (self._kept + read).split(b"\n")
        self._kept = lines.pop() if read else b""
        self._pass_on([line for line in lines if line.strip()])
        return bool(read)

    def _pass_on(self, lines: list[bytes]) -> None:
        if not lines:
            return
        texts = [line.decode("utf-8", errors="replace").rstrip() for line in lines]
        for text in [] if self.quiet else texts:
            self.say(f"{self.name:<9} | {text}")
        try:
            if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
                self.log.replace(self.log.with_suffix(".log.1"))
            with self.log.open("a", encoding="utf-8") as file:
                file.writelines(f"{text}\n" for text in texts)
        except OSError:
            pass  # a full disk must not end the portal; the line was shown

    def plan_restart(self) -> bool:
        """After its death: when to start it again, or False to give up."""
        quick = time.monotonic() - self.started_at < QUICK_SECONDS
        self.quick_deaths = self.quick_deaths + 1 if quick else 0
        if self.quick_deaths >= QUICK_DEATHS:
            self.start_at = None
            return False
        self.start_at = time.monotonic() + 0.2 * 2**self.quick_deaths
        return True

    def signal(self, number: int, *, group: bool = False) -> None:
        """Send a signal to it, or to its whole group."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.process.pid, number)

    def close(self) -> None:
        """Let go of its output."""
        if self.process and self.process.stdout:
            self.process.stdout.close()
