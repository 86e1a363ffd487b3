"""Celery tasks of the room."""

from celery import shared_task

from foundation.jobs.claims import work_on
from foundation.notices import runs


@shared_task(name="notices.send_mail")
def send_mail(job_id: int) -> str:
    """Send one notice by e-mail."""
    return work_on(job_id, runs.send_notice_mail)


@shared_task(name="notices.send_digest")
def send_digest(job_id: int) -> str:
    """Send one person's e-mail of the day."""
    return work_on(job_id, runs.send_digest)
