"""The Celery application: options that answer the known failures of Celery over the Redis protocol."""

import os
import signal
from typing import Any

from billiard import current_process
from celery import Celery
from celery.signals import worker_process_init
from django.conf import settings

from foundation.jobs.supervisor.tied import tie

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# A worker has one process for each core already: threads of the linear algebra below them only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

app = Celery("tollgate")
app.conf.update(
    broker_url=settings.REDIS_URL or "redis://127.0.0.1:1/0",
    # The job's row is the truth; no result backend that could disagree with it.
    result_backend=None,
    task_ignore_result=True,
    accept_content=["json"],
    task_serializer="json",
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={
        # Above the hard limit, else a long task is delivered twice (celery #5935).
        "visibility_timeout": settings.JOB_TIME_LIMIT + 300,
        # A broker that hangs or is gone is tried once: a web request loses at most this, and the row stays queued.
        # (kombu would wait two seconds and try again; a worker that lost its broker has its own patience.)
        "socket_timeout": 1.5,
        "socket_connect_timeout": 1.5,
        "max_retries": 0,
        # A killed worker's messages come back without waiting for the default 100 s (kombu PR #2558).
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    },
    broker_pool_limit=4,
    task_publish_retry=False,
    task_acks_late=True,
    # A child that was killed (out of memory) gives its message back, a few times; attempts count on the row,
    # so a poison task ends (celery #9082).
    task_reject_on_worker_lost=True,
    task_retry_on_worker_lost=True,
    task_annotations={"*": {"max_retries": 3, "default_retry_delay": 5}},
    worker_prefetch_multiplier=1,
    # An acknowledgement that could not be sent is not waited for: the ledger knows what is done.
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_max_tasks_per_child=200,
    worker_max_memory_per_child=1_500_000,
    task_time_limit=settings.JOB_TIME_LIMIT,
    task_soft_time_limit=settings.JOB_TIME_LIMIT - max(2, settings.JOB_TIME_LIMIT // 20),
    task_default_queue="default",
    task_create_missing_queues=True,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    timezone="UTC",
)
app.autodiscover_tasks(
    [
        "foundation.people",
        "foundation.jobs",
        "foundation.notices",
        "lifecycle.signoff",
        "lifecycle.acceptance",
        "lifecycle.postmortems",
        "lifecycle.lessons",
        "explain.register",
        "explain.attributions",
        "explain.outcomes",
    ]
)


@worker_process_init.connect
def end_with_the_worker(**unused: Any) -> None:
    """A process of the pool never outlives its worker: its siblings keep the pipe open whose end would tell it."""
    tie(signal.SIGKILL, current_process()._parent_pid)  # type: ignore[attr-defined]  # has no public name
