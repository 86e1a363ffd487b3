"""Costs and benefits."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.kpis.models.definitions import Kpi
from lifecycle.projects.models import Project


class CashLine(models.Model):
    """A cost or benefit of one month, planned or actual. Amounts are positive; corrections are new lines that void old ones."""

    class Side(models.TextChoices):
        COST = "cost", "cost"
        BENEFIT = "benefit", "benefit"

    class Category(models.TextChoices):
        BUILD = "build", "build"
        RUN = "run", "run"
        LICENCE = "licence", "licences"
        PEOPLE = "people", "people"
        CLOUD = "cloud", "cloud and tokens"
        CHANGE = "change", "change and training"
        DECOMMISSIONING = "decommissioning", "decommissioning"
        BENEFIT = "benefit", "benefit"

    class Basis(models.TextChoices):
        PLANNED = "planned", "planned"
        ACTUAL = "actual", "actual"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="cash_lines")
    side = models.CharField(max_length=7, choices=Side.choices)
    basis = models.CharField(max_length=7, choices=Basis.choices)
    category = models.CharField(max_length=15, choices=Category.choices)
    month = models.DateField(help_text="First day of the month")
    # Recurring: the same amount each month up to and with this one.
    until = models.DateField(null=True, blank=True)
    amount = models.DecimalField(max_digits=20, decimal_places=4, validators=[MinValueValidator(Decimal(0))])
    currency = models.CharField(max_length=3)
    note = models.CharField(max_length=200, blank=True)
    # A planned benefit may name the KPI it was promised on.
    kpi = models.ForeignKey(Kpi, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    voided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["project", "month", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="cash_amount_positive"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("month")), name="cash_until_forward"
            ),
            models.CheckConstraint(
                condition=Q(side="cost") & ~Q(category="benefit") | Q(side="benefit", category="benefit"),
                name="cash_category_fits_side",
            ),
        ]
        indexes = [models.Index(fields=["project", "month"], name="cash_by_month")]

    def __str__(self) -> str:
        return f"{self.side} {self.amount} {self.currency} in {self.month:%Y-%m}"
