"""What a post-mortem tells: moments, impacts, causes and lessons."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from lifecycle.postmortems.models.cases import PostMortem


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


class WhyNode(models.Model):
    """A question and its answer in the tree of whys; several chains may start, and a chain ends in a factor."""

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="whys")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    question = models.CharField(max_length=300)
    answer = models.TextField(blank=True)
    factor = models.ForeignKey(
        ContributingFactor, null=True, blank=True, on_delete=models.SET_NULL, related_name="whys"
    )

    class Meta:
        ordering = ["postmortem", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("pk")), name="why_not_of_itself")
        ]

    def __str__(self) -> str:
        return self.question


def attachment_path(attachment: Attachment, name: str) -> str:
    """A place that says nothing about the file: its own name stays in the database."""
    return f"post-mortems/{attachment.postmortem_id}/{attachment.sha256}"


class Attachment(models.Model):
    """An image or another file; images can stand in the text."""

    postmortem = models.ForeignKey(PostMortem, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=attachment_path)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["postmortem", "pk"]
        constraints = [models.UniqueConstraint(fields=["postmortem", "sha256"], name="attachment_once_per_postmortem")]

    def __str__(self) -> str:
        return self.name
