"""The page of an explanation of many rows: what it weighs, and when its beeswarm is drawn in Chromium."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from bench.asking import browser_of
from bench.explaining import Explaining
from bench.pairing import Line, interleaved, line
from bench.served import browser_at, served
from bench.surroundings import database
from explain.attributions.models import Explanation
from explain.attributions.parts import compute_part
from explain.attributions.runs import compute_explanation
from foundation.jobs.models import Job

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

ROWS, TREES, DEPTH = 100_000, 50, 4
ROUNDS: Final = 7
VISITS: Final = 3  # before the clock: Chromium keeps a compiled script from the third on
PATIENCE: Final = 30_000.0  # milliseconds until a page must be there
FRAME: Final = "/bench/page/"
CHART: Final = "swarm-chart"
WEIGHT: Final = "the empty frame of a page, which all pages have; gzip at level 6 on both sides"
TIME: Final = "the empty frame in the same browser, from asking until its next picture; both after some visits"
# Runs before the page's own scripts. `seen` becomes the time since asking at which the browser has shown what is looked
# for, or nothing where it was too long. (A promise, since the pages' content policy forbids to look again and again.)
WATCH: Final = """
window.seen = new Promise((done) => {
  const look = new MutationObserver(() => {
    if (!(%s)) return;
    look.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())));
  });
  look.observe(document, { childList: true, subtree: true });
  setTimeout(() => done(null), %d);
});
"""
DRAWN: Final = f"document.querySelector('#{CHART} .main-svg .points path')"
LOADED: Final = "document.querySelector('main')"


def measure(full: bool) -> Iterator[Line]:
    """The page as its asker sees it, with everything that stands on it; the same with --full."""
    database()
    explaining = Explaining("beeswarm", trees=TREES, depth=DEPTH)
    done = _explained(explaining)
    path, name = done.get_absolute_url(), f"{ROWS:,} rows"
    ask = browser_of(explaining.lead)
    page, frame = ask(path), ask(FRAME)
    swarm = _data_of(page)
    yield line(
        f"{name}: page, gzipped", "kB", [(_weight(page), _weight(frame))], beside=WEIGHT, goal="≤ 200 kB",
        note=f"the beeswarm's own data are {_weight(swarm):.0f} kB of it; before gzip the page is {len(page) / 1000:.0f} kB",
    )  # fmt: skip
    with served() as address, browser_at(address, explaining.lead) as browser:
        ours, reference = _reading(browser, address + path, DRAWN), _reading(browser, address + FRAME, LOADED)
        first, *_ = [ours() for _ in range(VISITS)]
        reference()
        pairs = interleaved(ours, reference, ROUNDS)
    yield line(
        f"{name}: beeswarm drawn", "s", pairs, beside=TIME, goal="≤ 1 s",
        note=f"{_dots(done):,} rows are drawn; {first:.2f} s at the first visit, when the charts' library is fetched and compiled",
    )  # fmt: skip


def _explained(explaining: Explaining) -> Explanation:
    """By the real sandbox, in this process as a worker does it, part by part where there are parts."""
    asked = explaining.ask(explaining.rows(ROWS))
    if asked.job is None:
        raise RuntimeError("The explanation has no job.")
    outcome = compute_explanation(asked.job.pk)
    if outcome == "rests":
        for part in Job.objects.filter(parent=asked.job).order_by("pk"):
            compute_part(part.pk)
        outcome = compute_explanation(asked.job.pk)
    done = Explanation.objects.select_related("project", "model_version").get(pk=asked.pk)
    if outcome != "done" or done.rows != ROWS:
        raise RuntimeError(f"The explanation came to {outcome}: {done.refusal}")
    return done


def _weight(content: bytes) -> float:
    """kB once it is compressed."""
    return len(gzip.compress(content, 6)) / 1000


def _data_of(page: bytes) -> bytes:
    found = re.search(rb'<script id="' + CHART.encode() + rb'-figure"[^>]*>(.*?)</script>', page, re.DOTALL)
    if found is None:
        raise RuntimeError("The page has no beeswarm.")
    return found[1]


def _dots(done: Explanation) -> int:
    """Rows that are drawn."""
    return int(done.samples["beeswarm"]["rows"])


def _reading(browser: BrowserContext, url: str, what: str) -> Callable[[], float]:
    return lambda: _seen(browser, url, what)


def _seen(browser: BrowserContext, url: str, what: str) -> float:
    """Seconds from asking for the page until the browser has shown what is looked for, in a tab of its own."""
    tab = browser.new_page()
    try:
        tab.add_init_script(WATCH % (what, PATIENCE))
        answer = tab.goto(url, wait_until="commit", timeout=PATIENCE)
        if answer is None or answer.status != 200:
            raise RuntimeError(f"{url} answered {answer and answer.status}, so it cannot be measured.")
        seen = tab.evaluate("window.seen")
        if seen is None:
            raise RuntimeError(f"{url} did not show {what} within {PATIENCE / 1000:.0f} seconds.")
        return float(seen) / 1000
    finally:
        tab.close()
