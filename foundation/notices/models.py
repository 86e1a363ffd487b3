"""Notices: what a person is told, in the portal and by e-mail, and what became of each e-mail."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.web.formats import day_text


class Notice(models.Model):
    """One message to one person, with a link to where they act on it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    # Why this person is told, as a sentence; what the person who caused it wrote, in their own words.
    why = models.CharField(max_length=300, blank=True)
    comment = models.TextField(blank=True)
    comment_by = models.CharField(max_length=120, blank=True)
    link = models.CharField(max_length=300, blank=True)
    project_id = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    # Told to somebody who wants one e-mail a day, or an e-mail of its own may not have left.
    for_digest = models.BooleanField(default=False)
    # One event tells one person once, however often the deed behind it is delivered.
    event_key = models.CharField(max_length=120, null=True, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["user", "event_key"], name="notice_once_per_event")]
        indexes = [
            models.Index(fields=["user", "read_at", "-id"], name="notice_unread"),
            models.Index(
                fields=["user", "created_at"],
                condition=Q(for_digest=True, read_at__isnull=True, mailed_at__isnull=True),
                name="notice_waits_for_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.subject


class Digest(models.Model):
    """One person's e-mail of one day, with what was unread before `until`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digests")
    day = models.DateField()
    until = models.DateTimeField()
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "day"], name="digest_once_a_day")]

    def __str__(self) -> str:
        return f"Digest of {day_text(self.day)}"


class Delivery(models.Model):
    """One attempt to mail a notice or a digest. Written before the e-mail leaves, and completed after it."""

    class Result(models.TextChoices):
        SENDING = "sending", "being sent"
        SENT = "sent", "sent"
        FAILED = "failed", "not sent"
        UNKNOWN = "unknown", "not known"

    # With one of these, the same e-mail is not sent again.
    FINAL: ClassVar[tuple[str, ...]] = (Result.SENDING, Result.SENT, Result.UNKNOWN)

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="deliveries")
    notice = models.ForeignKey(Notice, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries")
    digest = models.ForeignKey(Digest, null=True, blank=True, on_delete=models.CASCADE, related_name="deliveries")
    address = models.EmailField(max_length=254)
    subject = models.CharField(max_length=250)
    at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=10, choices=Result.choices, default=Result.SENDING)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(notice__isnull=True, digest__isnull=False) | Q(notice__isnull=False, digest__isnull=True),
                name="delivery_of_one_thing",
            ),
            # Two workers with the same e-mail in hand: the second one finds the place taken.
            models.UniqueConstraint(
                fields=["notice"], condition=~Q(result="failed") & Q(notice__isnull=False), name="notice_mailed_once"
            ),
            models.UniqueConstraint(
                fields=["digest"], condition=~Q(result="failed") & Q(digest__isnull=False), name="digest_mailed_once"
            ),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="delivery_of_person")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.address}"

    @property
    def kind(self) -> str:
        """Notice or digest."""
        return "notice" if self.digest_id is None else "digest"
