"""Celery tasks of the room."""

from celery import shared_task

from lifecycle.acceptance import runs


@shared_task(name="acceptance.mail_link")
def mail_link(job_id: int) -> str:
    """Mail a signing link to a person from outside."""
    return runs.mail_link(job_id)


@shared_task(name="acceptance.mail_code")
def mail_code(job_id: int) -> str:
    """Mail a one-time code to a person from outside."""
    return runs.mail_code(job_id)
