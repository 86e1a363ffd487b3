"""Customer acceptance: criteria from the first stage on, their results, and the signed verdict."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.models import Signature


class Criterion(models.Model):
    """What the customer will judge by. Edits are versions; the newest counts."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="criteria")
    key = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    measure = models.CharField("what is judged", max_length=200)
    baseline = models.CharField("today", max_length=120, blank=True)
    threshold = models.CharField("accepted when", max_length=200)
    how_measured = models.TextField("how and when it is measured", blank=True)
    judge = models.CharField("who judges", max_length=120, blank=True)
    kpi = models.ForeignKey(Kpi, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    withdrawn = models.BooleanField(default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "key", "-version"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["project", "key", "version"], name="criterion_version_once"),
            models.UniqueConstraint(
                fields=["project", "key"], condition=Q(is_current=True), name="criterion_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.measure


class Acceptance(models.Model):
    """The customer's verdict on an exact state of the project."""

    class State(models.TextChoices):
        OPEN = "open", "being prepared"
        OFFERED = "offered", "waiting for the customer"
        ACCEPTED = "accepted", "accepted"
        CONDITIONS = "accepted_with_conditions", "accepted with conditions"
        REJECTED = "rejected", "rejected"
        WITHDRAWN = "withdrawn", "withdrawn"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="acceptances")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="acceptances")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=24, choices=State.choices, default=State.OPEN)
    approved_use = models.TextField("approved use", blank=True)
    limits = models.TextField("limits of use", blank=True)
    manifest = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    comment = models.TextField(blank=True)
    conditions = models.JSONField(default=list)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    offered_at = models.DateTimeField(null=True, blank=True)
    signature = models.OneToOneField(
        Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="acceptance"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="acceptance_number_once"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(state__in=["open", "offered"]), name="acceptance_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "accepted_with_conditions", "rejected"])
                | (Q(signature__isnull=False) & ~Q(digest="")),
                name="acceptance_verdict_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"Acceptance {self.number} of {self.project}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/acceptance/"


class CriterionResult(models.Model):
    """Expected and observed for one criterion, with evidence, verdict and tester."""

    class Verdict(models.TextChoices):
        OPEN = "", "not judged"
        MET = "met", "met"
        NOT_MET = "not_met", "not met"
        WAIVED = "waived", "waived"

    acceptance = models.ForeignKey(Acceptance, on_delete=models.CASCADE, related_name="results")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="results")
    observed = models.CharField(max_length=300, blank=True)
    evidence = models.TextField(blank=True)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True, default="")
    reason = models.TextField(blank=True)
    tester = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["acceptance", "criterion__key"]
        constraints = [
            models.UniqueConstraint(fields=["acceptance", "criterion"], name="criterion_judged_once"),
            models.CheckConstraint(condition=~Q(verdict="waived") | ~Q(reason=""), name="waiver_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.get_verdict_display()}"
