"""The register: model versions, data sets, and the feature dictionary of a project."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from foundation.jobs.models import Job
from lifecycle.projects.models import Project


def model_path(version: ModelVersion, filename: str) -> str:
    """An internal name: never what the person called the file."""
    return f"models/{version.project_id}/{version.number}-{version.sha256[:16]}.bin"


def data_path(data_set: DataSet, filename: str) -> str:
    """An internal name: never what the person called the file."""
    return f"data/{data_set.project_id}/{data_set.number}-{data_set.sha256[:16]}.bin"


class ModelVersion(models.Model):
    """One version of the project's model, as uploaded; inspected in the sandbox before anything uses it."""

    class Format(models.TextChoices):
        XGBOOST = "xgboost-json", "XGBoost JSON"
        LIGHTGBM = "lightgbm-text", "LightGBM text"
        SKOPS = "skops", "skops (scikit-learn)"
        ONNX = "onnx", "ONNX"

    class State(models.TextChoices):
        INSPECTING = "inspecting", "being inspected"
        ACCEPTED = "accepted", "accepted"
        REFUSED = "refused", "refused"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="model_versions")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    purpose = models.CharField("what it predicts", max_length=200, blank=True)
    format = models.CharField(max_length=14, choices=Format.choices)
    file = models.FileField(upload_to=model_path, max_length=200)
    filename = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.INSPECTING)
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal = models.TextField(blank=True)
    # What the sandbox found: family, kind (binary, multiclass, regression), features, classes, library versions.
    facts = models.JSONField(default=dict)
    # What the team states: training metrics by name, as numbers.
    metrics = models.JSONField(default=dict)
    note = models.TextField(blank=True)
    job = models.ForeignKey(Job, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="model_number_once"),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(refusal=""), name="model_refusal_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.number}"

    def get_absolute_url(self) -> str:
        return f"/projects/{self.project.key}/models/{self.number}/"


class DataSet(models.Model):
    """A data file of the project, for explanations: CSV or Parquet."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        PARQUET = "parquet", "Parquet"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="data_sets")
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=120)
    origin = models.CharField(max_length=300, blank=True)
    format = models.CharField(max_length=8, choices=Format.choices)
    file = models.FileField(upload_to=data_path, max_length=200)
    filename = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    target_column = models.CharField(max_length=120, blank=True)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["project", "-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="data_number_once")]

    def __str__(self) -> str:
        return f"{self.name} ({self.number})"


class Feature(models.Model):
    """An entry of the feature dictionary: what a column means in the words of the business."""

    class Expected(models.TextChoices):
        NONE = "", "no expectation"
        UP = "up", "more of it raises the result"
        DOWN = "down", "more of it lowers the result"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="features")
    name = models.CharField("column", max_length=120)
    label = models.CharField(max_length=120)
    unit = models.CharField(max_length=40, blank=True)
    meaning = models.CharField(max_length=300, blank=True)
    expected = models.CharField(max_length=4, choices=Expected.choices, blank=True, default="")
    sensitive = models.BooleanField(default=False)

    class Meta:
        ordering = ["project", "name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="feature_name_once")]

    def __str__(self) -> str:
        return self.label


class GateAsk(models.Model):
    """A question of a pipeline, may this version go there, and its answer at that moment. Written once."""

    class Environment(models.TextChoices):
        TEST = "test", "test"
        STAGING = "staging", "staging"
        PRODUCTION = "production", "production"

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="gate_asks")
    model_version = models.ForeignKey(ModelVersion, on_delete=models.CASCADE, related_name="gate_asks")
    sha256 = models.CharField(max_length=64)
    environment = models.CharField(max_length=10, choices=Environment.choices)
    allowed = models.BooleanField()
    # [{code, message}]: all that stood against it; and the approvals it rests on, each with round and digest.
    reasons = models.JSONField(default=list)
    approvals = models.JSONField(default=list)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_with = models.CharField("token", max_length=80, blank=True)
    asked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(allowed=True) & Q(reasons=[])) | (Q(allowed=False) & ~Q(reasons=[])),
                name="gate_denial_has_reasons",
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_version} to {self.environment}: {'allowed' if self.allowed else 'denied'}"
