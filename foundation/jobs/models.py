"""The job ledger: the row is the truth, the broker only carries ids."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.jobs.kinds import find_kind


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of the ledger."""

    def held_by(self, job: Job) -> JobQuerySet:
        """The row, as long as the lease token in hand still fits (the fence)."""
        return self.filter(pk=job.pk, state=Job.State.RUNNING, lease_token=job.lease_token)

    def lapsed(self, now: datetime) -> JobQuerySet:
        """Running, but its worker gave no sign of life until its lease was over."""
        return self.filter(state=Job.State.RUNNING, lease_until__lt=now)


class Job(models.Model):
    """One piece of work for a worker. Claimed by compare-and-set, held by a lease, fenced by its token."""

    class State(models.TextChoices):
        QUEUED = "queued", "waiting for a worker"
        RUNNING = "running", "running"
        DONE = "done", "done"
        FAILED = "failed", "failed"
        DEAD = "dead", "given up"
        CANCELLED = "cancelled", "cancelled"

    OPEN = (State.QUEUED, State.RUNNING)

    kind = models.CharField(max_length=60)
    args = models.JSONField(default=dict)
    dedup_key = models.CharField(max_length=200, null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    run_after = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)
    lease_token = models.CharField(max_length=32, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=120, blank=True)
    done_units = models.PositiveBigIntegerField(default=0)
    all_units = models.PositiveBigIntegerField(default=0)
    step = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    project_id = models.BigIntegerField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            # Unique while the work is open: the same request twice is one job; done work may be asked for again.
            models.UniqueConstraint(
                fields=["kind", "dedup_key"],
                condition=Q(state__in=["queued", "running"]) & Q(dedup_key__isnull=False),
                name="job_once_while_open",
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | (Q(lease_until__isnull=False) & ~Q(lease_token="")),  # nosec B106 - no password
                name="job_running_has_lease",
            ),
        ]
        indexes = [models.Index(fields=["state", "run_after"], name="job_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def label(self) -> str:
        """What the job does, in words."""
        kind = find_kind(self.kind)
        return kind.label if kind else self.kind.replace("_", " ")

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def percent(self) -> int | None:
        """Progress 0 to 100, or None while the amount of work is unknown."""
        if self.state == self.State.DONE:
            return 100
        return min(100, int(100 * self.done_units / self.all_units)) if self.all_units else None

    @property
    def took(self) -> timedelta | None:
        """From start to finish."""
        return self.finished_at - self.started_at if self.finished_at and self.started_at else None


class Pulse(models.Model):
    """The last sign of life of a process that has no page: `worker:HOST`, `scheduler:HOST`."""

    name = models.CharField(max_length=160, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M:%S}"


class Slot(models.Model):
    """One turn of a periodic deed. The pair is unique, so two schedulers run a turn once."""

    deed = models.CharField(max_length=60)
    begins_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deed", "begins_at"], name="slot_once")]

    def __str__(self) -> str:
        return f"{self.deed} {self.begins_at:%Y-%m-%d %H:%M}"
