"""Deliverables with their versions."""

from __future__ import annotations

import re

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lifecycle.projects.models.stages import Stage, StageTask


class Deliverable(models.Model):
    """A document or file that the stage asks for; its content lives in versions."""

    class Need(models.TextChoices):
        REQUIRED = "required", "required"
        RECOMMENDED = "recommended", "recommended"
        OPTIONAL = "optional", "optional"

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="deliverables")
    task = models.ForeignKey(StageTask, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliverables")
    key = models.SlugField(max_length=80)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    need = models.CharField(max_length=11, choices=Need.choices, default=Need.OPTIONAL)
    order = models.PositiveSmallIntegerField()
    # Headings that the methodology's template gives; a new document starts with them.
    sections = models.JSONField(default=list)
    not_applicable = models.TextField("not applicable because", blank=True)
    # Denormalised head, so that lists and manifests need no second query; the versions are the record.
    latest_number = models.PositiveIntegerField(default=0)
    latest_hash = models.CharField(max_length=64, blank=True)
    # Since when a newer version of the methodology no longer asks for it; what was written stays.
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stage", "order"]
        constraints = [models.UniqueConstraint(fields=["stage", "key"], name="deliverable_once_per_stage")]

    def __str__(self) -> str:
        return self.name


def deliverable_path(version: DeliverableVersion, filename: str) -> str:
    """An internal name: never what the person called the file."""
    ending = re.sub(r"[^a-z0-9.]", "", filename.lower()[-10:].rpartition(".")[2])[:8]
    return f"deliverables/{version.deliverable_id}/{version.number}-{version.sha256[:16]}.{ending or 'bin'}"


class DeliverableVersion(models.Model):
    """One version: Markdown written in place, or a file. Written once."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    file = models.FileField(upload_to=deliverable_path, blank=True, max_length=200)
    filename = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    note = models.CharField("what changed", max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["deliverable", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "number"], name="deliverable_version_once"),
            models.CheckConstraint(condition=Q(text="") | Q(file=""), name="deliverable_text_or_file"),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable} v{self.number}"
