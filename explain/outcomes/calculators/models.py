"""Calculations that wait for a worker, and what came of them. Kept for a short while, for whoever asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.jobs.models import Job

KEPT: Final = timedelta(hours=2)


class CalculationQuerySet(models.QuerySet["Calculation"]):
    """Reads of what is still kept."""

    def kept_for(self, person_id: int) -> CalculationQuerySet:
        """Those of a person that are not over."""
        return self.filter(asker=person_id, asked_at__gt=timezone.now() - KEPT)

    def over(self) -> CalculationQuerySet:
        """Those that are kept no longer."""
        return self.filter(asked_at__lte=timezone.now() - KEPT)


class Calculation(models.Model):
    """One request to a calculator whose libraries are with the workers only. The same question twice is one row.

    `request` is the JSON as it came, emptied once there is an answer; `answer` or the refusal is what the calculator
    said.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        DONE = "done", "done"
        REFUSED = "refused", "refused"

    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    calculator = models.CharField(max_length=20)
    request = models.TextField(blank=True)
    request_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    answer = models.JSONField(default=dict, help_text="Money as strings")
    refusal_code = models.CharField(max_length=60, blank=True)
    refusal = models.TextField(blank=True)
    refusal_field = models.CharField(max_length=200, blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)

    objects = CalculationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["asker", "calculator", "request_hash"], name="calculation_once"),
            models.CheckConstraint(
                condition=(Q(state="refused") & ~Q(refusal_code="")) | (~Q(state="refused") & Q(refusal_code="")),
                name="calculation_refused_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], name="calculation_by_age")]

    def __str__(self) -> str:
        return f"{self.calculator} {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/api/v1/calculators/answers/{self.pk}/"

    @property
    def is_open(self) -> bool:
        """A worker will answer."""
        return self.state == self.State.WAITING and self.job is not None and self.job.is_open

    @property
    def is_stranded(self) -> bool:
        """No answer, and no worker will give one: the job was given up or cancelled."""
        return self.state == self.State.WAITING and not self.is_open
