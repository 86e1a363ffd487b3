"""What is learnt over many cases: which are alike, who was shown which, and the checks that lessons became."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.methodologies.models import Methodology
from lifecycle.postmortems.models import Lesson, PostMortem
from lifecycle.projects.models import ExitQuestion, Project, Stage


class SearchText(models.Model):
    """All words of a post-mortem, for full-text search; who may find it is asked of the post-mortem. The database's own
    index over it (migration 0014) follows by itself."""

    postmortem = models.OneToOneField(PostMortem, on_delete=models.CASCADE, related_name="search_text")
    title = models.TextField()
    summary = models.TextField(blank=True, default="")
    body = models.TextField()
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.title


class SimilarPair(models.Model):
    """Two published cases, how alike they are (0 to 1), in what, and what people say of it, which is kept when it is
    computed again."""

    class Verdict(models.TextChoices):
        NONE = "", "nobody has said"
        SIMILAR = "similar", "similar"
        NOT_SIMILAR = "not_similar", "not similar"

    first = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    shared = models.JSONField(default=list)
    verdict = models.CharField(max_length=11, choices=Verdict.choices, blank=True, default=Verdict.NONE)
    verdict_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    verdict_at = models.DateTimeField(null=True, blank=True)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-score", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="similar_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="similar_pair_in_order"),
            models.CheckConstraint(
                condition=Q(verdict="") | Q(verdict_by__isnull=False), name="similar_verdict_by_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} and {self.second_id}"


class CaseOffer(models.Model):
    """A case that a project was shown, when it started (`stage` is None) or before a gate; and what the team said of it."""

    class State(models.TextChoices):
        OFFERED = "offered", "not answered yet"
        TAKEN = "taken", "taken to heart"
        DISMISSED = "dismissed", "does not apply"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="case_offers")
    stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.CASCADE, related_name="case_offers")
    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="offers")
    score = models.FloatField()
    shared = models.JSONField(default=list)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OFFERED)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(null=True, blank=True)
    offered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-score", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "postmortem"], condition=Q(stage__isnull=True), name="case_offered_once_at_start"
            ),
            models.UniqueConstraint(fields=["stage", "postmortem"], name="case_offered_once_per_stage"),
            models.CheckConstraint(
                condition=Q(state="offered") | (Q(by__isnull=False) & ~Q(reason="")), name="case_answer_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.postmortem_id} for {self.project_id}"


class Reader(models.Model):
    """Who has read a published post-mortem: lessons reach people, not files."""

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    first_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["postmortem", "user"], name="reader_once")]

    def __str__(self) -> str:
        return f"{self.user_id} read {self.postmortem_id}"


class LessonCheck(models.Model):
    """A lesson, or a factor that came back, as an exit question of a methodology: proposed, then accepted by somebody else
    into a new version."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        ACCEPTED = "accepted", "accepted, not in a version yet"
        IN_FORCE = "in_force", "asked at gates"
        DECLINED = "declined", "declined"

    postmortem = models.ForeignKey(PostMortem, on_delete=models.PROTECT, related_name="checks")
    lesson = models.ForeignKey(Lesson, null=True, blank=True, on_delete=models.SET_NULL, related_name="checks")
    factor_node = models.CharField(max_length=60, blank=True)
    methodology_key = models.SlugField(max_length=60)
    phase_key = models.CharField(max_length=60)
    question_key = models.CharField(max_length=60)
    text = models.TextField("what is asked")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)
    methodology = models.ForeignKey(
        Methodology,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="First version with it",
    )

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["methodology_key", "question_key"], name="lesson_check_key_once"),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")), name="lesson_check_by_two"
            ),
            models.CheckConstraint(
                condition=~Q(state="in_force") | Q(methodology__isnull=False), name="lesson_check_in_a_version"
            ),
            models.CheckConstraint(condition=~Q(state="declined") | ~Q(reason=""), name="lesson_check_decline_reason"),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class Catch(models.Model):
    """What such a check found in a project before its gate. Written once."""

    check_asked = models.ForeignKey(LessonCheck, on_delete=models.PROTECT, related_name="catches")
    question = models.ForeignKey(ExitQuestion, on_delete=models.CASCADE, related_name="catches")
    text = models.TextField("what it caught")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "catches"

    def __str__(self) -> str:
        return self.text[:80]
