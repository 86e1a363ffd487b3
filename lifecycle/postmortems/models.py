"""Post-mortems: timeline, impact, factors from the taxonomy, lessons, actions, revisions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.projects.models import Project, Stage


class Taxonomy(models.Model):
    """One version of the taxonomy of causes. Keys are stable; a used node is retired, never deleted."""

    version = models.PositiveIntegerField(unique=True)
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-version"]
        verbose_name_plural = "taxonomies"

    def __str__(self) -> str:
        return f"Taxonomy v{self.version}"


class PostMortemQuerySet(models.QuerySet["PostMortem"]):
    """Reads of post-mortems."""

    def visible_to(self, user: Any) -> PostMortemQuerySet:
        """Own projects' post-mortems, those of the organisation once published; restricted ones only to its people."""
        if not getattr(user, "is_authenticated", False) or not user.is_active:
            return self.none()
        projects = Project.objects.visible_to(user).values("pk")
        involved = Q(owner=user) | Q(facilitator=user)
        team = Q(project__in=projects) & ~Q(visibility="restricted")
        organisation = Q(visibility="organisation", state__in=["published", "closed"])
        return self.filter(involved | team | organisation)


class PostMortem(models.Model):
    """What happened, why it looked right at the time, and what the next project should know."""

    class Kind(models.TextChoices):
        CLOSURE = "project_closure", "project closed"
        STOPPED = "project_stopped", "project stopped"
        GATE = "gate_rejected", "stage rejected"
        REFUSED = "acceptance_refused", "acceptance refused"
        INCIDENT = "production_incident", "incident in use"
        NEAR_MISS = "near_miss", "near miss"
        SUCCESS = "success_review", "review of a success"

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        REVIEW = "in_review", "in review"
        PUBLISHED = "published", "published"
        CLOSED = "closed", "closed"

    class Visibility(models.TextChoices):
        TEAM = "team", "the project's people"
        ORGANISATION = "organisation", "everybody, once published"
        RESTRICTED = "restricted", "owner and facilitator only"

    class Severity(models.TextChoices):
        LOW = "low", "low"
        MEDIUM = "medium", "medium"
        HIGH = "high", "high"

    reference = models.CharField(max_length=16, unique=True, help_text="PM-2026-0007")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="postmortems")
    stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    taxonomy = models.ForeignKey(Taxonomy, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    visibility = models.CharField(max_length=12, choices=Visibility.choices, default=Visibility.ORGANISATION)
    severity = models.CharField(max_length=6, choices=Severity.choices, default=Severity.MEDIUM)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    facilitator = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    summary = models.TextField(blank=True)
    background = models.TextField(blank=True)
    trigger = models.CharField(max_length=60, blank=True)
    detection = models.CharField(max_length=60, blank=True)
    origin_phase = models.CharField(max_length=60, blank=True)
    started_on = models.DateField(null=True, blank=True)
    detected_on = models.DateField(null=True, blank=True)
    resolved_on = models.DateField(null=True, blank=True)
    no_action_reason = models.TextField("why no action", blank=True)
    number = models.PositiveIntegerField("published version", default=0)
    lock = models.PositiveIntegerField(
        default=1, help_text="Rises with each edit; an edit of an older state is refused"
    )
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = PostMortemQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = "post-mortem"
        constraints = [
            models.CheckConstraint(
                condition=Q(published_by__isnull=True) | ~Q(published_by=F("owner")),
                name="postmortem_reviewer_not_owner",
            )
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/post-mortems/{self.reference}/"


class TimelineEvent(models.Model):
    """What happened when; projects are not outages, so the precision is stored with the moment."""

    class Precision(models.TextChoices):
        MINUTE = "minute", "minute"
        DAY = "day", "day"
        MONTH = "month", "month"

    class Marker(models.TextChoices):
        NONE = "", "event"
        DETECTION = "detection", "detection"
        DIAGNOSIS = "diagnosis", "diagnosis"
        REPAIR = "repair", "repair"
        DECISION = "decision", "decision"
        RELEASE = "release", "release"
        DATA_CHANGE = "data_change", "data change"
        KEY = "key_moment", "key moment"

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="timeline")
    moment = models.DateTimeField()
    precision = models.CharField(max_length=6, choices=Precision.choices, default=Precision.DAY)
    text = models.TextField()
    marker = models.CharField(max_length=12, choices=Marker.choices, blank=True, default="")
    role = models.CharField(max_length=60, blank=True, help_text="A role, not a name")
    evidence = models.CharField(max_length=300, blank=True)
    audit_seq = models.BigIntegerField(null=True, blank=True, help_text="Entry of the trail it was taken from")

    class Meta:
        ordering = ["postmortem", "moment", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class Impact(models.Model):
    """What it cost or harmed; an estimate is shown as one."""

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="impacts")
    dimension = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    amount = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    is_estimate = models.BooleanField(default=True)

    class Meta:
        ordering = ["postmortem", "pk"]

    def __str__(self) -> str:
        return self.text


class ContributingFactor(models.Model):
    """A cause from the taxonomy, apart from the trigger, with its strength and how sure we are."""

    class Strength(models.TextChoices):
        MAIN = "main", "main"
        CONTRIBUTING = "contributing", "contributing"
        POSSIBLE = "possible", "possible"

    class Confidence(models.TextChoices):
        KNOWN = "known", "known"
        POTENTIAL = "potential", "potential"

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="factors")
    group = models.CharField(max_length=60)
    node = models.CharField(max_length=60)
    text = models.TextField(blank=True)
    why_unnoticed = models.TextField("why it escaped notice", blank=True)
    strength = models.CharField(max_length=12, choices=Strength.choices, default=Strength.CONTRIBUTING)
    confidence = models.CharField(max_length=9, choices=Confidence.choices, default=Confidence.KNOWN)

    class Meta:
        ordering = ["postmortem", "pk"]
        constraints = [models.UniqueConstraint(fields=["postmortem", "node"], name="factor_once_per_postmortem")]

    def __str__(self) -> str:
        return self.node


