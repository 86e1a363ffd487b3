"""Pages of the room: find, ask, render."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from explain.outcomes.charts.of_portfolio import charts_of_portfolio
from explain.outcomes.charts.of_report import curve_of, plan_bars_of, run_chart_of, waterfall_of
from explain.outcomes.forms import ReportForm
from explain.outcomes.permits import may_request_report
from explain.outcomes.selectors import current_report, portfolio_of, report_numbered, report_rows, waiting_report
from explain.outcomes.selectors.reconciliation import reconciliation_of
from explain.outcomes.services import request_report
from explain.outcomes.shown import shown
from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.kpis.models import Kpi
from lifecycle.projects.models import Project

ROWS = 50


@require_http_methods(["GET", "HEAD", "POST"])
def value(request: HttpRequest, key: str) -> HttpResponse:
    """What the project is worth: the newest report, the one in the making, and the list."""
    person = signed_in(request)
    project = _project(request, key)
    if request.method == "POST":
        form = ReportForm(request.POST)
        if form.is_valid():
            report = request_report(
                actor=person, project=project, as_of=form.cleaned_data["as_of"], seed=form.cleaned_data["seed"] or 0
            )
            return redirect("outcomes:report", key=project.key, number=report.number)
    else:
        form = ReportForm(initial=initial_from_kept(request))
    current = current_report(project)
    context: dict[str, Any] = {
        "project": project,
        "report": current,
        "waiting": waiting_report(project),
        "rows": report_rows(project),
        "may_ask": may_request_report(person, project),
        "form": form,
    }
    if current is not None:
        context |= {"result": shown(current.result), "curve": curve_of(current.result)}
    return render(request, "explain/outcomes/value.html", context, status=400 if form.errors else 200)


@require_safe
def report(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """One report: figures, charts, tables, and how they were computed."""
    project = _project(request, key)
    found = report_numbered(project, number)
    if found is None:
        raise Http404
    context: dict[str, Any] = {"project": project, "report": found}
    if found.result:
        result, page = found.result, shown(found.result)
        context |= {
            "result": page,
            "curve": curve_of(result),
            "bars": plan_bars_of(result),
            "waterfall": waterfall_of(result),
            "run_charts": [(kpi, run_chart_of(kpi, result)) for kpi in page["kpis"]],
        }
    return render(request, "explain/outcomes/report.html", context)


@require_safe
def portfolio(request: HttpRequest) -> HttpResponse:
    """What all projects bring that the person may see."""
    found = portfolio_of(signed_in(request), request.GET.get("grade", ""))
    page = Paginator(found.rows, ROWS).get_page(request.GET.get("page"))
    context = {"portfolio": found, "page": page, "charts": charts_of_portfolio(found)}
    return render(request, "explain/outcomes/portfolio.html", context)


@require_safe
def reconciliation(request: HttpRequest, key: str, kpi_key: str) -> HttpResponse:
    """The whole effect of a KPI beside the sum of claims on it."""
    project = _project(request, key)
    kpi = get_object_or_404(Kpi.objects.select_related("project"), project=project, key=kpi_key)
    found = reconciliation_of(kpi, signed_in(request))
    return render(request, "explain/outcomes/reconciliation.html", {"project": project, "kpi": kpi, "found": found})


def _project(request: HttpRequest, key: str) -> Project:
    found: Project = get_object_or_404(Project.objects.visible_to(request.user), key=key)
    return found
