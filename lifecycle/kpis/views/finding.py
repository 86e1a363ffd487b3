"""What every page of the room does first and last: find the thing, turn a refusal into an error of the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from foundation.web.refused import Refused
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project


def project_of(request: HttpRequest, key: str) -> Project:
    found: Project = get_object_or_404(Project.objects.visible_to(request.user), key=key)
    return found


def kpi_of(request: HttpRequest, key: str, kpi_key: str) -> Kpi:
    return get_object_or_404(
        Kpi.objects.select_related("project", "volume_kpi", "derived_from").filter(
            project__in=Project.objects.visible_to(request.user)
        ),
        project__key=key,
        key=kpi_key,
    )


def taken(form: forms.Form, deed: Callable[[], Any]) -> bool:
    """Do the deed; a refusal becomes an error of the form's field it names, or of the form."""
    try:
        deed()
    except Refused as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, refused.message)
        return False
    return True
