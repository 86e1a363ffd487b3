"""Reads of the ledger: one job, jobs in trouble, signs of life."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils import timezone

from foundation.jobs.kinds import Result, find_kind
from foundation.jobs.models import RESTING, Job, Pulse
from foundation.jobs.permits import may_see, may_see_result
from foundation.people.models import User

LONG_WAIT = timedelta(minutes=5)
ALIVE = timedelta(seconds=90)


def job_for(user: User, job_id: int) -> Job:
    """The job, or Http404 when there is none or the person may not see it."""
    job = Job.objects.select_related("created_by", "parent").filter(pk=job_id).first()
    if job is None or not may_see(user, job):
        raise Http404("No such job.")
    return job


def parts_of(job: Job) -> list[Job]:
    """The parts of a job in their order; one query."""
    return list(job.parts.defer("args", "answer").order_by("pk"))


def result_for(user: User, job: Job) -> Result | None:
    """The page of what the job works for, where its kind has one and the person may see it."""
    kind = find_kind(job.kind)
    return kind.result(job) if kind and kind.result and may_see_result(user, job) else None


def jobs_in_trouble() -> QuerySet[Job]:
    """Given up, or waiting for longer than five minutes past the time they were due; the newest first.

    Parts show under their job; it waits for long when parts of it do and nobody works on any.
    """
    late = Q(state=Job.State.QUEUED, run_after__lt=timezone.now() - LONG_WAIT)
    parts = Job.objects.filter(parent=OuterRef("pk"))
    stuck = Q(Exists(parts.filter(late)), ~Exists(parts.filter(state=Job.State.RUNNING)), run_after=RESTING)
    found = Job.objects.filter(Q(state=Job.State.DEAD) | late | stuck, parent=None)
    return found.select_related("created_by").order_by("-pk")


def worker_is_alive(host: str) -> bool:
    """A heartbeat task ran on the host less than 90 s ago, or it holds a job whose lease is renewed.

    A worker whose slots are all taken by long jobs runs no heartbeat, and is well.
    """
    now = timezone.now()
    return (
        Pulse.objects.filter(name=f"worker:{host}"[:160], at__gt=now - ALIVE).exists()
        or Job.objects.filter(
            state=Job.State.RUNNING, worker__startswith=f"{host[:100]}:", lease_until__gt=now
        ).exists()
    )


def scheduler_is_alive(host: str) -> bool:
    """The scheduler on the host finished a round less than 90 s ago."""
    return Pulse.objects.filter(name=f"scheduler:{host}"[:160], at__gt=timezone.now() - ALIVE).exists()
