"""`python -m foundation.jobs.scheduler`: reconcile, run what comes round, ask workers for a sign of life."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType

import django
import structlog

django.setup()

from django.conf import settings  # noqa: E402 - models exist only once Django is set up
from django.db import connections  # noqa: E402

from foundation.jobs.periodic import run_due  # noqa: E402
from foundation.jobs.reconciler import reconcile  # noqa: E402
from foundation.jobs.signs import EVERY_SECONDS, ask_workers, scheduler_beat  # noqa: E402

log = structlog.get_logger(__name__)


def one_round() -> None:
    """One look at everything; what breaks is logged, and the next look comes all the same."""
    try:
        counts = reconcile()
        if any(counts.values()):
            log.info("reconciled", **counts)
        for name in run_due():
            log.info("periodic_deed_ran", deed=name)
        scheduler_beat()
    except Exception as error:  # the database may be away for a moment
        log.error("round_broke", error=repr(error))
        connections.close_all()


def main() -> None:
    """Rounds until SIGTERM or SIGINT. A second scheduler is harmless: rows are locked, turns are unique."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    asked_at = float("-inf")
    while not stop.is_set():
        one_round()
        if time.monotonic() - asked_at >= EVERY_SECONDS:
            asked_at = time.monotonic()
            try:
                ask_workers()
            except Exception as error:
                log.error("workers_not_asked", error=repr(error))
                connections.close_all()
        stop.wait(settings.RECONCILE_SECONDS)
    connections.close_all()


if __name__ == "__main__":
    main()
