"""Reads of the register: one query shape for each page."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery

from explain.register.models import DataSet, Feature, GateAsk, ModelVersion
from explain.register.services.dictionary import FeatureRow, row_of
from foundation.people.models import User
from lifecycle.acceptance.selectors import accepted_uses
from lifecycle.projects.models import Project

TABLE_ROWS = 120  # entries that one page can edit; larger dictionaries go by CSV


@dataclass(frozen=True)
class Register:
    """All that the page of models shows; explanations come through the project's own relation."""

    versions: list[ModelVersion]
    data_sets: list[DataSet]
    features: int


def find_project(user: User, key: str) -> Project | None:
    """The project, if the person may see it."""
    found: Project | None = Project.objects.visible_to(user).filter(key=key).first()
    return found


def versions_of(project: Project) -> QuerySet[ModelVersion]:
    """Newest first, with their jobs and people, and with the use that the customer approved and its limits."""
    return _with_use(ModelVersion.objects.filter(project=project)).order_by("-number")


def find_version(user: User, key: str, number: int) -> ModelVersion | None:
    """The same of one version, with its project, if the person may see it; one query."""
    seen = Project.objects.visible_to(user).filter(key=key)
    return _with_use(ModelVersion.objects.filter(project__in=seen, number=number)).first()


def _with_use(versions: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    accepted = accepted_uses(OuterRef("project"))
    return versions.select_related("job", "uploaded_by", "project").annotate(
        approved_use=Subquery(accepted.values("approved_use")[:1]),
        limits_of_use=Subquery(accepted.values("limits")[:1]),
    )


def versions_seen_by(user: User) -> QuerySet[ModelVersion]:
    """Versions of all projects that the person may see, with their projects; the newest first."""
    seen = Project.objects.visible_to(user).values("pk")
    return ModelVersion.objects.filter(project__in=seen).select_related("project").order_by("-pk")


def asks_of(version: ModelVersion) -> QuerySet[GateAsk]:
    """Questions at the gate about a version, newest first, with who asked."""
    return GateAsk.objects.filter(model_version=version).select_related("asked_by").order_by("-pk")


def data_sets_of(project: Project) -> QuerySet[DataSet]:
    """Newest first, with their people."""
    return DataSet.objects.filter(project=project).select_related("uploaded_by").order_by("-number")


def register_of(project: Project) -> Register:
    """Versions, data sets and the size of the dictionary; three queries."""
    return Register(
        versions=list(versions_of(project)),
        data_sets=list(data_sets_of(project)),
        features=Feature.objects.filter(project=project).count(),
    )


def dictionary_rows(project: Project) -> list[FeatureRow]:
    """The dictionary, and an empty entry for each feature of the newest accepted model that is not in it yet.

    In the order of the model's features; entries of no model come last. Two queries.
    """
    entries = {feature.name: row_of(feature) for feature in Feature.objects.filter(project=project)}
    facts = (
        ModelVersion.objects.filter(project=project, state=ModelVersion.State.ACCEPTED)
        .order_by("-number")
        .values_list("facts", flat=True)
        .first()
    )
    names = [str(name) for name in facts.get("features", [])] if facts else []
    rows = [
        entries.pop(name)
        if name in entries
        else FeatureRow(name=name, label="", unit="", meaning="", expected="", sensitive=False)
        for name in dict.fromkeys(names)
    ]
    return [*rows, *entries.values()]
