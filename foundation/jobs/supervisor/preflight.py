"""What must be right before the portal starts; standard library only, one line for each fault."""

from __future__ import annotations

import errno
import fcntl
import importlib.util
import json
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path
from typing import IO

# Import name -> name to install; one of each group that the processes cannot start without.
LIBRARIES = {
    "django": "Django",
    "celery": "celery",
    "redis": "redis",
    "gunicorn": "gunicorn",
    "structlog": "structlog",
    "allauth": "django-allauth",
    "rest_framework": "djangorestframework",
    "django_htmx": "django-htmx",
    "template_partials": "django-template-partials",
    "csp": "django-csp",
    "whitenoise": "whitenoise",
    "dj_database_url": "dj-database-url",
    "yaml": "PyYAML",
    "numpy": "numpy",
    "pandas": "pandas",
    "scipy": "scipy",
    "sklearn": "scikit-learn",
    "shap": "shap",
}
LEAST_FREE_MB = 100


class CannotStart(Exception):  # noqa: N818 - one line for whoever starts the portal
    """The portal cannot start; the message says why and what to do."""


def missing() -> str:
    """One line when Python is too old or libraries are absent, else an empty text."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this runs before pip has judged
        return f"Tollgate needs Python 3.11 or newer; this is {sys.version.split()[0]}."
    absent = [package for module, package in LIBRARIES.items() if importlib.util.find_spec(module) is None]
    if absent:
        return f"Missing libraries: {', '.join(absent)}. Install them: python -m pip install -r requirements.txt"
    return ""


def check_folder(data: Path) -> None:
    """The data folder takes a file, and its disk is not full. Raises CannotStart."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data) as probe:
            probe.write(b"x" * 4096)
            probe.flush()
        free = shutil.disk_usage(data).free // 1_000_000
    except OSError as error:
        raise CannotStart(
            f"The data folder {data} cannot be written to ({error.strerror}). "
            "Name another one with TOLLGATE_DATA, or mend its rights."
        ) from None
    if free < LEAST_FREE_MB:
        raise CannotStart(
            f"The disk of the data folder {data} has {free} MB left; {LEAST_FREE_MB} MB are needed. Make room on it."
        )


def take_lock(data: Path) -> IO[str]:
    """The lock of the data folder, held until the file is closed. Raises CannotStart when the portal runs already."""
    lock = open(data / "supervisor.lock", "a+", encoding="utf-8")  # noqa: SIM115 - held while the portal runs
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        try:
            noted = json.loads(lock.read())
            line = f"Tollgate already runs at {noted['url']}, process {noted['process']}."
        except (ValueError, KeyError, TypeError):
            line = "Tollgate is being started from this data folder already."
        lock.close()
        raise CannotStart(line) from None
    return lock


def note_in(lock: IO[str], url: str) -> None:
    """Write down who runs, for a second start to say."""
    lock.seek(0)
    lock.truncate()
    lock.write(json.dumps({"url": url, "process": os.getpid()}))
    lock.flush()


def bind(host: str, port: int) -> socket.socket:
    """The address of the portal, taken but not yet answering; port 0 takes a free one. Raises CannotStart."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError:
        raise CannotStart(f"HOST is {host!r}, which is no address. Use 127.0.0.1 or 0.0.0.0.") from None
    taken = socket.socket(family, kind, protocol)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind(address)
    except OSError as error:
        taken.close()
        raise CannotStart(_why_not(error, host, port)) from None
    return taken


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use by another program. Stop it, or name another port: PORT={port + 1}."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"HOST is {host!r}, which is no address of this machine. Use 127.0.0.1 or 0.0.0.0."
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"Port {port} may not be used by this account. Name one above 1023: PORT=8000."
    return f"Port {port} of {host} cannot be used: {error.strerror}."
