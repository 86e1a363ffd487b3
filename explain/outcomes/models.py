"""Outcome reports: what a project brought, computed by a worker from pinned inputs, never changed afterwards."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.jobs.models import Job
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Signature


class OutcomeReport(models.Model):
    """One report. `inputs` are all figures it was computed from; `inputs_hash` binds it to them."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting for a worker"
        DONE = "done", "done"
        REFUSED = "refused", "refused"

    class Grade(models.TextChoices):
        NONE = "", "no outcome measured"
        ASSUMED = "assumed", "assumed"
        NOT_ENOUGH = "not_enough_data", "not enough data"
        INDICATIVE = "indicative", "indicative"
        MEASURED = "measured", "measured"
        VERIFIED = "verified", "verified"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="outcome_reports")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    as_of = models.DateField()
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal = models.TextField(blank=True)
    formula_version = models.CharField(max_length=40, blank=True)
    seed = models.PositiveIntegerField(default=0)
    inputs = models.JSONField(default=dict)
    inputs_hash = models.CharField(max_length=64, blank=True)
    result = models.JSONField(default=dict, help_text="Everything that is shown; money as strings")
    content_hash = models.CharField(max_length=64, blank=True)
    former = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Head of the newest done report of a project, for the portfolio: money to date in the project's currency.
    is_current = models.BooleanField(default=False)
    currency = models.CharField(max_length=3)
    grade = models.CharField(max_length=16, choices=Grade.choices, blank=True, default="")
    costs_to_date = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    benefits_to_date = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    planned_net_to_date = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    npv = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    roi_percent = models.DecimalField(max_digits=14, decimal_places=4, null=True, blank=True)
    payback_months = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    chance_positive = models.FloatField(null=True, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Of a scheduled report: first day of the month that it closes.
    for_month = models.DateField(null=True, blank=True)
    # Of who signed the figures. The signature is bound to `content_hash`; the computed grade stays in `result`.
    verified_by = models.ForeignKey(Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="outcome_number_once"),
            models.UniqueConstraint(fields=["project"], condition=Q(is_current=True), name="outcome_one_current"),
            models.CheckConstraint(
                condition=~Q(state="done") | (~Q(content_hash="") & ~Q(inputs_hash="")),
                name="outcome_done_is_hashed",
            ),
            models.UniqueConstraint(fields=["project", "for_month"], name="outcome_month_once"),
            models.CheckConstraint(
                condition=Q(grade="verified", verified_by__isnull=False)
                | Q(~Q(grade="verified"), verified_by__isnull=True),
                name="outcome_verified_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"Outcome report {self.number} of {self.project}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/outcomes/{self.number}/"

    @property
    def net_to_date(self) -> Decimal | None:
        """Benefits less costs to date, in the report's currency; None where no benefit is known."""
        if self.benefits_to_date is None or self.costs_to_date is None:
            return None
        return self.benefits_to_date - self.costs_to_date


class ReportRecipient(models.Model):
    """Somebody who is told of a project's report of each month."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="report_recipients")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "person__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["project", "person"], name="report_recipient_once")]

    def __str__(self) -> str:
        return f"{self.person} of {self.project}"


class PortfolioHead(models.Model):
    """What the portfolio reads of a project's current report. Derived from it and replaced with it (`heads.keep_head`).

    A table of its own, narrow: ten thousand rows are read for a page, and a report's row carries all its inputs.
    Amounts are whole minor units of `currency`, since a database adds integers exactly; None is unknown.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, related_name="portfolio_head")
    report = models.OneToOneField(OutcomeReport, on_delete=models.CASCADE, related_name="head")
    number = models.PositiveIntegerField()
    as_of = models.DateField()
    currency = models.CharField(max_length=3)
    grade = models.CharField(max_length=16, choices=OutcomeReport.Grade.choices, blank=True, default="")
    formula_version = models.CharField(max_length=40, blank=True)
    costs_minor = models.BigIntegerField(null=True)
    benefits_minor = models.BigIntegerField(null=True)
    net_minor = models.BigIntegerField(
        null=True, help_text="Benefits less costs to date; costs alone without a benefit"
    )
    planned_net_minor = models.BigIntegerField(null=True)
    planned_benefits_minor = models.BigIntegerField(null=True)
    shortfall_minor = models.BigIntegerField(null=True, help_text="Planned less realised net to date, not below zero")
    promised_net_minor = models.BigIntegerField(null=True, help_text="Net of the whole plan")
    promised_npv_minor = models.BigIntegerField(null=True)
    npv_minor = models.BigIntegerField(null=True, help_text="Over the horizon, forecast included")
    # From P10 to the net to date, and from there to P90.
    below = models.FloatField(default=0.0)
    above = models.FloatField(default=0.0)
    chance_positive = models.FloatField(null=True)
    delay_minor = models.BigIntegerField(null=True, help_text="What a month of waiting costs")
    delay_why = models.CharField("why waiting has no price", max_length=20, blank=True)
    reason = models.CharField("largest part of the shortfall", max_length=120, blank=True)
    reason_minor = models.BigIntegerField(null=True)
    changed = models.JSONField(null=True, help_text="Effect on the primary KPI")
    first_month = models.IntegerField(null=True, help_text="Year x 12 + month - 1 of the first of the series")
    months = models.PositiveSmallIntegerField(default=0)
    months_to_date = models.PositiveSmallIntegerField(default=0)
    series = models.BinaryField(help_text="Planned and realised net and benefits by month, packed")

    class Meta:
        ordering = ["project"]

    def __str__(self) -> str:
        return f"Head of {self.report}"
