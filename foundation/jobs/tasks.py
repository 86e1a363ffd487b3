"""Celery tasks of the ledger itself."""

from celery import shared_task

from foundation.jobs.reconciler import reconcile as reconcile_ledger
from foundation.jobs.signs import worker_beat


@shared_task(name="jobs.reconcile")
def reconcile() -> dict[str, int]:
    """Find work that got lost (the scheduler also does this in its own process)."""
    return reconcile_ledger()


@shared_task(name="jobs.heartbeat")
def heartbeat() -> None:
    """A sign of life that only a worker which really takes and runs messages can give."""
    worker_beat()
