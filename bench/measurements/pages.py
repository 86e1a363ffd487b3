"""Pages with 100 projects in the database, beside the empty frame."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from bench.asking import browser_of, queries_of
from bench.pairing import Line, compared
from bench.world import world

FRAME = "a view that renders base.html and asks nothing; its queries are the session and the person"


def measure(full: bool) -> Iterator[Line]:
    """The pages that people open most, as the sponsor of all projects sees them."""
    here = world()
    ask = browser_of(here.sponsor)
    bare = partial(ask, "/bench/page/")
    for name, path in (
        ("inbox", "/"),
        ("projects", "/projects/"),
        ("project", here.project.get_absolute_url()),
        ("value of a project", f"{here.project.get_absolute_url()}value/"),
        ("portfolio", "/value/"),
        ("KPI of 10,000 readings", here.daily.get_absolute_url()),
    ):
        page = partial(ask, path)
        yield compared(
            name, page, bare, rounds=15, beside=FRAME, queries=(queries_of(page), queries_of(bare)),
            goal="≤ 12 queries",
        )  # fmt: skip
