"""What a post-mortem tells: moments, impacts, causes and lessons."""

from __future__ import annotations

from django.db import models

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
