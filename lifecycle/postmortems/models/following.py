"""Who wants to be told of cases outside their own projects."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class Follower(models.Model):
    """Somebody who is told of each case that everybody may read, when it is published for the first time."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.person)
