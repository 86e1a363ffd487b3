"""Lists over REST, beside a plain DRF list of the same rows through the same serializer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench.asking import Ask, queries_of, script_of
from bench.pairing import Line, compared
from bench.world import READINGS, world

PLAIN = "a DRF ListAPIView with the same serializer; no permissions, visibility or throttle"
PAGE = 500  # the largest page of the API


def measure(full: bool) -> Iterator[Line]:
    """Projects on one page, and all readings of a KPI page by page."""
    here = world()
    ask = script_of(here.sponsor)
    query = "?page_size=100"
    yield _compare("list of 100 projects", ask, f"/api/v1/projects/{query}", f"/bench/projects/{query}", rounds=40)
    readings = f"/api/v1/projects/{here.project.key}/kpis/{here.daily.key}/measurements/"
    plain = f"/bench/measurements/{here.daily.pk}/"
    yield _compare("page of 500 readings", ask, f"{readings}?page_size={PAGE}", f"{plain}?page_size={PAGE}", rounds=20)
    ours, reference = (partial(_all_pages, ask, path) for path in (readings, plain))
    if len(_must_agree(ours(), reference())) != READINGS:
        raise RuntimeError("The list does not hold all readings.")
    yield compared(
        "10,000 readings, 20 pages", ours, reference, rounds=7, beside=PLAIN,
        queries=(queries_of(ours), queries_of(reference)),
    )  # fmt: skip


def _compare(name: str, ask: Ask, ours: str, plain: str, *, rounds: int) -> Line:
    _must_agree(json.loads(ask(ours))["results"], json.loads(ask(plain))["results"])
    deeds: list[Callable[[], bytes]] = [partial(ask, ours), partial(ask, plain)]
    return compared(
        name, *deeds, rounds=rounds, beside=PLAIN, queries=(queries_of(deeds[0]), queries_of(deeds[1])),
        goal="≤ 2.0, ≤ 12 queries",
    )  # fmt: skip


def _all_pages(ask: Ask, path: str) -> list[Any]:
    pages = (json.loads(ask(f"{path}?page_size={PAGE}&page={page}")) for page in range(1, READINGS // PAGE + 1))
    return [row for page in pages for row in page["results"]]


def _must_agree(ours: list[Any], reference: list[Any]) -> list[Any]:
    if ours != reference:
        raise RuntimeError("The two lists differ, so their times say nothing.")
    return ours
