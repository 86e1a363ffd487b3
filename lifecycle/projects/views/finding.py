"""Finding what a page is about: not there and not visible are both 404."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpRequest

from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.projects.models import Deliverable, Project, Stage
from lifecycle.projects.selectors import stage_of


def find_project(request: HttpRequest, key: str) -> Project:
    """The project, if the person may read it."""
    project: Project | None = Project.objects.visible_to(signed_in(request)).with_methodology().filter(key=key).first()
    if project is None:
        raise Http404
    return project


def find_stage(request: HttpRequest, key: str, stage_key: str) -> Stage:
    """The present iteration, or the one that `?iteration=` names."""
    project = find_project(request, key)
    named = request.GET.get("iteration", "")
    stage = stage_of(project, stage_key, int(named) if named.isdecimal() and len(named) < 5 else None)
    if stage is None:
        raise Http404
    stage.project = project
    return stage


def find_deliverable(request: HttpRequest, key: str, pk: int) -> Deliverable:
    """A deliverable of the project, of any iteration."""
    project = find_project(request, key)
    found = Deliverable.objects.select_related("stage", "task").filter(pk=pk, stage__project=project).first()
    if found is None:
        raise Http404
    found.stage.project = project
    return found


def build_on(form: forms.Form, field: str, number: int) -> None:
    """Let a refused form build on version `number` when it is sent again: by then the person has seen it."""
    form.data = {name: str(number) if name == field else form.data[name] for name in form.data}


def tell(form: forms.Form, refused: Refused) -> int:
    """Put a refusal beside the field that it is about, so that nothing typed is lost; the status of the answer."""
    form.add_error(refused.field if refused.field in form.fields else None, refused.message)
    for line in refused.details:
        form.add_error(None, line)
    return refused.status
