"""Business cases: versions that are never changed, what-ifs with a name, and what was promised at a gate."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from explain.cases.content.parts import PARTS
from lifecycle.projects.models import Project
from lifecycle.signoff.models import Round


class CaseVersion(models.Model):
    """One version of a project's business case, all four parts. Written once; only that it was put forward is added.

    `content`: the parts that are written, by name, as `explain.cases.content` describes them. `terms`: currency,
    discount rate and months it is counted under. `result`: the calculator's answer, empty where there was none.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="case_versions")
    number = models.PositiveIntegerField()
    content = models.JSONField(default=dict)
    terms = models.JSONField(default=dict)
    content_hash = models.CharField(max_length=64)
    result = models.JSONField(default=dict, help_text="Money as strings")
    note = models.CharField("what changed", max_length=300, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    put_forward_at = models.DateTimeField(null=True, blank=True)
    put_forward_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="case_version_once"),
            models.CheckConstraint(condition=~Q(content_hash=""), name="case_version_is_hashed"),
            models.CheckConstraint(
                condition=Q(put_forward_at__isnull=True, put_forward_by__isnull=True)
                | Q(put_forward_at__isnull=False, put_forward_by__isnull=False),
                name="case_put_forward_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"Business case of {self.project}, version {self.number}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/case/?version={self.number}"

    @property
    def missing(self) -> list[str]:
        """Names of the parts that are not written yet."""
        return [part.label for name, part in PARTS.items() if name not in self.content]

    @property
    def bound(self) -> dict[str, Any]:
        """What `content_hash` covers."""
        return {"content": self.content, "terms": self.terms, "result": self.result}


class Scenario(models.Model):
    """A what-if with a name, on one version of the case."""

    class Kind(models.TextChoices):
        BASE = "base", "base"
        OPTIMISTIC = "optimistic", "optimistic"
        PESSIMISTIC = "pessimistic", "pessimistic"
        OTHER = "other", "other"

    version = models.ForeignKey(CaseVersion, on_delete=models.CASCADE, related_name="scenarios")
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=11, choices=Kind.choices, default=Kind.OTHER)
    levers = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["version", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "name"], name="scenario_name_once")]

    def __str__(self) -> str:
        return self.name


class Promise(models.Model):
    """What was promised when the first gate was approved: the figures of that day, bound to the decision. Never changed.

    `content`: figures, months and benefits of the version, and who approved; `content_hash` covers it.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="promises")
    version = models.ForeignKey(CaseVersion, on_delete=models.PROTECT, related_name="promises")
    round = models.OneToOneField(Round, on_delete=models.PROTECT, related_name="promise")
    round_digest = models.CharField(max_length=64)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    frozen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(content_hash="") & ~Q(round_digest=""), name="promise_is_bound")
        ]

    def __str__(self) -> str:
        return f"Promise of {self.project}, business case version {self.version.number}"
