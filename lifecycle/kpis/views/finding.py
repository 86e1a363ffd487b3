"""What every page of the room does first and last: find the thing, turn a refusal into an error of the form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from foundation.people.models import User
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.kpis.models import Kpi
from lifecycle.kpis.permits import RECORD, may
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


def recorder_and_kpi(request: HttpRequest, key: str, kpi_key: str) -> tuple[User, Kpi]:
    """Who writes on the page of a KPI, and the KPI. Raises Refused where they may not."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    may(user, RECORD, kpi.project).demand()
    return user, kpi


def taken(form: forms.Form, deed: Callable[[], Any]) -> bool:
    """Do the deed; a refusal becomes an error of the form's field it names, or of the form."""
    try:
        deed()
    except Refused as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, refused.message)
        return False
    return True
