"""Searching and counting over 10,000 post-mortems; on SQLite, and on PostgreSQL where one is."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle
from urllib.parse import quote

from django.core.cache import caches
from django.db.models import Q

from bench.asking import browser_of, queries_of
from bench.cases import cases, questions
from bench.other_database import database_at, lines_on
from bench.pairing import Line, compared, interleaved, line
from foundation.jobs.supervisor.web import spare_the_collector
from foundation.people.models import User
from lifecycle.postmortems.library import Filters, Shelf
from lifecycle.postmortems.models import PostMortem

FRAME = "a view that renders base.html and asks nothing"
SCAN = "the same words looked for with LIKE in title, summary and background"
QUESTIONS = 50


def measure(full: bool) -> Iterator[Line]:
    """The library under fifty questions, and the page of themes as it is asked first after a deed and again."""
    yield from _here()
    url = os.environ.get("TEST_POSTGRES_URL", "")
    if url and "BENCH_DATABASE_URL" not in os.environ:
        with database_at(url) as own:
            yield from lines_on(own, "postmortems", full)


def _here() -> Iterator[Line]:
    here = cases()
    spare_the_collector()
    for who, person in (("manager", here.manager), ("member", here.member)):
        ask = browser_of(person)
        bare = partial(ask, "/bench/page/")
        yield _searching(f"search page, {who}", ask, bare)
        yield _beside_a_scan(f"search alone, {who}", person)
        library = partial(ask, "/post-mortems/")
        yield compared(
            f"library, {who}", library, bare, rounds=9, beside=FRAME, queries=(queries_of(library), queries_of(bare))
        )

        def anew(ask: Callable[[str], bytes] = ask) -> None:
            caches["answers"].clear()
            ask("/post-mortems/themes/")

        again = partial(ask, "/post-mortems/themes/")
        for name, page in ((f"themes, {who}", anew), (f"themes again, {who}", again)):
            yield compared(
                name, page, bare, rounds=9, beside=FRAME, queries=(queries_of(page), queries_of(bare)),
                goal="≤ 300 ms, ≤ 12 queries",
            )  # fmt: skip


def _searching(name: str, ask: Callable[[str], bytes], bare: Callable[[], object]) -> Line:
    asked = [f"/post-mortems/?q={quote(text)}" for text in questions(QUESTIONS)]
    ask(asked[0])
    bare()
    each = cycle(asked)
    pairs = interleaved(lambda: _took(partial(ask, next(each))), lambda: _took(bare), len(asked))
    p95 = statistics.quantiles([ours for ours, _ in pairs], n=20)[18]
    page = partial(ask, asked[1])
    return line(
        name, "s", pairs, beside=FRAME, queries=(queries_of(page), queries_of(bare)), goal="≤ 150 ms at p95",
        note=f"{len(asked)} questions, p95 {p95 * 1000:.0f} ms",
    )  # fmt: skip


def _beside_a_scan(name: str, person: User) -> Line:
    """Counting and the first page of the best matches, without the page around them."""
    ours, theirs = cycle(questions(QUESTIONS)), cycle(questions(QUESTIONS))
    pairs = interleaved(
        lambda: _took(lambda: _found(person, next(ours))),
        lambda: _took(lambda: _scanned(person, next(theirs))),
        QUESTIONS,
    )
    p95 = statistics.quantiles([took for took, _ in pairs], n=20)[18]
    return line(name, "s", pairs, beside=SCAN, note=f"p95 {p95 * 1000:.0f} ms")


def _found(person: User, text: str) -> None:
    shelf = Shelf(person, Filters(text=text))
    shelf.count()
    shelf.snippets(shelf[0:25])


def _scanned(person: User, text: str) -> None:
    found = PostMortem.objects.visible_to(person)
    for word in text.replace('"', "").split():
        found = found.filter(Q(title__icontains=word) | Q(summary__icontains=word) | Q(background__icontains=word))
    found.count()
    list(found[:25])


def _took(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began
