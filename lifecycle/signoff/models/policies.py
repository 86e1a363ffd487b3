"""Who must say yes, by risk tier; and signed exceptions to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.projects.models import Project
from lifecycle.signoff.models.signatures import Signature


class PolicyVersion(models.Model):
    """A version of the policy of one risk tier. Written once; the newest counts, and rounds keep a copy of theirs."""

    tier = models.CharField("risk tier", max_length=6, choices=Project.Risk.choices)
    number = models.PositiveIntegerField()
    content = models.JSONField()
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["tier", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["tier", "number"], name="policy_version_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="policy_change_has_reason"),
        ]

    def __str__(self) -> str:
        return f"Policy for {self.get_tier_display()} risk, version {self.number}"


class Waiver(models.Model):
    """A signed exception for one project: a role that need not answer, or a person who may decide on their own work.

    It holds from `starts_on` to `ends_on`, both included, and is copied into each round that is submitted meanwhile.
    """

    class What(models.TextChoices):
        ROLE = "role", "a role need not answer"
        SELF = "self_approval", "a person may decide on their own work"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="waivers")
    stage_key = models.SlugField(max_length=60, blank=True, help_text="Empty: all stages")
    what = models.CharField(max_length=13, choices=What.choices)
    role = models.CharField(max_length=12, blank=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="waiver")
    granted_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(what="role", person__isnull=True) & ~Q(role="")
                | Q(what="self_approval", person__isnull=False, role=""),
                name="waiver_says_what",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="signoff_waiver_has_reason"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="waiver_ends_after_start"),
            models.CheckConstraint(
                condition=Q(person__isnull=True) | ~Q(person=F("granted_by")), name="waiver_not_for_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_what_display()} in {self.project}"
