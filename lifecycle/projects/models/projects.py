"""Projects, and their people in roles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
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
        """With who is told of late decisions, who closed it and the methodology, without its content: the whole file, for each project."""
        return self.select_related("methodology", "escalates_to", "closed_by").defer("methodology__content")


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
    closing_statement = models.TextField("what came of it", blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
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
            models.CheckConstraint(
                condition=~Q(state="closed")
                | (~Q(closing_statement="") & Q(closed_at__isnull=False, closed_by__isnull=False)),
                name="project_close_has_statement",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return f"/projects/{self.key}/"

    @property
    def was_stopped(self) -> bool:
        """Whether it ended by a stop, also where its record was closed afterwards."""
        return bool(self.stopped_reason)


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
