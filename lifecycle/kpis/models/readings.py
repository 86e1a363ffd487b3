"""Readings, and their rollup by month."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.kpis.models.definitions import Kpi
from lifecycle.kpis.months import SUMS, MonthSums


class Measurement(models.Model):
    """A reading of one period. Append-only: a correction is a higher revision, recorded later."""

    class Source(models.TextChoices):
        FORM = "form", "entered by hand"
        CSV = "csv", "uploaded file"
        API = "api", "API"
        DEMO = "demo", "demo, simulated"

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="measurements")
    period = models.DateField(help_text="First day of the period")
    value = models.FloatField()
    revision = models.PositiveSmallIntegerField(default=1)
    source = models.CharField(max_length=4, choices=Source.choices)
    note = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kpi", "period", "-revision"]
        constraints = [models.UniqueConstraint(fields=["kpi", "period", "revision"], name="measurement_revision_once")]

    def __str__(self) -> str:
        return f"{self.kpi_id} {self.period} {self.value}"


class KpiMonth(models.Model):
    """Sums over the newest revisions of a month; see `months.MonthSums`. Written with the readings, never by hand.

    `kpi_version`: the last version of the definition under which these readings count.
    """

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="months")
    kpi_version = models.PositiveIntegerField()
    month = models.DateField(help_text="First day of the month")
    count = models.PositiveIntegerField()
    total = models.FloatField()
    squares = models.FloatField()
    pairs = models.PositiveIntegerField()
    pair_total = models.FloatField()
    pair_product = models.FloatField()
    first_on = models.DateField()
    first_value = models.FloatField()
    last_on = models.DateField()
    last_value = models.FloatField()

    class Meta:
        ordering = ["kpi", "kpi_version", "month"]
        constraints = [
            models.UniqueConstraint(fields=["kpi", "kpi_version", "month"], name="kpi_month_once"),
            models.CheckConstraint(condition=Q(count__gte=1, pairs__lt=F("count")), name="kpi_month_counts"),
        ]

    def __str__(self) -> str:
        return f"{self.kpi_id} v{self.kpi_version} {self.month:%Y-%m}: {self.count}"

    @property
    def sums(self) -> MonthSums:
        return MonthSums(*(getattr(self, name) for name in SUMS))
