"""Rows that a deed holds while it decides."""

from __future__ import annotations

from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project


def locked_kpi(kpi_id: int) -> Kpi:
    """The KPI with its project, both locked: closing the project and deeds on its figures queue."""
    return Kpi.objects.select_related("project").select_for_update(of=("self", "project")).get(pk=kpi_id)


def locked_project(project_id: int) -> Project:
    """The project, locked."""
    project: Project = Project.objects.select_for_update().get(pk=project_id)
    return project
