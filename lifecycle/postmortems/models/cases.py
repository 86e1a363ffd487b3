"""A post-mortem itself: its facts, the taxonomy it uses, what a reviewer said, and its published versions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.postmortems.naming import noun_of, noun_of_template
from lifecycle.postmortems.templates import title_of
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


class Template(models.Model):
    """Which sections a post-mortem has, what each asks for, and what it is called. `sections`: a list of
    {key, help, starter, needed}; `needed` is how many rows, or for a text 1, a reviewer needs."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    noun = models.CharField("what it is called", max_length=40, default="post-mortem")
    purpose = models.CharField("what it is for", max_length=300, blank=True)
    sections = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    review_by = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        verbose_name = "post-mortem template"

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Its name; one that comes with the portal is named with the organisation's own word."""
        return title_of(self.key, self.name)

    @property
    def called(self) -> str:
        """What a case of it is called."""
        return noun_of_template(self).one


class TriggerRule(models.Model):
    """Whether something that happens opens a post-mortem by itself, and how."""

    cause = models.CharField(max_length=30, unique=True)
    is_on = models.BooleanField(default=True)
    severity = models.CharField(max_length=6, default="medium")
    least = models.CharField("from this severity of an alert on", max_length=6, blank=True, default="")
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        verbose_name = "trigger of post-mortems"

    def __str__(self) -> str:
        return self.cause


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
    template = models.ForeignKey(Template, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=30, blank=True, help_text="The trigger that opened it; empty: a person did")
    cause_key = models.CharField(max_length=60, blank=True, help_text="What happened, once: stage:12")
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
    outward_summary = models.TextField("summary for readers outside", blank=True)
    promise = models.JSONField(
        default=dict, blank=True, help_text="What was promised and what it brought, as known when it was opened"
    )
    trigger = models.CharField(max_length=60, blank=True)
    detection = models.CharField(max_length=60, blank=True)
    origin_phase = models.CharField(max_length=60, blank=True)
    started_on = models.DateField(null=True, blank=True)
    detected_on = models.DateField(null=True, blank=True)
    mitigated_on = models.DateField(null=True, blank=True)
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
            ),
            models.UniqueConstraint(
                fields=["project", "cause", "cause_key"],
                condition=~Q(cause=""),
                name="postmortem_once_per_trigger",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"

    def get_absolute_url(self) -> str:
        return f"/post-mortems/{self.reference}/"

    @property
    def name_in_trail(self) -> str:
        """What the trail calls it, which more people read than may know of a restricted one."""
        return f"a restricted {noun_of(self)}" if self.visibility == self.Visibility.RESTRICTED else self.reference


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


class Tag(models.Model):
    """A word by which cases are found and compared: what data, which technique, which field."""

    class Kind(models.TextChoices):
        DATA = "data_source", "data source"
        TECHNIQUE = "technique", "technique"
        DOMAIN = "domain", "field of business"
        FREE = "free", "other"

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="tags")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.FREE)
    text = models.CharField(max_length=60)

    class Meta:
        ordering = ["postmortem", "kind", "text"]
        constraints = [models.UniqueConstraint(fields=["postmortem", "kind", "text"], name="tag_once_per_postmortem")]

    def __str__(self) -> str:
        return self.text


class Review(models.Model):
    """What a reviewer answered to the checklist, and the verdict. Written once."""

    class Verdict(models.TextChoices):
        PUBLISH = "publish", "publish"
        RETURN = "return", "return to draft"

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="reviews")
    number = models.PositiveIntegerField("version under review")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=8, choices=Verdict.choices)
    answers = models.JSONField(default=dict)
    comment = models.TextField(blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["postmortem", "pk"]

    def __str__(self) -> str:
        return f"{self.postmortem.reference} v{self.number}: {self.verdict}"
