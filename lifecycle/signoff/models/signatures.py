"""Signatures: bound to content, written once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from lifecycle.projects.models import Project


class Signature(models.Model):
    """A signature bound to the content it was given for. Written once; a mistake is answered by a new one."""

    class Meaning(models.TextChoices):
        AUTHORED = "authored", "authored"
        REVIEWED = "reviewed", "reviewed"
        VALIDATED = "validated", "validated"
        APPROVED = "approved", "approved"
        ACCEPTED = "accepted", "accepted"
        RECEIVED = "received", "received"
        ACKNOWLEDGED = "acknowledged", "acknowledged"
        REJECTED = "rejected", "rejected"
        WITHDRAWN = "withdrawn", "withdrawn"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="signatures")
    record_kind = models.CharField(max_length=40, help_text="round, acceptance, baseline, ...")
    record_id = models.BigIntegerField()
    record_name = models.CharField(max_length=250)
    record_version = models.CharField(max_length=40)
    content_hash = models.CharField(max_length=64)
    meaning = models.CharField(max_length=12, choices=Meaning.choices)
    statement = models.TextField()
    comment = models.TextField(blank=True)
    signer = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    printed_name = models.CharField(max_length=250, help_text="B for A where somebody stood in")
    role = models.CharField(max_length=60)
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    authenticated_by = models.CharField(max_length=60, help_text="How the signer proved who they are")
    signed_at = models.DateTimeField(default=timezone.now)
    time_zone = models.CharField(max_length=64)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["record_kind", "record_id"], name="signature_by_record")]

    def __str__(self) -> str:
        return f"{self.printed_name}: {self.meaning}"
