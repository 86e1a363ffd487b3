"""Celery tasks of the room."""

from celery import shared_task

from explain.outcomes.calculators.runs import make_calculation
from explain.outcomes.runs import make_report


@shared_task(name="outcomes.make_report")
def outcome_report(job_id: int) -> str:
    """Compute one outcome report."""
    return make_report(job_id)


@shared_task(name="outcomes.calculate")
def calculation(job_id: int) -> str:
    """Compute the answer of a calculator."""
    return make_calculation(job_id)
