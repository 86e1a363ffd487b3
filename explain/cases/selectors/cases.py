"""Versions, scenarios and promises of a project."""

from __future__ import annotations

from django.db.models import QuerySet

from explain.cases.models import CaseVersion, Promise, Scenario
from lifecycle.projects.models import Project


def latest_case(project: Project) -> CaseVersion | None:
    """The newest version. One query."""
    return _versions(project).first()


def case_numbered(project: Project, number: int) -> CaseVersion | None:
    """One version. One query."""
    return _versions(project).filter(number=number).first()


def versions_of(project: Project) -> list[CaseVersion]:
    """All versions, newest first, without what they hold. One query."""
    return list(_versions(project).defer("content", "result"))


def scenarios_of(version: CaseVersion) -> list[Scenario]:
    """Scenarios of a version, in the order in which they were kept. One query."""
    return list(Scenario.objects.filter(version=version).select_related("author").order_by("pk"))


def promises_of(project: Project) -> list[Promise]:
    """What was promised, the newest first. One query."""
    return list(
        Promise.objects.filter(project=project)
        .select_related("round", "version", "project")
        .defer("round__manifest", "round__policy", "version__content", "version__result")
        .order_by("-pk")
    )


def _versions(project: Project) -> QuerySet[CaseVersion]:
    return CaseVersion.objects.filter(project=project).select_related("author", "put_forward_by").order_by("-number")
