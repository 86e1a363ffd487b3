"""Standing in: somebody answers for somebody else, for a time, in one hop."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.projects.models.projects import Project, Role


class DelegationQuerySet(models.QuerySet["Delegation"]):
    """Reads of delegations."""

    def in_force(self, on: date) -> DelegationQuerySet:
        """Those that hold on a day."""
        return self.filter(starts_on__lte=on, ends_on__gte=on, ended_at__isnull=True)

    def for_project(self, project: Project) -> DelegationQuerySet:
        """Those that cover a project."""
        return self.filter(Q(project=project) | Q(project__isnull=True))


class Delegation(models.Model):
    """B answers for A from one day to another, in one project or in all, in one role or in all that A holds.

    One hop: who stands in passes nothing on, since seats are looked up among members only.
    """

    from_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_given"
    )
    to_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="delegations_received"
    )
    project = models.ForeignKey(
        Project, null=True, blank=True, on_delete=models.CASCADE, related_name="delegations", help_text="Empty: all"
    )
    role = models.CharField(max_length=12, choices=Role.choices, blank=True, help_text="Empty: all")
    starts_on = models.DateField()
    ends_on = models.DateField()
    reason = models.TextField()
    # Who named the cover: the person, or an administrator for somebody who is away without having done so.
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar[Any] = DelegationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_person=F("to_person")), name="delegation_to_another"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="delegation_ends_after_start"),
            models.CheckConstraint(condition=~Q(reason=""), name="delegation_has_reason"),
        ]
        indexes = [models.Index(fields=["from_person", "starts_on", "ends_on"], name="delegation_by_giver")]

    def __str__(self) -> str:
        return f"{self.to_person} for {self.from_person}"
