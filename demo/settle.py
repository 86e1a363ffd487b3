"""Waiting for a worker, or doing its work in this process."""

from __future__ import annotations

import time

from celery import current_app
from django.core.management.base import CommandError

from foundation.jobs.kinds import kind_named
from foundation.jobs.models import Job

PATIENCE = 300.0  # seconds; the longest job of the story takes about ten on two cores


class Settler:
    """`settle(job)` returns when the job is done; `compute` runs it here instead of waiting for a worker."""

    def __init__(self, *, compute: bool) -> None:
        self.compute = compute

    def settle(self, job: Job | None) -> None:
        """Raise CommandError when the job failed, or when no worker finished it in time."""
        if job is None:
            raise CommandError("A computation of the story was never asked for.")
        if self.compute:
            current_app.loader.import_default_modules()
            current_app.tasks[kind_named(job.kind).task].run(job.pk)
        deadline = time.monotonic() + PATIENCE
        while True:
            job.refresh_from_db()
            if job.state == Job.State.DONE:
                return
            if not job.is_open:
                raise CommandError(f"{job.kind} ended as {job.get_state_display()}: {job.error}")
            if time.monotonic() > deadline:
                raise CommandError(
                    f"No worker finished {job.kind} within {PATIENCE:.0f} s. Start one, or use load_demo --compute."
                )
            time.sleep(0.25)
