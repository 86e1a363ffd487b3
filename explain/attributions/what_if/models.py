"""Questions about one row of an explanation: what would the model say if some values were others?"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from explain.attributions.models import Explanation
from foundation.jobs.models import Job


class WhatIf(models.Model):
    """One question with its answer. It is never evidence: no round pins it, and no gate reads it.

    `row` counts from 1. `changes`: feature to number, or to null for an empty value; `changes_hash` is their digest, so
    that the same question is one row. `answer` as `asking.Answer`, empty until there is one.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        DONE = "done", "done"
        REFUSED = "refused", "refused"

    explanation = models.ForeignKey(Explanation, on_delete=models.CASCADE, related_name="what_ifs")
    row = models.PositiveBigIntegerField()
    changes = models.JSONField()
    changes_hash = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal = models.TextField(blank=True)
    answer = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["explanation", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["explanation", "row", "changes_hash"], name="what_if_once"),
            models.CheckConstraint(condition=Q(row__gte=1), name="what_if_row_counts_from_one"),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(refusal=""), name="what_if_refusal_has_reason"),
        ]

    def __str__(self) -> str:
        return f"What if, row {self.row}"

    def get_absolute_url(self) -> str:
        return f"{self.explanation.get_absolute_url()}what-if/{self.pk}/"

    @property
    def is_open(self) -> bool:
        """A worker will answer."""
        return self.state == self.State.WAITING and self.job is not None and self.job.is_open
