"""Tasks that only the tests' own workers know: they wait at gates (files), so that no test depends on timing."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import django
from celery import shared_task

django.setup()

from celery.exceptions import SoftTimeLimitExceeded  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from foundation.jobs.claims import Claim, work_on  # noqa: E402
from foundation.jobs.kinds import Kind, register  # noqa: E402

KINDS = {"effect": 3, "poison": 2, "hang": 3}
for name, attempts in KINDS.items():
    register(Kind(f"test_{name}", name, task=f"tests.{name}", max_attempts=attempts))


def gate(job: int, attempt: int) -> Path:
    """While this file is absent, the attempt waits."""
    return Path(settings.DATA_DIR) / f"gate-{job}-{attempt}"


def begun(job: int, attempt: int) -> Path:
    """Written when the attempt holds its job and begins to work."""
    return Path(settings.DATA_DIR) / f"begun-{job}-{attempt}"


def tried(job: int, attempt: int) -> Path:
    """Written when the attempt has tried to store its effect."""
    return Path(settings.DATA_DIR) / f"tried-{job}-{attempt}"


def work(held: Claim) -> None:
    job, attempt = held.job.pk, held.job.attempts
    begun(job, attempt).touch()
    while held.job.args.get("gated") and not gate(job, attempt).exists():
        time.sleep(0.02)
    try:
        with held.storing(), connection.cursor() as cursor:
            cursor.execute("INSERT INTO test_effect (job) VALUES (%s)", [job])
    finally:
        tried(job, attempt).touch()


@shared_task(name="tests.effect")
def effect(job_id: int) -> str:
    return work_on(job_id, work)


@shared_task(name="tests.poison")
def poison(job_id: int) -> str:
    def dies(held: Claim) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    return work_on(job_id, dies)


@shared_task(name="tests.hang")
def hang(job_id: int) -> str:
    def hangs_once(held: Claim) -> None:
        while held.job.attempts == 1:
            try:
                time.sleep(60)
            except SoftTimeLimitExceeded:  # deaf to the first warning
                continue
        work(held)

    return work_on(job_id, hangs_once)
