"""Celery tasks of the room."""

from celery import shared_task

from foundation.jobs.claims import work_on
from lifecycle.signoff.runs import run


@shared_task(name="signoff.sweep")
def sweep(job_id: int) -> str:
    """Do what is due in sign-off."""
    return work_on(job_id, run)
