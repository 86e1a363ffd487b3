"""Links from a metric of the model to a KPI: the hypothesis that a better model pays."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project


class MetricLink(models.Model):
    """What a team expects a KPI to do when a metric of its model gets better. Written once; it can only be ended."""

    class Better(models.TextChoices):
        HIGHER = "higher", "higher is better"
        LOWER = "lower", "lower is better"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="metric_links")
    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="metric_links")
    # The expected change is in the unit of that definition of the KPI.
    kpi_version = models.PositiveIntegerField()
    model_name = models.CharField(max_length=120)
    metric = models.CharField(max_length=80, help_text="As the versions of the model state it")
    better = models.CharField(max_length=6, choices=Better.choices, default=Better.HIGHER)
    point = models.FloatField(default=0.01, help_text="Size of a point, in the metric's own unit")
    expected = models.FloatField(help_text="Change of the KPI, in its unit, for each point more of the metric")
    # A better model is expected to make the KPI worse, and the team said so.
    against = models.BooleanField(default=False)
    hypothesis = models.TextField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["project", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "model_name", "metric"], condition=Q(ended_at__isnull=True), name="metric_link_once"
            ),
            models.CheckConstraint(condition=Q(point__gt=0), name="metric_link_point"),
            models.CheckConstraint(condition=~Q(expected=0), name="metric_link_expects_a_change"),
            models.CheckConstraint(condition=~Q(hypothesis=""), name="metric_link_has_hypothesis"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="metric_link_ended_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.metric} of {self.model_name} and {self.kpi}"
