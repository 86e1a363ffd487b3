"""Work that does nothing, for a worker to do: one job of the ledger, and one bare Celery task."""

from __future__ import annotations

from celery import shared_task
from django.db import connection

from foundation.jobs.claims import Claim, work_on
from foundation.jobs.kinds import Kind, register

JOB, BARE = "bench.job", "bench.bare"
register(Kind("bench_nothing", "Nothing", task=JOB))


def nothing(claim: Claim) -> None:
    """The job's work."""


@shared_task(name=JOB)
def job(job_id: int) -> str:
    """As every task of the portal."""
    return work_on(job_id, nothing)


@shared_task(name=BARE)
def bare(number: int) -> None:
    """Says in the database that it was here, with no claim, lease or fence."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bench_task SET done = 1 WHERE id = %s", [number])
