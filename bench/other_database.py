"""A measurement once more on PostgreSQL: in a database of our own, by a child of the run whose settings name it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from bench.pairing import Line, line


@contextmanager
def database_at(url: str) -> Iterator[str]:
    """A database of our own on the server, gone at the end."""
    name = f"tollgate_bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def lines_on(url: str, name: str, full: bool = False, seconds: int = 1200) -> Iterator[Line]:
    """The lines of a measurement in a child, whose settings name the other database."""
    with TemporaryDirectory() as folder:
        told = Path(folder) / "lines.json"
        command = [sys.executable, "-m", "bench", name, "--json", str(told), *(["--full"] if full else [])]
        subprocess.run(
            command,
            env=os.environ | {"BENCH_DATABASE_URL": url},
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=seconds,
        )
        found = json.loads(told.read_text())
    for each in found["measurements"][0]["lines"]:
        yield line(
            f"{each['name']}, PostgreSQL", each["unit"], [tuple(pair) for pair in each["rounds"]],
            beside=each["beside"], goal=each["goal"], note=each["note"],
            queries=tuple(each["queries"]) if each["queries"] else None,
        )  # fmt: skip
