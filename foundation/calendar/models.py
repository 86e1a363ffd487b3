"""The organisation's calendar: one row, and days of its own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

THE_ONE = 1
EVERY_DAY = "0123456"


class Calendar(models.Model):
    """Weekend and country. There is one; without its row Saturday and Sunday are free and there are no holidays."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ONE)
    weekend = models.CharField(max_length=7, default="56", blank=True)  # digits of weekdays in order, 0 is Monday
    country = models.CharField(max_length=2, blank=True)
    subdivision = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=THE_ONE), name="calendar_is_one"),
            # A week without a working day would let a count of working days run for ever.
            models.CheckConstraint(condition=~Q(weekend=EVERY_DAY), name="calendar_has_a_working_day"),
        ]

    def __str__(self) -> str:
        return "of working days"

    @property
    def free(self) -> list[int]:
        """Numbers of the weekdays that are free."""
        return [int(digit) for digit in self.weekend]


class OwnDay(models.Model):
    """A day on which this organisation is closed, or works although the day would be free."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(unique=True)
    name = models.CharField(max_length=80)
    works = models.BooleanField(default=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day"]
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="own_day_has_a_name")]

    def __str__(self) -> str:
        return f"{self.day}: {self.name}"
