"""What is needed so that nothing typed is lost: former texts to merge with, and texts that nobody saved yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from lifecycle.postmortems.models.cases import PostMortem


class TextVersion(models.Model):
    """What a field held from this `lock` on, until the next version of it. The trail holds fingerprints only.

    `part`: `text` for the post-mortem itself, `timeline:12` for a row. Kept until the post-mortem is published.
    """

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="text_versions")
    part = models.CharField(max_length=30)
    field = models.CharField(max_length=30)
    lock = models.PositiveIntegerField()
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["postmortem", "lock", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["postmortem", "part", "field", "lock"], name="text_version_once_per_lock")
        ]

    def __str__(self) -> str:
        return f"{self.part}.{self.field} at {self.lock}"


class SavedForm(models.Model):
    """A form that was saved, by the word that its page gave it: what is kept of it on its way arrives too late."""

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    opening = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["postmortem", "person", "opening"], name="form_saved_once")]

    def __str__(self) -> str:
        return self.opening


class UnsavedText(models.Model):
    """A form as somebody left it without saving, for that person's eyes only.

    `place`: the form, as the page names it (`story`, `timeline:12`, `add:lessons`); `fields`: its inputs as typed;
    `lock`: the state that was read; `clashes`: what somebody else wrote in the same lines, when that is known.
    """

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="unsaved")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    place = models.CharField(max_length=40)
    fields = models.JSONField()
    lock = models.PositiveIntegerField(default=1)
    clashes = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["postmortem", "-at"]
        constraints = [
            models.UniqueConstraint(fields=["postmortem", "person", "place"], name="unsaved_text_once_per_form")
        ]

    def __str__(self) -> str:
        return f"{self.place} of {self.person_id}"
