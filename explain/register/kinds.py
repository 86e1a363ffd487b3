"""What this room makes known when the app starts."""

from __future__ import annotations

from explain.register import evidence
from explain.register.models import DataSet, ModelVersion
from foundation.jobs import kinds
from foundation.jobs.models import Job
from lifecycle.lessons.similar import data_names
from lifecycle.projects.models import Project
from lifecycle.signoff.evidence import EvidenceKind, register


def result_of(job: Job) -> kinds.Result | None:
    """The version that the job looks at."""
    found = ModelVersion.objects.select_related("project").filter(pk=job.args.get("model_version")).first()
    return kinds.Result(f"Model {found}", found.get_absolute_url()) if found else None


def names_of_data(project: Project) -> list[str]:
    """What the data sets of a project are called, each name once."""
    return list(DataSet.objects.filter(project=project).order_by("name").values_list("name", flat=True).distinct())


def register_kinds() -> None:
    """Its job, its kind of evidence, and the names by which cases about the same data are found."""
    data_names.register(names_of_data)
    kinds.register(
        kinds.Kind("model_inspection", "Look at a model file", task="register.inspect_model", result=result_of)
    )
    register(
        EvidenceKind(
            name="model",
            label="Model",
            collect=evidence.collect,
            recheck=evidence.recheck,
            watches=("model_version",),
            summarise=evidence.summarise,
            place=40,
        )
    )
