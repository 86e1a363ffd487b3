"""Reads of explanations. Lists leave the large columns in the database; only chart pages read `samples`."""

from __future__ import annotations

from typing import Literal, cast

from django.db.models import QuerySet

from explain.attributions.dictionary import Dictionary, Meaning
from explain.attributions.models import Explanation
from explain.register.models import Feature, ModelVersion
from foundation.people.models import User
from lifecycle.projects.models import Project


def explanations_of(project: Project) -> QuerySet[Explanation]:
    """Newest first, for lists: without summary and samples; one query."""
    return (
        Explanation.objects.filter(project=project)
        .select_related("model_version", "data_set", "job", "created_by", "project")
        .defer("summary", "samples", "model_version__facts", "model_version__note")
        .order_by("-pk")
    )


def find_explanation(user: User, key: str, pk: int, *, samples: bool) -> Explanation | None:
    """The explanation, if the person may see its project. `samples` false leaves the large column unread."""
    found = Explanation.objects.filter(pk=pk, project__key=key, project__in=Project.objects.visible_to(user))
    found = found.select_related("project", "model_version", "data_set", "job", "created_by")
    return (found if samples else found.defer("samples")).first()


def finished(project: Project) -> QuerySet[Explanation]:
    """The finished ones with their summaries, newest first, for a comparison; one query."""
    return (
        Explanation.objects.filter(project=project, state=Explanation.State.DONE)
        .select_related("model_version", "data_set", "project")
        .defer("samples", "model_version__facts", "model_version__note")
        .order_by("-pk")
    )


def newest_done(version: ModelVersion) -> Explanation | None:
    """The explanation that speaks for a version: its newest finished one by SHAP; without samples."""
    return (
        Explanation.objects.filter(model_version=version, state=Explanation.State.DONE, method=Explanation.Method.SHAP)
        .select_related("project", "model_version", "data_set")
        .defer("samples")
        .order_by("-pk")
        .first()
    )


def dictionary_of(project: Project) -> Dictionary:
    """The project's feature dictionary in the form that sentences and charts read; one query."""
    return {
        feature.name: Meaning(
            label=feature.label,
            unit=feature.unit,
            meaning=feature.meaning,
            expected=cast(Literal["up", "down"], feature.expected) if feature.expected else None,
            sensitive=feature.sensitive,
        )
        for feature in Feature.objects.filter(project=project)
    }


def sensitive_columns(project: Project) -> list[str]:
    """Names of the columns that the dictionary marks as sensitive, in the order of the alphabet; one query."""
    return list(Feature.objects.filter(project=project, sensitive=True).order_by("name").values_list("name", flat=True))
