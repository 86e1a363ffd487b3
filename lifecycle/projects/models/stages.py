"""Stages with their iterations, tasks and exit questions, and going back."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from lifecycle.methodologies.checks import check_sentences
from lifecycle.projects import moves
from lifecycle.projects.models.projects import Project


class StageQuerySet(models.QuerySet["Stage"]):
    """Reads of stages."""

    def with_approval(self) -> StageQuerySet:
        """Stages with `approval_id`, `approval_state` and `lapsed_at` of the newest round that approved them, in one query.

        Asked through the reverse relation: this room knows that rounds approve a stage, and not how.
        """
        approvals = Stage.objects.filter(pk=OuterRef("pk"), rounds__state__in=moves.ONCE_APPROVED)
        newest = approvals.order_by("-rounds__number")
        columns = {"approval_id": "rounds__pk", "approval_state": "rounds__state", "lapsed_at": "rounds__lapsed_at"}
        return self.annotate(**{name: Subquery(newest.values(column)[:1]) for name, column in columns.items()})


class Stage(models.Model):
    """One iteration of a stage. Going back opens a new iteration; the former one stays as it was."""

    class State(models.TextChoices):
        WAITING = moves.WAITING, "not started"
        OPEN = moves.OPEN, "in progress"
        IN_REVIEW = moves.IN_REVIEW, "awaiting decision"
        APPROVED = moves.APPROVED, "approved"
        SUPERSEDED = moves.SUPERSEDED, "former iteration"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="stages")
    key = models.SlugField(max_length=60)
    name = models.CharField(max_length=120)
    purpose = models.TextField(blank=True)
    order = models.PositiveSmallIntegerField()
    iteration = models.PositiveSmallIntegerField(default=1)
    is_current = models.BooleanField(default=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    # gate block of the methodology: closes_project, independent_reviewer, signatory_roles, checks
    gate = models.JSONField(default=dict)
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)

    # Filled by `with_approval`: the round that approved it, and since when that no longer fits what is there.
    approval_id: int | None = None
    approval_state: str | None = None
    lapsed_at: datetime | None = None
    # Filled by `mark_resting`: key and name of an earlier stage whose approval has lapsed while this one has begun.
    rests_on: str = ""
    rests_on_name: str = ""

    objects: ClassVar[Any] = StageQuerySet.as_manager()

    class Meta:
        ordering = ["project", "order", "iteration"]
        constraints = [
            models.UniqueConstraint(fields=["project", "key", "iteration"], name="stage_iteration_once"),
            models.UniqueConstraint(fields=["project", "key"], condition=Q(is_current=True), name="stage_one_current"),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(is_current=True, state__in=["open", "in_review"]),
                name="stage_one_in_work",
            ),
        ]
        # What the portfolio can be narrowed to: the names of stages in work, without reading every stage there ever was.
        indexes = [
            models.Index(fields=["state", "key", "name"], condition=Q(is_current=True), name="stage_current_names")
        ]

    def __str__(self) -> str:
        return f"{self.project}: {self.name}"

    @property
    def is_stale(self) -> bool:
        """Whether it is approved, and its newest approval no longer holds."""
        return self.state == moves.APPROVED and self.lapsed_at is not None

    @property
    def stale_word(self) -> str:
        """Why its approval no longer holds."""
        return moves.LAPSED_WORDS.get(self.approval_state or "", moves.LAPSED_WORDS["stale"])

    @property
    def check_words(self) -> list[str]:
        """What the gate requires of the evidence, one sentence for each check."""
        return check_sentences(self.gate.get("checks") or [])

    def get_absolute_url(self) -> str:
        suffix = "" if self.is_current else f"?iteration={self.iteration}"
        return f"/projects/{self.project.key}/stages/{self.key}/{suffix}"


class StageTask(models.Model):
    """A task of the stage, ticked by the team."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="tasks")
    key = models.SlugField(max_length=80)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    order = models.PositiveSmallIntegerField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stage", "order"]
        constraints = [models.UniqueConstraint(fields=["stage", "key"], name="task_once_per_stage")]

    def __str__(self) -> str:
        return self.name


class ExitQuestion(models.Model):
    """A question that the stage must answer before it is decided."""

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="questions")
    key = models.SlugField(max_length=60)
    text = models.TextField()
    order = models.PositiveSmallIntegerField()
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stage", "order"]
        constraints = [models.UniqueConstraint(fields=["stage", "key"], name="question_once_per_stage")]

    def __str__(self) -> str:
        return self.text


class ExitAnswer(models.Model):
    """A version of the answer to an exit question; the highest number counts."""

    question = models.ForeignKey(ExitQuestion, on_delete=models.CASCADE, related_name="answers")
    number = models.PositiveIntegerField()
    text = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["question", "-number"]
        constraints = [models.UniqueConstraint(fields=["question", "number"], name="answer_version_once")]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"


class StageReturn(models.Model):
    """Going back to an earlier stage: an event with its reason, the cost so far and what it made stale."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="returns")
    from_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+")
    to_stage = models.ForeignKey(Stage, on_delete=models.PROTECT, related_name="+", help_text="The new iteration")
    reason = models.TextField()
    loop_key = models.CharField(max_length=60, blank=True)
    cost_so_far = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    made_stale = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="return_has_reason"),
            models.CheckConstraint(condition=~Q(from_stage=F("to_stage")), name="return_goes_elsewhere"),
        ]

    def __str__(self) -> str:
        return f"{self.from_stage} back to {self.to_stage}"
