"""Celery tasks of the room."""

from celery import shared_task

from foundation.jobs.claims import work_on
from foundation.people.runs import send_invitation as run


@shared_task(name="people.send_invitation")
def send_invitation(job_id: int) -> str:
    """Mail an invitation."""
    return work_on(job_id, run)
