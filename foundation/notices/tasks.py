"""Celery tasks of the room."""

from celery import shared_task

from foundation.jobs.claims import work_on
from foundation.notices.services import send_notice_mail


@shared_task(name="notices.send_mail")
def send_mail(job_id: int) -> str:
    """Send one notice by e-mail."""
    return work_on(job_id, send_notice_mail)
