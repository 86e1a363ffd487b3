"""Celery tasks of the room."""

from celery import shared_task

from explain.outcomes.runs import make_report


@shared_task(name="outcomes.make_report")
def outcome_report(job_id: int) -> str:
    """Compute one outcome report."""
    return make_report(job_id)
