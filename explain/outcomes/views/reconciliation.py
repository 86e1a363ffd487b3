"""The whole effect of a KPI beside the sum of claims on it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from explain.outcomes.selectors.reconciliation import reconciliation_of
from explain.outcomes.views.finding import project_of
from foundation.web.views import signed_in
from lifecycle.kpis.models import Kpi


@require_safe
def reconciliation(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Who claims what of a KPI, month by month, and what it brought as a whole."""
    project = project_of(request, key)
    kpi = get_object_or_404(Kpi.objects.select_related("project"), project=project, key=kpi_key)
    found = reconciliation_of(kpi, signed_in(request))
    return render(request, "explain/outcomes/reconciliation.html", {"project": project, "kpi": kpi, "found": found})
