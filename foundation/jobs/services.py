"""Deeds on the ledger: request, publish, retry, cancel."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.audit.services import record
from foundation.jobs.kinds import Kind, cancelled, find_kind, kind_named
from foundation.jobs.models import RESTING, Job
from foundation.jobs.permits import may_steer
from foundation.people.models import User
from foundation.web.refused import Refused
from foundation.web.request_facts import current

log = structlog.get_logger(__name__)

# After a failed publish the broker is left alone for this long, so that further requests stay quick.
LEAVE_ALONE_SECONDS = min(10.0, float(settings.RECONCILE_SECONDS))


class _Broker:
    """What this process knows about the broker: when it may be tried again (monotonic clock)."""

    try_again_at = 0.0


@transaction.atomic
def request_job(
    *,
    kind: str,
    args: dict[str, Any],
    actor: User | None,
    dedup_key: str | None = None,
    project_id: int | None = None,
    run_after: datetime | None = None,
) -> Job:
    """Write a queued job in the caller's transaction; its id is published after commit.

    With a `dedup_key`, an open job of the same kind and key is returned instead of a second one.
    """
    described = kind_named(kind)
    # A second look answers the race: the other's job may have been written, or have ended, in between.
    for _ in range(3):
        if dedup_key is not None:
            open_job = Job.objects.filter(kind=kind, dedup_key=dedup_key, state__in=Job.OPEN).first()
            if open_job:
                return open_job
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind,
                    args=args,
                    dedup_key=dedup_key,
                    max_attempts=described.max_attempts,
                    run_after=run_after or timezone.now(),
                    created_by=actor,
                    project_id=project_id,
                    request_id=current.get().request_id[:64],
                )
        except IntegrityError:
            if dedup_key is None:
                raise
            continue
        publish_after_commit(job.pk)
        return job
    raise Refused("The same work is being asked for by someone else right now. Try again.", code="job_contended")


def publish_after_commit(job_id: int) -> None:
    """Hand the id to the broker once the row is certain to be there; a failure never fails the deed."""
    transaction.on_commit(lambda: publish(job_id), robust=True)


def publish(job_id: int) -> bool:
    """Hand the id to the broker; False: not done, and the reconciler publishes when it can.

    A failure is logged, not raised. A broker that hangs costs the first request some 1.5 s and the next none.
    """
    job = Job.objects.filter(pk=job_id, state=Job.State.QUEUED).first()
    kind = find_kind(job.kind) if job else None
    if job is None or kind is None:
        return False
    # The reconciler publishes when it is time: a long ETA in the broker would be delivered twice (celery #5935).
    if job.run_after > timezone.now() or not broker_may_be_tried():
        return False
    return _send(job, kind)


def broker_may_be_tried() -> bool:
    """False for some seconds after a failed publish."""
    return time.monotonic() >= _Broker.try_again_at


def hand_over(task: str, args: list[Any], queue: str = "default", expires: float | None = None) -> bool:
    """Send one message; False and a log line when the broker does not take it."""
    try:
        current_app.send_task(task, args=args, queue=queue, expires=expires, retry=False)
    except Exception as error:  # the broker may fail in any way; what must happen is a row in the ledger
        _Broker.try_again_at = time.monotonic() + LEAVE_ALONE_SECONDS
        log.warning("broker_did_not_take_it", task=task, args=args, error=repr(error))
        return False
    return True


def _send(job: Job, kind: Kind) -> bool:
    if not hand_over(kind.task, [job.pk], kind.queue):
        return False
    Job.objects.filter(pk=job.pk, state=Job.State.QUEUED).update(published_at=timezone.now())
    return True


@transaction.atomic
def retry_job(*, actor: User, job: Job) -> Job:
    """Start a job again that failed, was given up or was cancelled.

    Its parts that are not done rest until the job has looked whether what is done can still be used.
    """
    row = Job.objects.select_for_update().get(pk=job.pk)
    may_steer(actor, row).demand()
    _refuse_part(row)
    if row.is_open:
        raise Refused("This job is already waiting or running. Wait for it to end.", code="job_open")
    if row.state == Job.State.DONE:
        raise Refused("This job is done. Ask for a new one instead.", code="job_done")
    before = {"state": row.state, "attempts": row.attempts}
    row.state, row.attempts, row.run_after = Job.State.QUEUED, 0, timezone.now()
    row.error, row.error_code, row.step = "", "", ""
    row.published_at, row.started_at, row.finished_at = None, None, None
    row.done_units, row.all_units = 0, 0
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Refused(
            "The same work was asked for again in the meantime and is under way. Look at that job instead.",
            code="job_superseded",
        ) from None
    Job.objects.filter(parent=row).exclude(state=Job.State.DONE).update(
        state=Job.State.QUEUED,
        attempts=0,
        run_after=RESTING,
        error="",
        error_code="",
        step="",
        published_at=None,
        started_at=None,
        finished_at=None,
        done_units=0,
    )
    publish_after_commit(row.pk)
    _note(actor, "retry_job", row, before)
    return row


@transaction.atomic
def cancel_job(*, actor: User, job: Job) -> Job:
    """Cancel open work with its open parts; a running worker notices at its next sign of life and stores nothing."""
    row = Job.objects.select_for_update().get(pk=job.pk)
    may_steer(actor, row).demand()
    _refuse_part(row)
    if not row.is_open:
        raise Refused(f"This job is {row.get_state_display()}; there is nothing to cancel.", code="job_closed")
    before = {"state": row.state, "attempts": row.attempts}
    row.state, row.finished_at, row.lease_token, row.lease_until = Job.State.CANCELLED, timezone.now(), "", None
    row.save()
    Job.objects.open_parts_of(row).cancel()
    cancelled(row)
    _note(actor, "cancel_job", row, before)
    return row


def _refuse_part(row: Job) -> None:
    if row.parent_id is not None:
        raise Refused(
            f"This is a part of job {row.parent_id} and goes the way of the whole. Open that job to cancel it or to "
            "try again.",
            code="job_is_part",
        )


def _note(actor: User, verb: str, row: Job, before: dict[str, Any]) -> None:
    record(
        actor=actor,
        verb=verb,
        thing=row,
        kind="job",
        name=row.label,
        project_id=row.project_id,
        before=before,
        after={"state": row.state, "attempts": row.attempts},
    )
