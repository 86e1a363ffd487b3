"""The list of KPIs, and defining one."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.kpis import selectors, services
from lifecycle.kpis.charts import spark_path, unit_words
from lifecycle.kpis.claims.selectors import own_shares
from lifecycle.kpis.forms import EditKpiForm, KpiForm
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.views.finding import kpi_of, project_of, taken


@dataclass
class _Line:
    """A row of the list as the page shows it."""

    row: selectors.KpiRow
    unit: str
    spark: str
    label: str


@require_GET
def kpi_list(request: HttpRequest, key: str) -> HttpResponse:
    """KPIs of a project: latest reading against baseline and target."""
    user, project = signed_in(request), project_of(request, key)
    lines = [
        _Line(
            row,
            unit_words(row.kpi.unit),
            spark_path([point.value for point in row.points]),
            f"{row.kpi.name}: the newest {len(row.points)} readings",
        )
        for row in selectors.kpi_list(project)
    ]
    return render(
        request,
        "lifecycle/kpis/list.html",
        {
            "project": project,
            "lines": lines,
            "may_record": may(user, RECORD, project),
            "go_live": selectors.go_live_of(project),
        },
    )


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, key: str) -> HttpResponse:
    """Define a KPI."""
    user, project = signed_in(request), project_of(request, key)
    allowed = may(user, RECORD, project)
    if request.method == "POST":
        form = KpiForm(request.POST, project_id=project.pk)
        if form.is_valid():
            try:
                kpi = services.define_kpi(actor=user, project=project, **form.cleaned_data)
            except Refused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.message)
            else:
                messages.success(request, f"{kpi.name} is defined. Record readings of it, then propose a baseline.")
                return redirect(kpi)
    else:
        form = KpiForm(project_id=project.pk, initial=initial_from_kept(request))
    status = 400 if form.is_bound else 200 if allowed else 403
    context = {"project": project, "form": form, "allowed": allowed, "kpi": None}
    return render(request, "lifecycle/kpis/form.html", context, status=status)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """Change a KPI."""
    user, kpi = signed_in(request), kpi_of(request, key, kpi_key)
    allowed = may(user, RECORD, kpi.project)
    if request.method == "POST":
        form = EditKpiForm(request.POST, kpi=kpi, project_id=kpi.project_id)
        if form.is_valid():
            given = form.cleaned_data

            def deed() -> None:
                services.edit_kpi(
                    actor=user,
                    kpi=kpi,
                    clear_volume_kpi=given["volume_kpi"] is None,
                    clear_derived_from=given["derived_from"] is None,
                    clear_season=given["season"] is None,
                    **given,
                )

            if taken(form, deed):
                messages.success(request, "The definition is saved.")
                return redirect(kpi)
    else:
        initial = {field: getattr(kpi, field) for field in KpiForm.base_fields if field != "attribution"}
        initial["attribution"] = own_shares([kpi])[kpi.pk]
        form = EditKpiForm(kpi=kpi, project_id=kpi.project_id, initial=initial | initial_from_kept(request))
    status = 400 if form.is_bound else 200 if allowed else 403
    context = {"project": kpi.project, "form": form, "allowed": allowed, "kpi": kpi}
    return render(request, "lifecycle/kpis/form.html", context, status=status)
