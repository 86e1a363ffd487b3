"""Methodologies: versions of CRISP-DM, TDSP and an organisation's own, frozen once a project uses them."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone


class Methodology(models.Model):
    """One published version of a methodology: written once, a trigger keeps it.

    `content` is the checked YAML as JSON, `source` the YAML with its comments, as it was written. What may change later:
    that a project uses it (`frozen_at`), and whether new projects are offered it (`retired_at`).
    """

    key = models.SlugField(max_length=60)
    number = models.PositiveIntegerField(help_text="Our own running number per key")
    name = models.CharField(max_length=120)
    long_name = models.CharField(max_length=200)
    source_version = models.CharField(max_length=120, blank=True)
    description = models.TextField(blank=True)
    phase_label = models.CharField(max_length=40, default="Stage")
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    frozen_at = models.DateTimeField(null=True, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    retired_reason = models.TextField(blank=True)
    source = models.TextField(blank=True)
    note = models.CharField("what changed", max_length=300, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="methodology_version_once"),
            models.UniqueConstraint(fields=["key", "content_hash"], name="methodology_content_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    def get_absolute_url(self) -> str:
        return f"/methodologies/{self.key}/{self.number}/"

    @property
    def phases(self) -> list[dict[str, Any]]:
        """Phases in order, as in the file."""
        return sorted(self.content["phases"], key=lambda phase: phase["order"])

    @property
    def feedback_loops(self) -> list[dict[str, Any]]:
        """Ways back that the methodology knows."""
        return list(self.content.get("feedback_loops", []))


class MethodologyDraft(models.Model):
    """What becomes the next version of an own methodology. One for each key; it may hold faults until it is published."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    text = models.TextField("YAML")
    version = models.PositiveIntegerField(default=1)
    based_on = models.ForeignKey(Methodology, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "key"]

    def __str__(self) -> str:
        return f"{self.name}, draft"

    def get_absolute_url(self) -> str:
        return f"/methodologies/drafts/{self.key}/"
