"""Celery tasks of the room."""

from celery import shared_task

from foundation.jobs.claims import work_on
from lifecycle.postmortems import runs


@shared_task(name="postmortems.open")
def open_one(job_id: int) -> str:
    """Open the post-mortem that an entry of the trail asks for."""
    return work_on(job_id, runs.open_one)


@shared_task(name="postmortems.watch_kpis")
def watch_kpis(job_id: int) -> str:
    """Look for KPIs that miss their targets."""
    return work_on(job_id, runs.watch_kpis)
