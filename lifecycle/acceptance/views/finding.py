"""What all pages of the room begin with: the project or acceptance that a person may see, and a valid form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404

from foundation.people.models import User
from foundation.web.refused import Refused
from lifecycle.acceptance import selectors
from lifecycle.acceptance.models import Acceptance
from lifecycle.projects.models import Project


def project_of(user: User, key: str) -> Project:
    """The project, or 404 where it is not visible."""
    found: Project | None = Project.objects.visible_to(user).with_methodology().filter(key=key).first()
    if found is None:
        raise Http404
    return found


def acceptance_of(user: User, key: str, number: int) -> Acceptance:
    """The acceptance, or 404 where its project is not visible."""
    found = selectors.acceptances_visible_to(user).filter(project__key=key, number=number).first()
    if found is None:
        raise Http404
    return found


def demand_valid(form: forms.Form) -> dict[str, Any]:
    """Cleaned values, or a refusal that names the first field at fault; what was typed is kept by the middleware."""
    if form.is_valid():
        return form.cleaned_data
    for field, errors in form.errors.items():
        label = form[field].label if field in form.fields else ""
        raise Refused(f"{label}: {errors[0]}" if label else str(errors[0]), code="invalid", status=400, field=field)
    raise Refused("The form could not be read. Load the page again.", code="invalid", status=400)
