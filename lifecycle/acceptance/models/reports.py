"""The exit report: sections from the methodology's template, issued in versions, with internal parts kept inside."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lifecycle.projects.models import Project


class ExitReport(models.Model):
    """One version. The draft is edited; an issued version stays, and an edit begins the next one."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        ISSUED = "issued", "issued"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="exit_reports")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.DRAFT)
    name = models.CharField(max_length=120)
    # Each: key, title, level (1 or 2), internal, text (Markdown), not_applicable (the reason).
    sections = models.JSONField(default=list)
    digest = models.CharField(max_length=64, blank=True)
    customer_digest = models.CharField(max_length=64, blank=True, help_text="Of the version without internal parts")
    edits = models.PositiveIntegerField(default=0)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    issued_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="exit_report_number_once"),
            models.UniqueConstraint(fields=["project"], condition=Q(state="draft"), name="exit_report_one_draft"),
            models.CheckConstraint(
                condition=Q(state="draft") | (~Q(digest="") & Q(issued_by__isnull=False)),
                name="exit_report_issued_is_frozen",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number} of {self.project}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/acceptance/exit-report/"

    def parts(self, *, for_customer: bool) -> list[dict[str, Any]]:
        """The sections; for the customer without the internal ones, and without what stands below an internal one."""
        shown: list[dict[str, Any]] = []
        below_internal = False
        for part in self.sections:
            if part["level"] == 1:
                below_internal = bool(part["internal"])
            if not (for_customer and (part["internal"] or below_internal)):
                shown.append(part)
        return shown

    def content(self, *, for_customer: bool) -> dict[str, Any]:
        """What a fingerprint covers."""
        return {
            "project": self.project.key,
            "report": self.number,
            "name": self.name,
            "sections": self.parts(for_customer=for_customer),
        }
