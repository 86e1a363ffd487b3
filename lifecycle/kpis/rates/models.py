"""Exchange rates by day and by month. Append-only: a correction is a new row, and the newest one counts.
Only rates of the demo story can be taken out, with the story."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.kpis.rates.lookup import plain


class ExchangeRate(models.Model):
    """One unit of `base` is worth `rate` units of `quote`."""

    class Kind(models.TextChoices):
        SPOT = "spot", "of the day"
        MONTH = "month", "mean of the month"

    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    rate = models.DecimalField(max_digits=20, decimal_places=10, validators=[MinValueValidator(Decimal("1e-10"))])
    on = models.DateField(help_text="The day; for a mean of a month its first day")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    source = models.CharField(max_length=200)
    is_demo = models.BooleanField(default=False, help_text="Of the demo story: goes with it when it is taken out")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-on", "base", "quote", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(rate__gt=0), name="exchange_rate_positive"),
            models.CheckConstraint(condition=~Q(base=F("quote")), name="exchange_rate_of_two"),
            models.CheckConstraint(condition=~Q(source=""), name="exchange_rate_has_source"),
        ]
        indexes = [models.Index(fields=["base", "quote", "kind", "on"], name="exchange_rate_by_day")]

    def __str__(self) -> str:
        return f"1 {self.base} = {self.as_text} {self.quote}, {self.on}"

    @property
    def as_text(self) -> str:
        """The rate without trailing zeros."""
        return plain(self.rate)
