"""Rounds of sign-off, and decisions bound to a digest."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.web.refused import Refused
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff import moves
from lifecycle.signoff.models.signatures import Signature


class RoundQuerySet(models.QuerySet["Round"]):
    """Reads of rounds."""

    def visible_to(self, user: Any) -> RoundQuerySet:
        """Rounds of projects that a person may read."""
        return self.filter(project__in=Project.objects.visible_to(user).values("pk"))


class Round(models.Model):
    """One request to decide a stage: the evidence frozen, the policy copied, the answers, the result."""

    class State(models.TextChoices):
        DRAFT = moves.DRAFT, "draft"
        SUBMITTED = moves.SUBMITTED, "submitted"
        IN_FEEDBACK = moves.IN_FEEDBACK, "in feedback"
        AWAITING = moves.AWAITING, "awaiting decision"
        APPROVED = moves.APPROVED, "approved"
        CONDITIONS = moves.CONDITIONS, "approved with conditions"
        CHANGES = moves.CHANGES, "changes requested"
        REJECTED = moves.REJECTED, "rejected"
        WITHDRAWN = moves.WITHDRAWN, "withdrawn"
        STALE = moves.STALE, "changed since approval"
        EXPIRED = moves.EXPIRED, "expired"
        REVOKED = moves.REVOKED, "revoked"

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="rounds")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveIntegerField(help_text="Counted per project and stage key, over all iterations")
    state = models.CharField(max_length=24, choices=State.choices, default=State.DRAFT)
    title = models.CharField("what is asked", max_length=200)
    comment = models.TextField(blank=True)
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    # Copied at submission: editing a policy never touches a round that runs.
    policy = models.JSONField(default=dict)
    manifest = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    # Ids of the people who wrote what is in the manifest, so that lists need not read it.
    authors = models.JSONField(default=list)
    closed_at = models.DateTimeField(null=True, blank=True)
    # A request in an emergency: fewer people answer, and a regular round must follow by `expires_on`.
    emergency = models.TextField("why it cannot wait", blank=True)
    feedback_until = models.DateField(null=True, blank=True, help_text="Advice is asked for until then")
    # The last day on which an approval holds; empty: until something else ends it.
    expires_on = models.DateField(null=True, blank=True)
    # A no sends the work back to a person.
    returned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Set when an approval no longer holds: since when, and why as lines of JSON.
    lapsed_at = models.DateTimeField(null=True, blank=True)
    difference = models.JSONField(default=list)

    objects: ClassVar[Any] = RoundQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "number"], name="round_number_once"),
            models.UniqueConstraint(
                fields=["stage"],
                condition=Q(state__in=["draft", "submitted", "in_feedback", "awaiting_decision"]),
                name="round_one_open_per_stage",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(state="withdrawn") | ~Q(digest=""),
                name="round_submitted_is_frozen",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "due_on"], name="round_by_state"),
            models.Index(fields=["state", "expires_on"], name="round_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.stage.name}, round {self.number}"

    def get_absolute_url(self) -> str:
        return f"/rounds/{self.pk}/"

    @property
    def written_by(self) -> frozenset[int]:
        """Ids of the authors of the evidence."""
        return frozenset(self.authors)

    @property
    def is_open(self) -> bool:
        return self.state in moves.OPEN_STATES

    def apply(self, move: str) -> None:
        """Make a move in memory. Raises Refused when the state does not allow it."""
        step = moves.ROUND_MOVES[move]
        if self.state not in step.sources:
            raise Refused(
                f"{self} is {self.get_state_display()}, so this cannot be done any more. "
                "Load the page again to see where it stands.",
                code="round_closed",
            )
        self.state = step.target


class Decision(models.Model):
    """One person's answer to a round. Written once; taken back by a signature of its own, it no longer stands."""

    class Verdict(models.TextChoices):
        APPROVE = "approve", "approve"
        CONDITIONS = "approve_with_conditions", "approve with conditions"
        CHANGES = "request_changes", "not yet"
        REJECT = "reject", "reject"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="decisions")
    decider = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Whose seat was taken: the decider's own, or that of the person they stand in for.
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12)
    verdict = models.CharField(max_length=24, choices=Verdict.choices)
    reason = models.TextField(blank=True)
    override = models.TextField("why a major issue does not stop it", blank=True)
    digest = models.CharField(max_length=64)
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="decision")
    decided_at = models.DateTimeField(default=timezone.now)
    stands = models.BooleanField(default=True)
    withdrawal = models.OneToOneField(
        Signature, null=True, blank=True, on_delete=models.PROTECT, related_name="withdrawn_decision"
    )

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "decider"], condition=Q(stands=True), name="decision_once_per_person"
            ),
            models.UniqueConstraint(
                fields=["round", "holder"], condition=Q(stands=True), name="decision_once_per_seat"
            ),
            models.CheckConstraint(
                condition=Q(stands=True, withdrawal__isnull=True) | Q(stands=False, withdrawal__isnull=False),
                name="decision_stands_or_is_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of__isnull=True, holder=models.F("decider")) | Q(on_behalf_of=models.F("holder")),
                name="decision_seat_is_named",
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=["approve", "approve_with_conditions"]) | ~Q(reason=""),
                name="decision_no_has_reason",
            ),
            models.CheckConstraint(condition=~Q(digest=""), name="decision_is_bound"),
        ]

    def __str__(self) -> str:
        return f"{self.decider}: {self.get_verdict_display()}"
