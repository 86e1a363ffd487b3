"""The audit trail: one entry for each deed, chained by hash, never changed."""

from __future__ import annotations

from django.conf import settings
from django.db import models

GENESIS = "0" * 64


class Entry(models.Model):
    """Who did what to which thing, when, from where and why. Triggers refuse UPDATE and DELETE."""

    seq = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_constraint=True,
    )
    actor_name = models.CharField(max_length=120)
    verb = models.CharField(max_length=60)
    thing_kind = models.CharField(max_length=60)
    thing_id = models.CharField(max_length=64)
    thing_name = models.CharField(max_length=250)
    # A plain number: the ground floor knows no projects.
    project_id = models.BigIntegerField(null=True, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    source_address = models.CharField(max_length=64, blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["-seq"]
        indexes = [
            models.Index(fields=["project_id", "-seq"], name="audit_by_project"),
            models.Index(fields=["thing_kind", "thing_id"], name="audit_by_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.actor_name} {self.verb} {self.thing_name}"
