"""What a form must be before a deed sees it."""

from __future__ import annotations

from typing import Any

from django import forms

from foundation.web.refused import Refused


def demand_valid(form: forms.Form) -> dict[str, Any]:
    """Cleaned values, or a refusal that names the first field at fault; what was typed is kept by the middleware."""
    if form.is_valid():
        return form.cleaned_data
    for field, errors in form.errors.items():
        label = form[field].label if field in form.fields else ""
        raise Refused(f"{label}: {errors[0]}" if label else str(errors[0]), code="invalid", status=400, field=field)
    raise Refused("The form could not be read. Load the page again.", code="invalid", status=400)
