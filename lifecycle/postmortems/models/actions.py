"""Work that follows from a post-mortem, and every change of what was promised."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.postmortems.models.cases import PostMortem
from lifecycle.postmortems.models.story import ContributingFactor


class ActionItem(models.Model):
    """A piece of work that follows from it. Proposed ones are no promises until accepted."""

    class Kind(models.TextChoices):
        INVESTIGATE = "investigate", "investigate"
        REPAIR = "repair", "repair"
        MITIGATE = "mitigate", "mitigate"
        DETECT = "detect", "detect"
        PREVENT = "prevent", "prevent"
        PROCESS = "process", "process"
        TRAINING = "training", "training"

    class Priority(models.TextChoices):
        HIGH = "high", "high"
        NORMAL = "normal", "normal"
        LOW = "low", "low"

    class Effect(models.TextChoices):
        UNKNOWN = "", "not looked at yet"
        WORKED = "worked", "it worked"
        PARTLY = "partly", "it helped in part"
        CAME_BACK = "came_back", "the cause came back"

    class Disposition(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "declined"

    class Status(models.TextChoices):
        OPEN = "open", "open"
        IN_PROGRESS = "in_progress", "in progress"
        DONE = "done", "done"
        VERIFIED = "verified", "verified"
        CANCELLED = "cancelled", "cancelled"

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="actions")
    factor = models.ForeignKey(
        ContributingFactor, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions"
    )
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    disposition = models.CharField(max_length=8, choices=Disposition.choices, default=Disposition.PROPOSED)
    disposition_reason = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    test_for_done = models.CharField("done when", max_length=300, blank=True)
    priority = models.CharField(max_length=6, choices=Priority.choices, default=Priority.NORMAL)
    external_link = models.URLField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    effect_due_on = models.DateField("effect looked at on", null=True, blank=True)
    effect = models.CharField(max_length=9, choices=Effect.choices, blank=True, default=Effect.UNKNOWN)
    effect_note = models.TextField(blank=True)
    effect_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    effect_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["postmortem", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("owner")),
                name="action_verifier_not_owner",
            ),
            models.CheckConstraint(
                condition=~Q(status="verified") | Q(verified_by__isnull=False),
                name="action_verified_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(disposition="declined") | ~Q(disposition_reason=""),
                name="action_decline_has_reason",
            ),
            models.CheckConstraint(
                condition=Q(effect="") | (Q(effect_by__isnull=False) & Q(status="verified")),
                name="action_effect_of_verified",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ActionEvent(models.Model):
    """Who changed an action's owner, due date or status, when and why. Written once."""

    action = models.ForeignKey(ActionItem, on_delete=models.CASCADE, related_name="events")
    field = models.CharField(max_length=20)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["action", "pk"]

    def __str__(self) -> str:
        return f"{self.field}: {self.before} to {self.after}"
