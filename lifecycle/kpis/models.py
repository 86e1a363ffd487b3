"""KPIs: definition, baseline, target, measurements, value per unit, go-live, costs and benefits."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
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


class Baseline(models.Model):
    """What the KPI was before: a window whose values are frozen, with their hash, at its approval."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        FROZEN = "frozen", "frozen"
        WITHDRAWN = "withdrawn", "withdrawn"
        SUPERSEDED = "superseded", "superseded"

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="baselines")
    kpi_version = models.PositiveIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    note = models.TextField(blank=True)
    values = models.JSONField(default=list, help_text="[[period, value, revision], ...] as frozen")
    values_hash = models.CharField(max_length=64, blank=True)
    mean = models.FloatField(null=True, blank=True)
    moving_range = models.FloatField(
        null=True, blank=True, help_text="Mean moving range, for the limits of the run chart"
    )
    count = models.PositiveIntegerField(default=0)
    retrospective = models.BooleanField(default=False, help_text="Frozen after go-live")
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kpi", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(starts_on__lte=F("ends_on")), name="baseline_window_forward"),
            models.UniqueConstraint(fields=["kpi"], condition=Q(state="frozen"), name="baseline_one_frozen"),
            models.UniqueConstraint(fields=["kpi"], condition=Q(state="proposed"), name="baseline_one_proposed"),
            models.CheckConstraint(
                condition=~Q(state="frozen")
                | (Q(approved_by__isnull=False) & Q(frozen_at__isnull=False) & ~Q(values_hash="")),
                name="baseline_frozen_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="baseline_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kpi}: {self.starts_on} to {self.ends_on}"


class Target(models.Model):
    """What the KPI shall become, and by when; the newest row counts, older ones stay."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="targets")
    value = models.FloatField()
    due_on = models.DateField()
    note = models.CharField(max_length=300, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kpi", "-pk"]

    def __str__(self) -> str:
        return f"{self.kpi}: {self.value} by {self.due_on}"


class ValuePerUnit(models.Model):
    """What one unit of improvement is worth, from when on, on which evidence."""

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="unit_values")
    amount = models.DecimalField(max_digits=20, decimal_places=4)
    low = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    high = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=300, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["kpi", "-valid_from", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="unit_value_forward",
            ),
            models.CheckConstraint(
                condition=Q(low__isnull=True, high__isnull=True) | Q(low__lte=F("amount"), high__gte=F("amount")),
                name="unit_value_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.currency} per {self.kpi.unit}"


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


class GoLive(models.Model):
    """When the solution began to work; the ramp after it stays out of the effect. The newest row counts."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="go_lives")
    on = models.DateField()
    ramp_until = models.DateField(null=True, blank=True, help_text="First day after the ramp")
    note = models.CharField(max_length=300, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ramp_until__isnull=True) | Q(ramp_until__gte=F("on")), name="ramp_after_go_live"
            )
        ]

    def __str__(self) -> str:
        return f"{self.project} live on {self.on}"


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
