"""What has to be known to judge a KPI: what to compare it with, what to leave out, when the solution ended."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.kpis.models.definitions import Kpi
from lifecycle.projects.models import Project


class KpiControl(models.Model):
    """Another KPI that tells what would have been. Ended rows stay, so that earlier reports can be computed again."""

    class Part(models.TextChoices):
        CONTROL = "control", "was not changed itself"
        TREATED = "treated", "drawn by lot, has the solution"
        HELD = "held", "drawn by lot, waits for it"

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="controls")
    control = models.ForeignKey(Kpi, on_delete=models.PROTECT, related_name="control_of")
    part = models.CharField(max_length=7, choices=Part.choices, default=Part.CONTROL)
    why = models.CharField(max_length=300, help_text="Why it is not itself changed, or how the lot was drawn")
    joined_on = models.DateField(null=True, blank=True, help_text="When a unit that waited got the solution as well")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kpi", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "control"], condition=Q(ended_at__isnull=True), name="kpi_control_once"
            ),
            models.CheckConstraint(condition=~Q(kpi=F("control")), name="kpi_control_is_another"),
            models.CheckConstraint(condition=~Q(why=""), name="kpi_control_says_why"),
            models.CheckConstraint(
                condition=Q(joined_on__isnull=True) | Q(part="held"), name="kpi_control_joined_was_held"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.control} for {self.kpi}"


class Exclusion(models.Model):
    """Periods that count on neither side because of an event. Another person approves it; reports show both."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        APPROVED = "approved", "approved"
        WITHDRAWN = "withdrawn", "withdrawn"
        LIFTED = "lifted", "lifted again"

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="exclusions")
    starts_on = models.DateField()
    ends_on = models.DateField(help_text="Last day")
    event = models.CharField(max_length=300)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kpi", "starts_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="exclusion_forward"),
            models.CheckConstraint(condition=~Q(event=""), name="exclusion_names_its_event"),
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "lifted"])
                | (Q(approved_by__isnull=False) & Q(approved_at__isnull=False)),
                name="exclusion_approved_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")), name="exclusion_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi}: {self.starts_on} to {self.ends_on} left out"


class Retirement(models.Model):
    """When the solution was taken away: benefits end, run costs go on until decommissioned. The newest row counts."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="retirements")
    # Empty: a retirement that was recorded before did not come about.
    retired_on = models.DateField(null=True, blank=True, help_text="First day without it")
    decommissioned_on = models.DateField(null=True, blank=True, help_text="Last day on which it costs")
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(decommissioned_on__isnull=True)
                | (Q(retired_on__isnull=False) & Q(decommissioned_on__gte=F("retired_on"))),
                name="decommissioned_after_retirement",
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} retired on {self.retired_on}" if self.retired_on else f"{self.project} goes on"
