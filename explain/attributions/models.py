"""Explanations: SHAP values of a model version on a data set, bound to both by hash."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from explain.register.models import DataSet, ModelVersion
from foundation.jobs.models import Job
from lifecycle.projects.models import Project


class Explanation(models.Model):
    """One computed explanation. Once done, its summary, hash and files never change."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        DONE = "done", "done"
        REFUSED = "refused", "refused"

    class Method(models.TextChoices):
        SHAP = "shap", "SHAP"
        LIME = "lime", "LIME"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="explanations")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="explanations")
    data_set = models.ForeignKey(DataSet, on_delete=models.PROTECT, related_name="explanations")
    method = models.CharField(max_length=8, choices=Method.choices, default=Method.SHAP)
    seed = models.PositiveIntegerField(default=0)
    rows_limit = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal = models.TextField(blank=True)
    engine = models.CharField(max_length=80, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    # Small facts and drivers for pages and manifests.
    summary = models.JSONField(default=dict)
    # Samples for charts, read only by the chart pages.
    samples = models.JSONField(default=dict)
    values_file = models.CharField(max_length=200, blank=True)
    content_hash = models.CharField(max_length=64, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["project", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(state="done") | ~Q(content_hash=""), name="explanation_done_is_hashed"),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(refusal=""), name="explanation_refusal_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"Explanation of {self.model_version}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/explanations/{self.pk}/"
