"""Celery tasks of the room."""

from celery import shared_task

from explain.register import runs


@shared_task(name="register.inspect_model")
def inspect_model(job_id: int) -> str:
    """Look at an uploaded model in the sandbox."""
    return runs.inspect_model(job_id)
