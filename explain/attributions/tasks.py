"""Celery tasks of the room."""

from celery import shared_task

from explain.attributions import parts, runs, sweeping


@shared_task(name="attributions.compute_explanation")
def compute_explanation(job_id: int) -> str:
    """Compute the SHAP values of a model in the sandbox."""
    return runs.compute_explanation(job_id)


@shared_task(name="attributions.compute_part")
def compute_part(job_id: int) -> str:
    """Compute the SHAP values of some of the rows in the sandbox."""
    return parts.compute_part(job_id)


@shared_task(name="attributions.sweep")
def sweep(job_id: int) -> str:
    """Remove parts of explanations that nobody came back for."""
    return sweeping.sweep(job_id)
