"""Rows that a deed holds while it decides."""

from __future__ import annotations

from typing import TypeVar

from lifecycle.kpis.models import Baseline, Exclusion, Kpi, KpiControl
from lifecycle.projects.models import Project

OfKpi = TypeVar("OfKpi", Baseline, Exclusion, KpiControl)


def locked_kpi(kpi_id: int) -> Kpi:
    """The KPI with its project, both locked: closing the project and deeds on its figures queue."""
    return Kpi.objects.select_related("project").select_for_update(of=("self", "project")).get(pk=kpi_id)


def locked_with_kpi(model: type[OfKpi], row_id: int) -> tuple[Kpi, OfKpi]:
    """A row and its KPI, the KPI first: deeds on what hangs on a KPI queue."""
    kpi = locked_kpi(model.objects.values_list("kpi_id", flat=True).get(pk=row_id))
    return kpi, model.objects.select_for_update().get(pk=row_id)


def locked_project(project_id: int) -> Project:
    """The project, locked."""
    project: Project = Project.objects.select_for_update().get(pk=project_id)
    return project
