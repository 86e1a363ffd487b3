"""Celery tasks of the room."""

from celery import shared_task

from explain.attributions import parts, runs, sweeping
from explain.attributions.what_if import runs as what_if_runs


@shared_task(name="attributions.compute_explanation")
def compute_explanation(job_id: int) -> str:
    """Compute the SHAP values of a model in the sandbox."""
    return runs.compute_explanation(job_id)


@shared_task(name="attributions.compute_part")
def compute_part(job_id: int) -> str:
    """Compute the SHAP values of some of the rows in the sandbox."""
    return parts.compute_part(job_id)


@shared_task(name="attributions.answer_what_if")
def answer_what_if(job_id: int) -> str:
    """Ask a model in the sandbox what it would say of a changed row."""
    return what_if_runs.answer_what_if(job_id)


@shared_task(name="attributions.sweep")
def sweep(job_id: int) -> str:
    """Remove parts of explanations that nobody came back for."""
    return sweeping.sweep(job_id)
