"""The surroundings of a run: a data folder and an SQLite database of its own, gone at the end.

Importing this sets the environment before anything reads settings, so `__main__` imports it first.
"""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

import django

DATA = Path(tempfile.mkdtemp(prefix="tollgate-bench-"))
atexit.register(shutil.rmtree, DATA, ignore_errors=True)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


# Being asked to end is an end like any other: the folder goes.
signal.signal(signal.SIGTERM, _leave)

for _name in [name for name in os.environ if name.startswith("TOLLGATE_")]:
    del os.environ[_name]
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "TOLLGATE_DATA": str(DATA),
    # Another database is measured by a child of the run, which names it.
    "DATABASE_URL": os.environ.get("BENCH_DATABASE_URL", ""),
    "REDIS_URL": "",
    "OPENBLAS_NUM_THREADS": "1",  # as in a worker
    "TOLLGATE_EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    "TOLLGATE_LOG_LEVEL": "ERROR",
    "TOLLGATE_API_RATE": "1000000/hour",
}
django.setup()


@functools.cache
def database() -> None:
    """Make the tables and load the methodologies, once."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("load_methodologies", verbosity=0)
