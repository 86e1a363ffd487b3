"""Working on a job: claim it, keep its lease alive, store its result behind the fence."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from foundation.jobs.leases import LeaseLost, claim, fail, finish, give_up, hold, put_back, renew
from foundation.jobs.models import Job
from foundation.jobs.parts import Part, request_parts, resume_parts
from foundation.web.refused import Refused
from foundation.web.request_facts import Facts, current

log = structlog.get_logger(__name__)


class GivenUp(Exception):  # noqa: N818 - a state, not an error of the code
    """What the job builds on was given up: no further attempt."""


class Claim:
    """A job in hand. `progress` may be called often: it writes at most twice a second."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lost = threading.Event()
        self.stored = False
        self.rests = False
        self._noted_at = float("-inf")
        self._step = ""

    def progress(self, done: int, of: int, step: str = "") -> None:
        """Note progress in units of work. Raises LeaseLost when the job is no longer ours."""
        if self.lost.is_set():
            raise LeaseLost(str(self.job))
        now = time.monotonic()
        if now - self._noted_at < 0.5 and step == self._step and done < of:
            return
        self._noted_at, self._step = now, step
        renew(self.job, done=max(0, done), of=max(0, of), step=step)

    @contextmanager
    def storing(self, answer: dict[str, Any] | None = None) -> Iterator[None]:
        """One transaction: check the fence, let the caller write the result, mark the job done.

        `answer`: what a part leaves for its parent to read.
        """
        with transaction.atomic():
            hold(self.job)
            yield
            finish(self.job, answer=answer)
        self.stored = True

    def hand_out(self, *, kind: str, parts: Sequence[Part], step: str) -> None:
        """Split the work into parts and let the job rest until they have ended; `run` returns after this."""
        self._rest(lambda: request_parts(self.job, kind=kind, parts=parts, step=step))

    def resume(self, step: str) -> None:
        """Let the parts go on that rest since the job was started again; `run` returns after this."""
        self._rest(lambda: resume_parts(self.job, step=step))

    def _rest(self, deed: Callable[[], bool]) -> None:
        if not deed():
            raise LeaseLost(str(self.job))
        self.rests = True


def work_on(job_id: int, run: Callable[[Claim], None], refused: tuple[type[Exception], ...] = ()) -> str:
    """Claim the job and call `run(claim)`. Returns what became of it: done, rests, failed, given_up, put_back,
    lost, not_ours.

    `Refused` (and the types in `refused`, which carry `code`) end the job as failed, with the reason; anything else
    puts it back until its attempts are used up; `GivenUp` uses them up at once. A second delivery of the same message finds nothing to claim.
    """
    final: tuple[type[Exception], ...] = (Refused, *refused)
    job = claim(job_id)
    if job is None:
        return "not_ours"
    held = Claim(job)
    token = current.set(Facts(request_id=job.request_id))
    stop = threading.Event()
    beat = threading.Thread(target=_keep_alive, args=(held, stop), daemon=True, name=f"lease-{job.pk}")
    beat.start()
    try:
        run(held)
        if held.rests:
            return "rests"
        if not held.stored:
            finish(job)
        return "done"
    except LeaseLost:
        log.warning("job_lease_lost", job=job.pk, kind=job.kind)
        return "lost"
    except Exception as error:
        if held.stored:  # the result is in, and the row says so; what came after it does not count
            log.error("job_broke_after_storing", job=job.pk, kind=job.kind, error=repr(error))
            return "done"
        if held.rests:  # likewise: its parts are on their way, and wake it
            log.error("job_broke_after_resting", job=job.pk, kind=job.kind, error=repr(error))
            return "rests"
        if isinstance(error, GivenUp):
            return _leave(partial(give_up, job, error=str(error)), "given_up")
        if isinstance(error, final):
            return _leave(partial(fail, job, error=str(error), code=getattr(error, "code", "refused")), "failed")
        log.error("job_broke", job=job.pk, kind=job.kind, error=repr(error), trace=traceback.format_exc())
        if isinstance(error, DatabaseError) and not connection.in_atomic_block:
            connection.close()  # the next query opens a new connection, in case the server was restarted
        return _leave(partial(put_back, job, error=_in_words(error)), "put_back")
    finally:
        stop.set()
        beat.join(timeout=2)
        current.reset(token)


def _in_words(error: Exception) -> str:
    if isinstance(error, SoftTimeLimitExceeded):
        return f"It took longer than the limit of {settings.JOB_TIME_LIMIT} seconds."
    return f"{type(error).__name__}: {error}"


def _leave(deed: Callable[[], None], outcome: str) -> str:
    try:
        deed()
    except LeaseLost:
        return "lost"
    except DatabaseError as error:  # the lease runs out and the reconciler finds the row
        log.error("job_not_left", outcome=outcome, error=repr(error))
        return "lost"
    return outcome


def _keep_alive(held: Claim, stop: threading.Event) -> None:
    """Renew the lease from a thread, so that one long step does not lose the job."""
    try:
        while not stop.wait(max(0.5, settings.JOB_LEASE_SECONDS / 3)):
            try:
                renew(held.job)
            except LeaseLost:
                held.lost.set()
                return
            except Exception as error:  # the database may be away for a moment; the lease outlives it
                log.warning("lease_not_renewed", job=held.job.pk, error=repr(error))
                connection.close()
    finally:
        connection.close()
