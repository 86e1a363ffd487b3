"""What a KPI was, shall become and is worth, and when the solution began to work."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.kpis.models.definitions import Kpi
from lifecycle.projects.models import Project


class Baseline(models.Model):
    """What the KPI was before: a window whose values are frozen, with their hash, at its approval."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        FROZEN = "frozen", "frozen"
        WITHDRAWN = "withdrawn", "withdrawn"
        SUPERSEDED = "superseded", "superseded"

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="baselines")
    kpi_version = models.PositiveIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    note = models.TextField(blank=True)
    values = models.JSONField(default=list, help_text="[[period, value, revision], ...] as frozen")
    values_hash = models.CharField(max_length=64, blank=True)
    mean = models.FloatField(null=True, blank=True)
    moving_range = models.FloatField(
        null=True, blank=True, help_text="Mean moving range, for the limits of the run chart"
    )
    count = models.PositiveIntegerField(default=0)
    retrospective = models.BooleanField(default=False, help_text="Frozen after go-live")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kpi", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="baseline_window_forward"),
            models.UniqueConstraint(fields=["kpi"], condition=Q(state="frozen"), name="baseline_one_frozen"),
            models.UniqueConstraint(fields=["kpi"], condition=Q(state="proposed"), name="baseline_one_proposed"),
            models.CheckConstraint(
                condition=~Q(state="frozen")
                | (Q(approved_by__isnull=False) & Q(frozen_at__isnull=False) & ~Q(values_hash="")),
                name="baseline_frozen_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="baseline_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi}: {self.starts_on} to {self.ends_on}"


class Target(models.Model):
    """What the KPI shall become, and by when; the newest row counts, older ones stay."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="targets")
    value = models.FloatField()
    due_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kpi", "-pk"]

    def __str__(self) -> str:
        return f"{self.kpi}: {self.value} by {self.due_on}"


class ValuePerUnit(models.Model):
    """What one unit of improvement is worth, from when on, on which evidence."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="unit_values")
    amount = models.DecimalField(max_digits=20, decimal_places=4)
    low = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kpi", "-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="unit_value_forward",
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True) | Q(low__lte=F("amount"), high__gte=F("amount")),
                name="unit_value_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} per {self.kpi.unit}"


class GoLive(models.Model):
    """When the solution began to work; the ramp after it stays out of the effect. The newest row counts."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="go_lives")
    on = models.DateField()
    ramp_until = models.DateField(null=True, blank=True, help_text="First day after the ramp")
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ramp_until__isnull=True) | Q(ramp_until__gte=F("on")), name="ramp_after_go_live"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} live on {self.on}"
