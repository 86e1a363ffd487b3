"""Criteria from the first stage on: versions, and changes that wait for the business owner's consent."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project


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


class CriterionChange(models.Model):
    """A change of the criteria after the first stage was approved. Until a sponsor consents, the former version counts."""

    class Kind(models.TextChoices):
        SET = "set", "new words"
        WITHDRAW = "withdraw", "withdrawal"

    class State(models.TextChoices):
        WAITING = "waiting", "waits for consent"
        CONSENTED = "consented", "consented"
        REFUSED = "refused", "refused"
        TAKEN_BACK = "taken_back", "taken back"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="criterion_changes")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Empty for a criterion that is not there yet.
    key = models.SlugField(max_length=60, blank=True)
    former = models.ForeignKey(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    measure = models.CharField("what is judged", max_length=200)
    baseline = models.CharField("today", max_length=120, blank=True)
    threshold = models.CharField("accepted when", max_length=200)
    how_measured = models.TextField("how and when it is measured", blank=True)
    judge = models.CharField("who judges", max_length=120, blank=True)
    kpi = models.ForeignKey(Kpi, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.TextField("why it changes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField("words of the answer", blank=True)
    made = models.OneToOneField(Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="change")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key"],
                condition=Q(state="waiting") & ~Q(key=""),
                name="criterion_change_one_waits",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="criterion_change_has_reason"),
            models.CheckConstraint(
                condition=~Q(state__in=["consented", "refused"])
                | (Q(decided_by__isnull=False) & ~Q(decided_by=F("author"))),
                name="criterion_change_four_eyes",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(answer=""), name="criterion_refusal_has_reason"),
            models.CheckConstraint(
                condition=~Q(state="consented") | Q(made__isnull=False), name="criterion_consent_made_version"
            ),
        ]

    def __str__(self) -> str:
        return self.measure
