"""A decision and the inbox with 1,000 open rounds, beside the empty frame; on SQLite, and on PostgreSQL where one is."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.test import Client
from psycopg import sql

from bench.asking import browser_of, queries_of
from bench.pairing import Line, compared, interleaved, line
from bench.rounds import PASSWORD, Rounds, rounds
from foundation.people.services import confirm_password
from lifecycle.signoff.models import Round

FRAME = "a view that renders base.html and asks nothing"


def measure(full: bool) -> Iterator[Line]:
    """The decision over its page: password, signature, audit entry, notices and their mail jobs queued."""
    yield from _here()
    url = os.environ.get("TEST_POSTGRES_URL", "")
    if url and "BENCH_DATABASE_URL" not in os.environ:
        with _database_at(url) as own:
            yield from _on(own)


def _here() -> Iterator[Line]:
    here = rounds()
    ask = browser_of(here.sponsor)
    bare = partial(ask, "/bench/page/")
    waiting = iter(here.own)
    decide = _decision(here)
    decide(next(waiting))  # what is asked once in a process
    pairs = interleaved(lambda: _took(partial(decide, next(waiting))), lambda: _took(bare), len(here.own) - 1)
    took = sorted(ours for ours, _ in pairs)
    p95 = statistics.quantiles(took, n=20)[18]
    hashing = statistics.median(
        _took(partial(confirm_password, actor=here.sponsor, password=PASSWORD)) for _ in range(5)
    )
    yield line(
        "decision", "s", pairs, beside=FRAME, goal="≤ 150 ms at p95",
        note=f"p95 {p95 * 1000:.0f} ms, of which checking the password takes {hashing * 1000:.0f} ms",
    )  # fmt: skip
    inbox = partial(browser_of(here.other), "/")
    yield compared(
        "inbox with 30 of 1,000", inbox, bare, rounds=15, beside=FRAME,
        queries=(queries_of(inbox), queries_of(bare)), goal="≤ 12 queries",
    )  # fmt: skip


def _took(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def _decision(here: Rounds) -> Callable[[Round], None]:
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(here.sponsor, backend=settings.AUTHENTICATION_BACKENDS[0])

    def decide(review: Round) -> None:
        asked = {"verdict": "approve", "password": PASSWORD, "digest": review.digest}
        client.post(f"/rounds/{review.pk}/decide/", asked)
        review.refresh_from_db()
        if review.state != Round.State.APPROVED:
            raise RuntimeError(f"The round is {review.state} after its decision, so it cannot be measured.")

    return decide


@contextmanager
def _database_at(url: str) -> Iterator[str]:
    """A database of our own on the server, gone at the end."""
    name = f"tollgate_bench_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _on(url: str) -> Iterator[Line]:
    """The same in a child, whose settings name the other database."""
    with TemporaryDirectory() as folder:
        told = Path(folder) / "lines.json"
        command = [sys.executable, "-m", "bench", "decisions", "--json", str(told)]
        subprocess.run(
            command, env=os.environ | {"BENCH_DATABASE_URL": url}, check=True, stdout=subprocess.DEVNULL, timeout=600
        )
        found = json.loads(told.read_text())
    for each in found["measurements"][0]["lines"]:
        yield line(
            f"{each['name']}, PostgreSQL", each["unit"], [tuple(pair) for pair in each["rounds"]],
            beside=each["beside"], goal=each["goal"], note=each["note"],
            queries=tuple(each["queries"]) if each["queries"] else None,
        )  # fmt: skip
