"""The portfolio's pages at 100, 1,000 and 10,000 projects, beside the empty frame; on SQLite, and on PostgreSQL where one is.

Each page as it is asked first after a deed, and at the last size once more as it is asked while nothing happens.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

from django.core.cache import caches

from bench.asking import browser_of, queries_of
from bench.other_database import database_at, lines_on
from bench.pairing import Line, compared
from bench.portfolios import grow, many
from foundation.jobs.supervisor.web import spare_the_collector

SIZES = (100, 1_000, 10_000)
FRAME = "a view that renders base.html and asks nothing"
PAGES = (
    ("value", "/value/"),
    ("value of a period", "/value/?from=2026-01&to=2026-06"),
    ("value of a sponsor", "/value/?sponsor={sponsor}"),
    ("pipeline and time", "/value/pipeline/"),
    ("forecast accuracy", "/value/accuracy/"),
)


def measure(full: bool) -> Iterator[Line]:
    """Every page at every size: the curve. Rows are put in directly; reports hold no result, since no page reads one."""
    yield from _here()
    url = os.environ.get("TEST_POSTGRES_URL", "")
    if url and "BENCH_DATABASE_URL" not in os.environ:
        with database_at(url) as own:
            yield from lines_on(own, "portfolio", full)


def _here() -> Iterator[Line]:
    here = many()
    ask = browser_of(here.manager)
    bare = partial(ask, "/bench/page/")

    def anew(path: str) -> None:
        caches["answers"].clear()
        ask(path)

    spare_the_collector()
    for size in SIZES:
        grow(here, size)
        for name, path in PAGES:
            address = path.format(sponsor=here.people[0].pk)
            page = partial(anew, address)
            yield compared(
                f"{name}, {size:,} projects", page, bare, rounds=9, beside=FRAME,
                queries=(queries_of(page), queries_of(bare)), goal="≤ 200 ms, ≤ 12 queries",
            )  # fmt: skip
            if size == SIZES[-1]:
                again = partial(ask, address)
                yield compared(
                    f"{name}, {size:,} projects, again", again, bare, rounds=9, beside=FRAME,
                    queries=(queries_of(again), queries_of(bare)), goal="≤ 200 ms, ≤ 12 queries",
                )  # fmt: skip
