"""Why the model acts against what the business expects of a feature, in the team's words."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from explain.register.models import ModelVersion
from lifecycle.projects.models import Project


class ContradictionNote(models.Model):
    """A reason for one feature of one model version. Written once; the newest of a feature and direction counts."""

    class Direction(models.TextChoices):
        UP = "up", "more of it raises the result"
        DOWN = "down", "more of it lowers the result"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="contradiction_notes")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.PROTECT, related_name="contradiction_notes")
    feature = models.CharField(max_length=200)
    # What the model did when the note was written; a note does not speak of the other direction.
    direction = models.CharField(max_length=4, choices=Direction.choices)
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(text=""), name="contradiction_note_has_text"),
            models.CheckConstraint(
                condition=models.Q(direction__in=["up", "down"]), name="contradiction_note_direction_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feature} in {self.model_version}"
