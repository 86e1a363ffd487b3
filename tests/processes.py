"""The processes of a portal that really runs, seen from outside through /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

LONGEST = 60.0  # seconds until a test says that something never came; nothing depends on how long it took
linux = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc to see what is left behind")


def until(true: Callable[[], Any], what: str, said: Callable[[], str] = str) -> Any:
    """What `true` answers as soon as it is not falsy; `said` is shown where that never comes."""
    end = time.monotonic() + LONGEST
    while not (found := true()):
        if time.monotonic() > end:
            pytest.fail(f"{what} did not come about.\n{said()[-5000:]}")
        time.sleep(0.05)
    return found


def processes_of(data: Path) -> dict[int, str]:
    """Process -> command line of everything that was started with this data folder, or works in it.

    A process that has ended, and is only not yet waited for, is not among them.
    """
    named = f"TOLLGATE_DATA={data}".encode()
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                # A sandbox has an empty environment, and its folder below the data folder.
                if named in (entry / "environ").read_bytes().split(b"\0") or _works_in(entry, data):
                    found[int(entry.name)] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:
                continue
    return found


def sandbox_of(data: Path, job: int) -> int:
    """The process that computes for the job; 0 while there is none."""
    for process, line in processes_of(data).items():
        if "bootstrap.py" in line and _works_in(Path("/proc", str(process)), data / "files" / "jobs", f"{job}-"):
            return process
    return 0


def oldest(data: Path, part: str) -> int:
    """The process whose command line has `part` and that began first; 0 where there is none."""
    return min((process for process, line in processes_of(data).items() if part in line), key=_began, default=0)


def _began(process: int) -> float:
    """Ticks of the kernel's clock at its start. Its number does not tell: these begin anew after the highest."""
    try:
        line = Path("/proc", str(process), "stat").read_text()
    except OSError:
        return float("inf")
    return float(line.rpartition(")")[2].split()[19])


def _works_in(entry: Path, folder: Path, name: str = "") -> bool:
    """Whether the process works below `folder`, in what begins with `name`."""
    try:
        return os.readlink(entry / "cwd").startswith(f"{folder}/{name}")
    except OSError:
        return False
