"""Who asks, and what a request speaks of."""

from __future__ import annotations

from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.request import Request

from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors import report_numbered
from foundation.people.models import User
from lifecycle.projects.models import Project


def person_of(request: Request) -> User:
    """Who asks."""
    assert isinstance(request.user, User)
    return request.user


def project_of(request: Request, key: str) -> Project:
    """The project, for those who may see it."""
    found: Project = get_object_or_404(Project.objects.visible_to(request.user), key=key)
    return found


def report_of(request: Request, key: str, number: int, *, done: bool = False) -> OutcomeReport:
    """One report of the project; `done`: only one that has a result."""
    found = report_numbered(project_of(request, key), number)
    if found is None or (done and found.state != OutcomeReport.State.DONE):
        raise Http404
    return found
