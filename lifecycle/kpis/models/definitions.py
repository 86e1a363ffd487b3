"""What a KPI is."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from lifecycle.projects.models import Project


class Kpi(models.Model):
    """An outcome that the business counts. Definitions are versioned: a new meaning is a new version."""

    class Direction(models.TextChoices):
        INCREASE = "increase", "higher is better"
        DECREASE = "decrease", "lower is better"

    class Kind(models.TextChoices):
        FLOW = "flow", "sum per period (cost, count)"
        LEVEL = "level", "average per case or rate"

    class Frequency(models.TextChoices):
        DAY = "day", "daily"
        WEEK = "week", "weekly"
        MONTH = "month", "monthly"

    class Season(models.IntegerChoices):
        WEEK = 7, "a week of 7 days"
        YEAR_OF_MONTHS = 12, "a year of 12 months"
        YEAR_OF_WEEKS = 52, "a year of 52 weeks"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="kpis")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    meaning = models.TextField(blank=True, help_text="What is counted, and how")
    unit = models.CharField(max_length=40, help_text="Such as min, h, d, %, 1 (count), EUR")
    direction = models.CharField(max_length=8, choices=Direction.choices)
    kind = models.CharField(max_length=5, choices=Kind.choices)
    frequency = models.CharField(max_length=5, choices=Frequency.choices)
    # For a per-case KPI: cases in each period, so that growth is not claimed as saving.
    volume_kpi = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="volume_for")
    # Only one leaf of a chain of derived KPIs may be turned into money.
    derived_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="derived")
    counts = models.BooleanField(default=False, help_text="Events are counted; the volume is their exposure")
    season = models.PositiveSmallIntegerField(null=True, blank=True, choices=Season.choices)
    is_primary = models.BooleanField(default=False)
    cashable = models.DecimalField(
        "share that releases cash", max_digits=6, decimal_places=5, default=Decimal(1),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text="1 for money really saved, 0 for time that is only freed",
    )  # fmt: skip
    simulated = models.CharField(max_length=300, blank=True, help_text="For demo series: how they were made")
    version = models.PositiveIntegerField(default=1)
    # Readings, targets and values recorded before it belong to a former definition; null: there was none.
    defined_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-is_primary", "name"]
        constraints = [
            models.UniqueConstraint(fields=["project", "key"], name="kpi_key_once"),
            models.UniqueConstraint(fields=["project"], condition=Q(is_primary=True), name="kpi_one_primary"),
            models.CheckConstraint(condition=Q(cashable__gte=0, cashable__lte=1), name="kpi_cashable_share"),
            models.CheckConstraint(condition=Q(counts=False) | Q(kind="flow"), name="kpi_counts_add_up"),
            models.CheckConstraint(
                condition=Q(season__isnull=True)
                | Q(season=7, frequency="day")
                | Q(season=12, frequency="month")
                | Q(season=52, frequency="week"),
                name="kpi_season_fits_periods",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/kpis/{self.key}/"

    @property
    def sign(self) -> int:
        """+1 when higher is better, -1 when lower is better."""
        return 1 if self.direction == self.Direction.INCREASE else -1
