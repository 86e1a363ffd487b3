"""The timers of sign-off come round: a deed of the scheduler requests one job, and a worker does what is due."""

from __future__ import annotations

from datetime import datetime, timedelta

from foundation.jobs import kinds, periodic
from foundation.jobs.services import request_job

SWEEP = "signoff_sweep"
EVERY = timedelta(minutes=10)


def request_sweep(begins_at: datetime) -> None:
    """One job, however many turns were missed: a sweep looks at days, not at turns."""
    request_job(kind=SWEEP, args={}, actor=None, dedup_key=SWEEP)


def join() -> None:
    """Called when the app starts."""
    kinds.register(kinds.Kind(SWEEP, "Look at the dates of sign-off", task="signoff.sweep", max_attempts=3))
    periodic.register(periodic.Deed(SWEEP, EVERY, request_sweep))
