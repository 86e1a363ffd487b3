"""Methodologies: versions of CRISP-DM, TDSP and an organisation's own, frozen once a project uses them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone


class Methodology(models.Model):
    """One version of a methodology. `content` is the checked YAML as JSON; its hash never changes once in use."""

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

    class Meta:
        ordering = ["name", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="methodology_version_once"),
            models.UniqueConstraint(fields=["key", "content_hash"], name="methodology_content_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    @property
    def phases(self) -> list[dict[str, Any]]:
        """Phases in order, as in the file."""
        return sorted(self.content["phases"], key=lambda phase: phase["order"])

    @property
    def feedback_loops(self) -> list[dict[str, Any]]:
        """Ways back that the methodology knows."""
        return list(self.content.get("feedback_loops", []))
