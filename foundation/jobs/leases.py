"""Holding a job: claim by compare-and-set, renew the lease, store behind the fence, end it."""

from __future__ import annotations

import os
import secrets
import socket
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, PositiveBigIntegerField, Q, Value, When
from django.utils import timezone

from foundation.jobs.kinds import given_up
from foundation.jobs.models import Job
from foundation.jobs.parts import lock_parent, part_ended
from foundation.jobs.services import publish_after_commit


class LeaseLost(Exception):  # noqa: N818 - a state, not an error of the code
    """Another worker holds the job now, or it was cancelled: stop without writing anything."""


def lease() -> timedelta:
    """How long a worker holds a job without a sign of life."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def worker_name() -> str:
    """HOST:PROCESS of this process."""
    return f"{socket.gethostname()[:100]}:{os.getpid()}"


def claim(job_id: int) -> Job | None:
    """Take a job by compare-and-set: queued and due, or running with its lease over. None: not ours to do.

    One UPDATE decides, so of several messages for one job a single one finds work, on SQLite and on PostgreSQL.
    """
    now = timezone.now()
    token = secrets.token_hex(16)
    taken = (
        Job.objects.filter(pk=job_id, attempts__lt=F("max_attempts"))
        .filter(Q(state=Job.State.QUEUED, run_after__lte=now) | Q(state=Job.State.RUNNING, lease_until__lt=now))
        .update(
            state=Job.State.RUNNING,
            attempts=F("attempts") + 1,
            lease_token=token,
            lease_until=now + lease(),
            worker=worker_name(),
            started_at=now,
            finished_at=None,
            done_units=0,
            # How much a part has to do is known from the start.
            all_units=Case(
                When(parent=None, then=Value(0)), default=F("all_units"), output_field=PositiveBigIntegerField()
            ),
            step="",
            error="",
            error_code="",
        )
    )
    # Looked up by the token: had we slept past our lease in between, another's claim must not become ours.
    return Job.objects.filter(pk=job_id, lease_token=token).first() if taken else None


def renew(job: Job, *, done: int | None = None, of: int | None = None, step: str | None = None) -> None:
    """Prolong the lease and note progress. Raises LeaseLost when the token no longer fits."""
    changes: dict[str, Any] = {"lease_until": timezone.now() + lease()}
    if done is not None:
        changes["done_units"] = done
    if of is not None:
        changes["all_units"] = of
    if step is not None:
        changes["step"] = step[:200]
    if not Job.objects.held_by(job).update(**changes):
        raise LeaseLost(str(job))


def hold(job: Job) -> None:
    """Lock the row and check the token inside the transaction that stores a result (the fence)."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("The fence holds only inside the transaction that stores the result.")
    lock_parent(job)
    if Job.objects.select_for_update().held_by(job).values_list("pk", flat=True).first() is None:
        raise LeaseLost(str(job))


@transaction.atomic
def finish(job: Job, *, answer: dict[str, Any] | None = None) -> None:
    """Mark done; a part leaves its `answer` to its parent. Call in the transaction that stores the result, after `hold`."""
    changes = {"state": Job.State.DONE, "step": "", "done_units": F("all_units"), "answer": answer or {}}
    _end(job, changes)


@transaction.atomic
def fail(job: Job, *, error: str, code: str = "failed") -> None:
    """The work itself was refused (a broken file): final, no further attempt, no alarm."""
    _end(job, {"state": Job.State.FAILED, "error": error[:4000], "error_code": code[:60]})


@transaction.atomic
def give_up(job: Job, *, error: str) -> None:
    """What it builds on was given up: so is this, with one notice to whoever asked for it."""
    _end(job, {"state": Job.State.DEAD, "error": error[:4000], "error_code": "given_up"})
    given_up(Job.objects.get(pk=job.pk))


def _end(job: Job, changes: dict[str, Any]) -> None:
    lock_parent(job)
    ended = {"finished_at": timezone.now(), "lease_until": None, "lease_token": ""}  # nosec B105 - no password
    if not Job.objects.held_by(job).update(**changes, **ended):
        raise LeaseLost(str(job))
    part_ended(job, changes["state"])


@transaction.atomic
def put_back(job: Job, *, error: str) -> None:
    """Something broke: queued again after a pause that doubles, or given up when its attempts are used up."""
    lock_parent(job)
    row = Job.objects.select_for_update().held_by(job).first()
    if row is None:
        raise LeaseLost(str(job))
    requeue_or_give_up(row, error=error, wait=timedelta(seconds=min(300, 5 * 2 ** (row.attempts - 1))))


def requeue_or_give_up(row: Job, *, error: str, wait: timedelta) -> None:
    """Queue a row again after `wait`, or set it dead and tell whoever asked for it, once. Its family is locked."""
    row.lease_token, row.lease_until, row.error = "", None, error[:4000]
    if row.attempts >= row.max_attempts:
        row.state, row.finished_at, row.error_code = Job.State.DEAD, timezone.now(), "given_up"
        row.save()
        given_up(row)
        part_ended(row, row.state)
    else:
        row.state, row.run_after, row.published_at = Job.State.QUEUED, timezone.now() + wait, None
        row.save()
        publish_after_commit(row.pk)
