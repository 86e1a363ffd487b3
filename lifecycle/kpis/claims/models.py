"""Claims of projects on the change of a KPI, with every turn they took."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project


class KpiClaim(models.Model):
    """A share of a KPI's change that a project counts as its own, from one month to another.

    Its terms are never changed, but for an earlier end. The database holds that the agreed shares of a KPI sum to at
    most 1 in every month (`triggers.py`).
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        AGREED = "agreed", "agreed"
        DISPUTED = "disputed", "disputed"
        WITHDRAWN = "withdrawn", "withdrawn"

    class Rule(models.TextChoices):
        AGREED = "agreed", "agreed between the owners"
        SEGMENTS = "segments", "separate segments: each has its own cases"
        STAGGERED = "staggered", "one after the other: each keeps its own step"
        SHAPLEY = "shapley", "Shapley value of what each brings alone and together"
        EQUAL = "equal", "in equal parts"

    kpi = models.ForeignKey(Kpi, on_delete=models.CASCADE, related_name="claims")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="kpi_claims")
    share = models.DecimalField(
        max_digits=6, decimal_places=5, validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))]
    )
    from_month = models.DateField(help_text="First day of the first month")
    until = models.DateField(null=True, blank=True, help_text="First day of the last month; empty: open")
    rule = models.CharField(max_length=9, choices=Rule.choices, default=Rule.AGREED)
    basis = models.JSONField(default=dict, help_text="What the share was worked out from, such as coalition values")
    note = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    # Consent of the project that claims, and of the one to which the KPI belongs.
    claimant_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    claimant_at = models.DateTimeField(null=True, blank=True)
    keeper_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    keeper_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["kpi", "from_month", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="claim_share"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("from_month")), name="claim_months_forward"
            ),
            models.CheckConstraint(
                condition=Q(claimant_by__isnull=True, claimant_at__isnull=True)
                | Q(claimant_by__isnull=False, claimant_at__isnull=False),
                name="claim_claimant_signed",
            ),
            models.CheckConstraint(
                condition=Q(keeper_by__isnull=True, keeper_at__isnull=True)
                | Q(keeper_by__isnull=False, keeper_at__isnull=False),
                name="claim_keeper_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state="agreed") | Q(claimant_by__isnull=False, keeper_by__isnull=False),
                name="claim_agreed_by_both",
            ),
        ]
        indexes = [models.Index(fields=["kpi", "state", "from_month"], name="claim_by_kpi")]

    def __str__(self) -> str:
        return f"{self.project} claims {self.share} of {self.kpi}"

    @property
    def basis_words(self) -> str:
        """What the share was worked out from; empty where it was given."""
        if "values" in self.basis:
            return "Worked out from " + "; ".join(f"{names}: {value}" for names, value in self.basis["values"].items())
        if "cases" in self.basis:
            cases = "; ".join(f"{key}: {count}" for key, count in self.basis["cases"].items())
            return f"Worked out from the cases of each segment, {cases}"
        return f"Worked out for {self.basis['projects']} projects" if "projects" in self.basis else ""

    @property
    def is_own(self) -> bool:
        """Whether the KPI belongs to the project that claims."""
        return self.project_id == self.kpi.project_id

    @property
    def has_both_consents(self) -> bool:
        return self.claimant_by_id is not None and self.keeper_by_id is not None

    @property
    def counts(self) -> bool:
        """Whether reports count it: agreed, or in dispute after both sides had agreed to it."""
        return self.state == self.State.AGREED or (self.state == self.State.DISPUTED and self.has_both_consents)


class ClaimEvent(models.Model):
    """One turn of a claim. Written once: what was known of a claim on a day is read from these."""

    class Deed(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        CONSENTED = "consented", "agreed to"
        DISPUTED = "disputed", "disputed"
        SETTLED = "settled", "dispute settled"
        ENDED = "ended", "given an end"
        WITHDRAWN = "withdrawn", "withdrawn"

    claim = models.ForeignKey(KpiClaim, on_delete=models.CASCADE, related_name="events")
    deed = models.CharField(max_length=9, choices=Deed.choices)
    state = models.CharField(max_length=9, choices=KpiClaim.State.choices, help_text="State from then on")
    counts = models.BooleanField(help_text="Whether reports count the claim from then on")
    until = models.DateField(null=True, blank=True, help_text="Last month from then on")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["claim", "pk"]
        indexes = [models.Index(fields=["claim", "at"], name="claim_event_at")]

    def __str__(self) -> str:
        return f"{self.get_deed_display()} on {self.at:%Y-%m-%d}"
