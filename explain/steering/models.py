"""Proposals to stop, continue or expand a project, each resting on one outcome report and signed by a sponsor."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from explain.outcomes.models import OutcomeReport
from explain.steering import moves
from explain.steering.compute import CONTINUE, EXPAND, STOP
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Signature


class Proposal(models.Model):
    """One proposal. What it says is written once; only its answer is added, and then nothing any more.

    `content`: all that a sponsor signs: what is proposed and why, what the figures suggested on that day, the report
    with its fingerprint. `content_hash` covers it. The other columns repeat parts of it for lists.
    """

    class What(models.TextChoices):
        STOP = STOP, "stop"
        CONTINUE = CONTINUE, "continue"
        EXPAND = EXPAND, "expand"

    class State(models.TextChoices):
        OPEN = moves.OPEN, "waits for a sponsor"
        APPROVED = moves.APPROVED, "approved"
        REJECTED = moves.REJECTED, "rejected"
        WITHDRAWN = moves.WITHDRAWN, "withdrawn"
        SUPERSEDED = moves.SUPERSEDED, "superseded"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="proposals")
    number = models.PositiveIntegerField()
    report = models.ForeignKey(OutcomeReport, on_delete=models.CASCADE, related_name="proposals")
    report_hash = models.CharField(max_length=64)
    what = models.CharField(max_length=8, choices=What.choices)
    suggestion = models.CharField(
        "suggested by the figures", max_length=8, choices=[("", "nothing"), *What.choices], blank=True, default=""
    )
    reasons = models.TextField()
    amount = models.DecimalField("amount asked for", max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    signature = models.OneToOneField(
        Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="signed_proposal"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField("what the answer says, or why it ended without one", blank=True)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="proposal_number_once"),
            models.UniqueConstraint(fields=["project"], condition=Q(state=moves.OPEN), name="proposal_one_open"),
            models.CheckConstraint(
                condition=~Q(content_hash="") & ~Q(report_hash="") & ~Q(reasons=""), name="proposal_is_bound"
            ),
            models.CheckConstraint(
                condition=Q(what=EXPAND, amount__gt=0) & ~Q(currency="")
                | ~Q(what=EXPAND) & Q(amount__isnull=True, currency=""),
                name="proposal_amount_only_to_expand",
            ),
            models.CheckConstraint(
                condition=Q(state__in=sorted(moves.DECIDED), signature__isnull=False, decider__isnull=False)
                | ~Q(state__in=sorted(moves.DECIDED)) & Q(signature__isnull=True, decider__isnull=True),
                name="proposal_decided_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(state=moves.OPEN, closed_at__isnull=True)
                | ~Q(state=moves.OPEN) & Q(closed_at__isnull=False),
                name="proposal_open_until_closed",
            ),
        ]

    def __str__(self) -> str:
        return f"Proposal {self.number} of {self.project}: {self.get_what_display()}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/proposals/{self.number}/"

    @property
    def is_open(self) -> bool:
        return self.state == moves.OPEN

    @property
    def suggested(self) -> dict[str, Any]:
        """What the figures suggested on the day of the proposal: what, reasons, missing."""
        told: dict[str, Any] = self.content["suggestion"]
        return told