class Lesson(models.Model):
    """What to keep, change or watch for."""

    class Kind(models.TextChoices):
        WELL = "went_well", "went well"
        WRONG = "went_wrong", "went wrong"
        LUCKY = "got_lucky", "got lucky"
        SURPRISED = "surprised_us", "surprised us"
        ADVICE = "advice_to_next_project", "advice to the next project"

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="lessons")
    kind = models.CharField(max_length=24, choices=Kind.choices)
    text = models.TextField()
    as_check = models.BooleanField("could become a check", default=False)

    class Meta:
        ordering = ["postmortem", "pk"]

    def __str__(self) -> str:
        return self.text[:80]


class ActionItem(models.Model):
    """A piece of work that follows from it. Proposed ones are no promises until accepted."""

    class Kind(models.TextChoices):
        INVESTIGATE = "investigate", "investigate"
        REPAIR = "repair", "repair"
        MITIGATE = "mitigate", "mitigate"
        DETECT = "detect", "detect"
        PREVENT = "prevent", "prevent"
        PROCESS = "process", "process"
        TRAINING = "training", "training"

    class Disposition(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        ACCEPTED = "accepted", "accepted"
        DECLINED = "declined", "declined"

    class Status(models.TextChoices):
        OPEN = "open", "open"
        IN_PROGRESS = "in_progress", "in progress"
        DONE = "done", "done"
        VERIFIED = "verified", "verified"
        CANCELLED = "cancelled", "cancelled"

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="actions")
    factor = models.ForeignKey(
        ContributingFactor, null=True, blank=True, on_delete=models.SET_NULL, related_name="actions"
    )
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    disposition = models.CharField(max_length=8, choices=Disposition.choices, default=Disposition.PROPOSED)
    disposition_reason = models.TextField(blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    due_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.OPEN)
    test_for_done = models.CharField("done when", max_length=300, blank=True)
    external_link = models.URLField(blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["postmortem", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verified_by__isnull=True) | ~Q(verified_by=F("owner")),
                name="action_verifier_not_owner",
            ),
            models.CheckConstraint(
                condition=~Q(status="verified") | Q(verified_by__isnull=False),
                name="action_verified_by_someone",
            ),
            models.CheckConstraint(
                condition=~Q(disposition="declined") | ~Q(disposition_reason=""),
                name="action_decline_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ActionEvent(models.Model):
    """Who changed an action's owner, due date or status, when and why. Written once."""

    action = models.ForeignKey(ActionItem, on_delete=models.CASCADE, related_name="events")
    field = models.CharField(max_length=20)
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["action", "pk"]

    def __str__(self) -> str:
        return f"{self.field}: {self.before} to {self.after}"


class Revision(models.Model):
    """A published state, frozen with its hash."""

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["postmortem", "-number"]
        constraints = [models.UniqueConstraint(fields=["postmortem", "number"], name="postmortem_revision_once")]

    def __str__(self) -> str:
        return f"{self.postmortem.reference} v{self.number}"
