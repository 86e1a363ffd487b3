"""Projects, their members, stages with iterations, and deliverables with versions."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from foundation.people.models import User
from lifecycle.methodologies.models import Methodology
from lifecycle.projects import moves


class ProjectQuerySet(models.QuerySet["Project"]):
    """Reads of projects."""

    def visible_to(self, user: Any) -> ProjectQuerySet:
        """Projects a person may read: their own, or all for managers, auditors and administrators."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        if user.sees_all:
            return self
        today = timezone.localdate()
        # All in one filter, so that every condition speaks of the same delegation.
        stood_in_for = Member.objects.filter(
            Q(user__delegations_given__project__isnull=True) | Q(user__delegations_given__project=F("project")),
            Q(user__delegations_given__role="") | Q(user__delegations_given__role=F("role")),
            left_at__isnull=True,
            user__is_active=True,
            user__delegations_given__to_person=user,
            user__delegations_given__ended_at__isnull=True,
            user__delegations_given__starts_on__lte=today,
            user__delegations_given__ends_on__gte=today,
        )
        return self.filter(
            Q(pk__in=Member.objects.filter(user=user, left_at__isnull=True).values("project_id"))
            | Q(pk__in=stood_in_for.values("project_id"))
        )

    def with_methodology(self) -> ProjectQuerySet:
        """With who is told of late decisions and the methodology, without its content: the whole file, for each project."""
        return self.select_related("methodology", "escalates_to").defer("methodology__content")


class Project(models.Model):
    """A machine-learning project under one version of a methodology."""

    class State(models.TextChoices):
        ACTIVE = moves.ACTIVE, "in progress"
        IN_USE = moves.IN_USE, "in use"
        STOPPED = moves.STOPPED, "stopped"
        CLOSED = moves.CLOSED, "closed"

    class Risk(models.TextChoices):
        LOW = "low", "low"
        MEDIUM = "medium", "medium"
        HIGH = "high", "high"

    key = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    question = models.CharField("business question", max_length=300, help_text="What will be decided differently?")
    description = models.TextField(blank=True)
    unit = models.CharField("business unit", max_length=120, blank=True)
    methodology = models.ForeignKey(Methodology, on_delete=models.PROTECT, related_name="projects")
    risk = models.CharField("risk tier", max_length=6, choices=Risk.choices, default=Risk.MEDIUM)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    currency = models.CharField(max_length=3, default="EUR", help_text="ISO 4217, such as EUR")
    discount_rate = models.DecimalField(
        max_digits=12,
        decimal_places=8,
        default=Decimal("0.10"),
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(1))],
        help_text="Per year, as a fraction: 0.10 is 10 %",
    )
    horizon_months = models.PositiveSmallIntegerField(
        default=36, validators=[MinValueValidator(1), MaxValueValidator(120)]
    )
    started_on = models.DateField()
    stopped_reason = models.TextField(blank=True)
    is_demo = models.BooleanField(default=False)
    # Who is told when a decision is overdue in spite of reminders.
    escalates_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(discount_rate__gte=0, discount_rate__lte=1), name="project_rate_in_bounds"
            ),
            models.CheckConstraint(
                condition=~Q(state="stopped") | ~Q(stopped_reason=""), name="project_stop_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/projects/{self.key}/"


class Role(models.TextChoices):
    """What a person is in a project. Managing rights give no right to approve."""

    SPONSOR = "sponsor", "sponsor"
    CUSTOMER = "customer", "customer"
    LEAD = "lead", "project lead"
    CONTRIBUTOR = "contributor", "contributor"
    REVIEWER = "reviewer", "independent reviewer"
    RISK = "risk_officer", "risk officer"
    VIEWER = "viewer", "viewer"


TEAM = (Role.LEAD, Role.CONTRIBUTOR)


class Member(models.Model):
    """A person in a role of a project; who left keeps the row, for the record."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    joined_at = models.DateTimeField(default=timezone.now)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["role", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user", "role"], condition=Q(left_at__isnull=True), name="member_role_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"


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
    # gate block of the methodology: closes_project, independent_reviewer, signatory_roles
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


class Deliverable(models.Model):
    """A document or file that the stage asks for; its content lives in versions."""

    class Need(models.TextChoices):
        REQUIRED = "required", "required"
        RECOMMENDED = "recommended", "recommended"
        OPTIONAL = "optional", "optional"

    stage = models.ForeignKey(Stage, on_delete=models.CASCADE, related_name="deliverables")
    task = models.ForeignKey(StageTask, null=True, blank=True, on_delete=models.SET_NULL, related_name="deliverables")
    key = models.SlugField(max_length=80)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    need = models.CharField(max_length=11, choices=Need.choices, default=Need.OPTIONAL)
    order = models.PositiveSmallIntegerField()
    # Headings that the methodology's template gives; a new document starts with them.
    sections = models.JSONField(default=list)
    not_applicable = models.TextField("not applicable because", blank=True)
    # Denormalised head, so that lists and manifests need no second query; the versions are the record.
    latest_number = models.PositiveIntegerField(default=0)
    latest_hash = models.CharField(max_length=64, blank=True)
    # Since when a newer version of the methodology no longer asks for it; what was written stays.
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["stage", "order"]
        constraints = [models.UniqueConstraint(fields=["stage", "key"], name="deliverable_once_per_stage")]

    def __str__(self) -> str:
        return self.name


def deliverable_path(version: DeliverableVersion, filename: str) -> str:
    """An internal name: never what the person called the file."""
    ending = re.sub(r"[^a-z0-9.]", "", filename.lower()[-10:].rpartition(".")[2])[:8]
    return f"deliverables/{version.deliverable_id}/{version.number}-{version.sha256[:16]}.{ending or 'bin'}"


class DeliverableVersion(models.Model):
    """One version: Markdown written in place, or a file. Written once."""

    deliverable = models.ForeignKey(Deliverable, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    file = models.FileField(upload_to=deliverable_path, blank=True, max_length=200)
    filename = models.CharField(max_length=200, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    note = models.CharField("what changed", max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["deliverable", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["deliverable", "number"], name="deliverable_version_once"),
            models.CheckConstraint(condition=Q(text="") | Q(file=""), name="deliverable_text_or_file"),
        ]

    def __str__(self) -> str:
        return f"{self.deliverable} v{self.number}"


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


def people_in(project: Project, *roles: str) -> list[User]:
    """Active people who hold one of the roles now."""
    return list(
        User.objects.filter(
            memberships__project=project,
            memberships__role__in=roles,
            memberships__left_at__isnull=True,
            is_active=True,
        ).distinct()
    )
