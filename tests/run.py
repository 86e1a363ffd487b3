"""What `make test` runs: the suite on SQLite and the embedded broker, then on PostgreSQL what needs it.

Tests that need PostgreSQL, Redis, Chromium or ../shared are skipped with the reason where these are absent.
TEST_POSTGRES_URL and TEST_REDIS_URL name servers that the suite may use. With TOLLGATE_NOTHING_SKIPPED=1 a skip fails.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from explain.attributions.openmp import NAME, VARIABLE, link_openmp


def run(label: str, arguments: list[str], **environment: str) -> int:
    """One pytest process; its exit code, with 5 (nothing collected) as success."""
    print(f"\n== {label}", flush=True)
    began = time.monotonic()
    command = [sys.executable, "-m", "pytest", *arguments, *sys.argv[1:]]
    code = subprocess.run(command, env={**os.environ, **environment}, check=False).returncode
    print(f"== {label}: {time.monotonic() - began:.0f} s", flush=True)
    return 0 if code == 5 else code


def lend_openmp(folder: Path) -> None:
    """LightGBM's models are trained by the tests themselves: where the system has no OpenMP, they get scikit-learn's."""
    try:
        ctypes.CDLL(NAME)
    except OSError:
        if (linked := link_openmp(folder / "libraries")) is not None:
            os.environ[VARIABLE] = str(linked)


def main() -> int:
    """The worst exit code of the parts."""
    with tempfile.TemporaryDirectory(prefix="tollgate-openmp-") as folder:
        lend_openmp(Path(folder))
        return parts()


def parts() -> int:
    """The worst exit code of the parts, each a process of its own."""
    postgres = os.environ.get("TEST_POSTGRES_URL", "")
    # By file, since a file's stack and browser are its own. Groups of tests would say it finer, but pytest-xdist 3.8 loses
    # them without a word under pytest 9.2.
    chosen = ["-n", "2", "--dist", "loadfile"]
    if not postgres:
        return run("SQLite, embedded broker", chosen)
    codes = [run("SQLite, embedded broker", [*chosen, "-m", "not postgres"])]
    codes.append(run("PostgreSQL", [*chosen, "-m", "postgres"], TEST_DATABASE_URL=postgres))
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
