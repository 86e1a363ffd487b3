"""Celery tasks of the room."""

from celery import shared_task

from lifecycle.lessons.offers import runs as offers
from lifecycle.lessons.similar import runs as similar


@shared_task(name="lessons.compare_case")
def compare_case(job_id: int) -> str:
    """Compare a case with all others."""
    return similar.compare_case(job_id)


@shared_task(name="lessons.offer_cases")
def offer_cases(job_id: int) -> str:
    """Look for cases that are like a project."""
    return offers.offer_cases(job_id)
