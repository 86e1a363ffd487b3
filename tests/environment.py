"""The surroundings of a test run, set before anything reads settings: pyproject.toml loads this first (`-p`).

A data folder of the run's own, no broker, mail that stays in memory. TEST_DATABASE_URL names a database server.
"""

from __future__ import annotations

import gc
import os
import tempfile

DATA = tempfile.mkdtemp(prefix="tollgate-tests-")
os.environ["TOLLGATE_DATA"] = DATA
os.environ.setdefault("TOLLGATE_EMAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")
os.environ["REDIS_URL"] = ""
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end, so looking through it for garbage again and again is an eighth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
