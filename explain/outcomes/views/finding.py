"""Finding what a request speaks of; what one may not see is not found."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors import report_numbered
from lifecycle.projects.models import Project


def project_of(request: HttpRequest, key: str) -> Project:
    """The project, for those who may see it."""
    found: Project = get_object_or_404(Project.objects.visible_to(request.user), key=key)
    return found


def report_of(request: HttpRequest, key: str, number: int, *, done: bool = False) -> OutcomeReport:
    """One report of the project; `done`: only one that has a result."""
    found = report_numbered(project_of(request, key), number)
    if found is None or (done and found.state != OutcomeReport.State.DONE):
        raise Http404
    return found
