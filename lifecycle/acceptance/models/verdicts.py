"""The acceptance, its results, and the conditions under which the customer accepted."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.acceptance.models.criteria import Criterion
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff.models import Signature


class Acceptance(models.Model):
    """The customer's verdict on an exact state of the project."""

    class State(models.TextChoices):
        OPEN = "open", "being prepared"
        OFFERED = "offered", "waiting for the customer"
        ACCEPTED = "accepted", "accepted"
        CONDITIONS = "accepted_with_conditions", "accepted with conditions"
        REJECTED = "rejected", "rejected"
        WITHDRAWN = "withdrawn", "withdrawn"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="acceptances")
    stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="acceptances")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=24, choices=State.choices, default=State.OPEN)
    approved_use = models.TextField("approved use", blank=True)
    limits = models.TextField("limits of use", blank=True)
    manifest = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    comment = models.TextField(blank=True)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    offered_at = models.DateTimeField(null=True, blank=True)
    signature = models.OneToOneField(
        Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="acceptance"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    # A verdict that was given is taken back by a signature of its own, by who gave it.
    withdrawal = models.OneToOneField(
        Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="withdrawn_acceptance"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="acceptance_number_once"),
            models.UniqueConstraint(
                fields=["project"], condition=Q(state__in=["open", "offered"]), name="acceptance_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["accepted", "accepted_with_conditions", "rejected"])
                | (Q(signature__isnull=False) & ~Q(digest="")),
                name="acceptance_verdict_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(signature__isnull=True) | Q(withdrawal__isnull=False),
                name="acceptance_signed_is_withdrawn_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"Acceptance {self.number} of {self.project}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/acceptance/"


class CriterionResult(models.Model):
    """Expected and observed for one criterion, with evidence, verdict and tester."""

    class Verdict(models.TextChoices):
        OPEN = "", "not judged"
        MET = "met", "met"
        NOT_MET = "not_met", "not met"
        WAIVED = "waived", "waived"

    acceptance = models.ForeignKey(Acceptance, on_delete=models.CASCADE, related_name="results")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="results")
    observed = models.CharField(max_length=300, blank=True)
    evidence = models.TextField(blank=True)
    # Pieces of evidence as they were when they were chosen: kind, key, label, hash, link, facts.
    pieces = models.JSONField(default=list)
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True, default="")
    reason = models.TextField(blank=True)
    tester = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["acceptance", "criterion__key"]
        constraints = [
            models.UniqueConstraint(fields=["acceptance", "criterion"], name="criterion_judged_once"),
            models.CheckConstraint(condition=~Q(verdict="waived") | ~Q(reason=""), name="waiver_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.criterion}: {self.get_verdict_display()}"


class AcceptanceCondition(models.Model):
    """What must still happen after an acceptance with conditions. Its words were signed; its proof comes later."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        CLOSED = "closed", "proof given"
        VERIFIED = "verified", "verified"

    acceptance = models.ForeignKey(Acceptance, on_delete=models.CASCADE, related_name="conditions")
    number = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    owner_name = models.CharField("owner", max_length=120)
    due_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    proof = models.TextField(blank=True)
    proof_link = models.CharField(max_length=300, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)
    # Why a proof was not enough, the last time it was sent back.
    sent_back = models.TextField(blank=True)

    class Meta:
        ordering = ["acceptance", "number"]
        constraints = [
            models.UniqueConstraint(fields=["acceptance", "number"], name="acceptance_condition_number_once"),
            models.CheckConstraint(condition=~Q(text="") & ~Q(owner_name=""), name="acceptance_condition_is_said"),
            models.CheckConstraint(
                condition=Q(state="open") | (~Q(proof="") & Q(closed_by__isnull=False)),
                name="acceptance_condition_closed_has_proof",
            ),
            models.CheckConstraint(
                condition=~Q(state="verified")
                | (
                    Q(verified_by__isnull=False)
                    & ~Q(verified_by=F("closed_by"))
                    & (Q(owner__isnull=True) | ~Q(verified_by=F("owner")))
                ),
                name="acceptance_condition_four_eyes",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="acceptance_condition_due")]

    def __str__(self) -> str:
        return self.text

    @property
    def is_overdue(self) -> bool:
        """Past its day and not verified."""
        return self.state != self.State.VERIFIED and self.due_on < timezone.localdate()


class AcceptanceReminder(models.Model):
    """What was told of a condition, when and to whom: each word once. Written by the sweep, never changed."""

    class Phase(models.TextChoices):
        SOON = "soon", "due soon"
        DUE = "due", "due that day"
        OVERDUE = "overdue", "overdue"
        ESCALATED = "escalated", "told to more people"
        AGAIN = "again", "still overdue"

    condition = models.ForeignKey(AcceptanceCondition, on_delete=models.CASCADE, related_name="reminders")
    phase = models.CharField(max_length=9, choices=Phase.choices)
    # Counts how often it was said that it is still overdue.
    turn = models.PositiveSmallIntegerField(default=1)
    on_day = models.DateField()
    told = models.JSONField("names of those who were told", default=list)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "phase", "turn"], name="acceptance_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.condition}: {self.get_phase_display()}"
