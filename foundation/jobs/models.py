"""The job ledger: the row is the truth, the broker only carries ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Count, Q, Sum
from django.utils import timezone

from foundation.jobs.kinds import find_kind

# When a job is due that waits for its parts: claim, publish and the list of trouble pass it over by themselves.
RESTING: Final = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Family:
    """How far the parts of a job are: parts ended and in all, units of work done in them."""

    done: int
    all: int
    done_units: int


class JobQuerySet(models.QuerySet["Job"]):
    """Reads of the ledger."""

    def held_by(self, job: Job) -> JobQuerySet:
        """The row, as long as the lease token in hand still fits (the fence)."""
        return self.filter(pk=job.pk, state=Job.State.RUNNING, lease_token=job.lease_token)

    def lapsed(self, now: datetime) -> JobQuerySet:
        """Running, but its worker gave no sign of life until its lease was over."""
        return self.filter(state=Job.State.RUNNING, lease_until__lt=now)

    def open_parts_of(self, parent: Job) -> JobQuerySet:
        """Its parts that wait or run."""
        return self.filter(parent=parent, state__in=Job.OPEN)

    def cancel(self) -> int:
        """Cancel rows whose family is locked; workers that run them notice at their next sign of life."""
        ended = {"finished_at": timezone.now(), "lease_token": "", "lease_until": None}  # nosec B105 - no password
        return self.update(state=Job.State.CANCELLED, **ended)


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
    # The job of which this one is a part. Whoever locks rows of a family locks the parent first.
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="parts")
    # What a part leaves for its parent: plain JSON, written in the transaction that marks it done.
    answer = models.JSONField(default=dict, blank=True)
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
            # Starting the whole again brings its parts back, and must not meet another open job of their key.
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | Q(dedup_key__isnull=True), name="job_part_has_no_key"
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
    def rests(self) -> bool:
        """Whether it waits for its parts (or, as a part, for its parent to let it go on)."""
        return self.state == self.State.QUEUED and self.run_after == RESTING

    def get_state_display(self) -> str:  # type: ignore[no-redef] # in place of the one that the field brings
        """The word of the state; a job that waits for its parts is at work."""
        return "running in parts" if self.rests and self.parent_id is None else str(self.State(self.state).label)

    @cached_property
    def family(self) -> Family:
        """How far its parts are; one query."""
        found = self.parts.aggregate(
            done=Count("pk", filter=Q(state=self.State.DONE)), all=Count("pk"), units=Sum("done_units", default=0)
        )
        return Family(found["done"], found["all"], found["units"])

    @property
    def units_so_far(self) -> int:
        """Units of work done: its own, or while it rests those of its parts."""
        return self.family.done_units if self.rests else self.done_units

    @property
    def doing(self) -> str:
        """The step it is at, in words."""
        if not self.rests or not self.family.all:
            return self.step
        return f"{self.step}, {self.family.done} of {self.family.all} parts"

    @property
    def percent(self) -> int | None:
        """Progress 0 to 100, or None while the amount of work is unknown."""
        if self.state == self.State.DONE:
            return 100
        return min(100, int(100 * self.units_so_far / self.all_units)) if self.all_units else None

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
