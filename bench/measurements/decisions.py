"""A decision and the inbox with 1,000 open rounds, beside the empty frame; on SQLite, and on PostgreSQL where one is."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial

from django.conf import settings
from django.test import Client

from bench.asking import browser_of, queries_of
from bench.other_database import database_at, lines_on
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
        with database_at(url) as own:
            yield from lines_on(own, "decisions")


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
