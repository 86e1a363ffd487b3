"""What a round leaves to do or to weigh: conditions of an approval, and graded feedback."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.projects.models import Project
from lifecycle.signoff import moves
from lifecycle.signoff.models.rounds import Decision, Round


class Condition(models.Model):
    """Something that must be done by a day for an approval to hold. The verifier is never the owner."""

    class State(models.TextChoices):
        OPEN = moves.CONDITION_OPEN, "open"
        CLAIMED = moves.CONDITION_CLAIMED, "to be verified"
        MET = moves.CONDITION_MET, "met"
        LAPSED = moves.CONDITION_LAPSED, "overdue, approval revoked"
        DROPPED = moves.CONDITION_DROPPED, "no longer asked"

    class Severity(models.TextChoices):
        MINOR = "minor", "minor"
        MAJOR = "major", "major"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="conditions")
    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="conditions")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="conditions")
    number = models.PositiveSmallIntegerField(help_text="Counted per round")
    text = models.TextField("what must be done")
    severity = models.CharField(max_length=5, choices=Severity.choices, default=Severity.MINOR)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verifier = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    # After the due day the approval holds for as many working days more.
    grace_days = models.PositiveSmallIntegerField(default=3)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["round", "number"]
        constraints = [
            models.UniqueConstraint(fields=["round", "number"], name="condition_number_once"),
            models.CheckConstraint(condition=~Q(owner=F("verifier")), name="condition_verified_by_another"),
            models.CheckConstraint(condition=~Q(text=""), name="condition_says_what"),
        ]
        indexes = [models.Index(fields=["state", "due_on"], name="condition_by_state")]

    def __str__(self) -> str:
        return f"{self.round}, condition {self.number}"

    @property
    def is_open(self) -> bool:
        return self.state in moves.OPEN_CONDITIONS

    def get_absolute_url(self) -> str:
        return f"/conditions/{self.pk}/"


class ConditionEvent(models.Model):
    """What happened to a condition: claimed with evidence, verified, sent back, moved, lapsed. Written once."""

    class Kind(models.TextChoices):
        CLAIMED = "claimed", "said to be done"
        RETURNED = "returned", "sent back"
        MET = "met", "verified"
        MOVED = "moved", "given a new day or new people"
        LAPSED = "lapsed", "lapsed"
        DROPPED = "dropped", "no longer asked"

    condition = models.ForeignKey(Condition, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)
    evidence = models.CharField("where it can be seen", max_length=500, blank=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.condition}: {self.get_kind_display()}"


class Feedback(models.Model):
    """Advice on a round, graded. A major issue blocks approval until it is settled or overridden in writing."""

    class Grade(models.TextChoices):
        FINE = "fine", "fine"
        MINOR = "minor", "minor issue"
        MAJOR = "major", "major issue"

    round = models.ForeignKey(Round, on_delete=models.CASCADE, related_name="feedback")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=12, blank=True)
    grade = models.CharField(max_length=5, choices=Grade.choices)
    text = models.TextField(blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    # Its author says that the issue is settled, and how.
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "feedback"
        constraints = [
            models.CheckConstraint(condition=Q(grade="fine") | ~Q(text=""), name="feedback_issue_is_said"),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True) | ~Q(settled_note=""), name="feedback_settled_how"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.author}: {self.get_grade_display()}"

    @property
    def blocks(self) -> bool:
        """A major issue that nobody settled."""
        return self.grade == self.Grade.MAJOR and self.settled_at is None
