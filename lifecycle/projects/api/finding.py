"""Finding what a call is about: not there and not visible are both 404."""

from __future__ import annotations

from django.http import Http404
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from foundation.people.models import User
from lifecycle.projects.models import Deliverable, ExitQuestion, Project, StageTask


def caller(request: Request) -> User:
    """The person who calls."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def find_project(request: Request, key: str) -> Project:
    """A project that the caller may read."""
    project: Project | None = Project.objects.visible_to(caller(request)).with_methodology().filter(key=key).first()
    if project is None:
        raise Http404
    return project


def find_deliverable(request: Request, pk: int) -> Deliverable:
    """A deliverable of a project that the caller may read."""
    found = (
        Deliverable.objects.select_related("stage__project")
        .filter(pk=pk, stage__project__in=Project.objects.visible_to(caller(request)))
        .first()
    )
    if found is None:
        raise Http404
    return found


def find_question(request: Request, pk: int) -> ExitQuestion:
    """An exit question of a project that the caller may read."""
    found = (
        ExitQuestion.objects.select_related("stage__project")
        .filter(pk=pk, stage__project__in=Project.objects.visible_to(caller(request)))
        .first()
    )
    if found is None:
        raise Http404
    return found


def find_task(request: Request, pk: int) -> StageTask:
    """A task of a project that the caller may read."""
    found = (
        StageTask.objects.select_related("stage__project")
        .filter(pk=pk, stage__project__in=Project.objects.visible_to(caller(request)))
        .first()
    )
    if found is None:
        raise Http404
    return found
