"""Locks of the room. The order is always project, stage, thing: two deeds can then wait, but never for each other.

Rooms above that lock rows of their own and then call into this room lock the project first as well.
"""

from __future__ import annotations

from lifecycle.projects.models import Project, Stage


def lock_project(project_id: int) -> Project:
    """The project as it is now, locked until the transaction ends."""
    project: Project = Project.objects.select_for_update(of=("self",)).select_related("methodology").get(pk=project_id)
    return project


def lock_stage(stage: Stage) -> Stage:
    """The stage as it is now, locked after its project."""
    project = lock_project(stage.project_id)
    locked = Stage.objects.select_for_update().get(pk=stage.pk)
    locked.project = project
    return locked
