"""Metrics of the model and the KPIs that should follow them, as a page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from explain.outcomes.charts.of_report import link_chart_of
from explain.outcomes.links.forms import FIELDS, LinkForm
from explain.outcomes.links.models import MetricLink
from explain.outcomes.links.permits import may
from explain.outcomes.links.selectors import links_shown, metrics_by_model
from explain.outcomes.links.services import end_link, tie_metric
from explain.outcomes.views.finding import project_of
from foundation.web.kept import initial_from_kept
from foundation.web.refused import Refused
from foundation.web.views import signed_in
from lifecycle.kpis.models import Kpi


@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest, key: str) -> HttpResponse:
    """All links with what the newest report says of them; POST makes one."""
    person, project = signed_in(request), project_of(request, key)
    allowed = may(person, "tie", project)
    metrics, kpis = metrics_by_model(project), list(Kpi.objects.filter(project=project))
    form: LinkForm | None = None
    if request.method == "POST":
        allowed.demand()
        form = LinkForm(request.POST, metrics=metrics, kpis=kpis)
        if form.is_valid():
            try:
                link = tie_metric(actor=person, project=project, **form.terms())
            except Refused as refused:
                field = FIELDS.get(refused.field, refused.field)
                form.add_error(field if field in form.fields else None, refused.message)
            else:
                messages.success(
                    request, f"{link.metric} is tied to {link.kpi.name}. The next report says whether it held."
                )
                return redirect("outcomes:links", key=project.key)
    elif allowed:
        asked = request.GET.get("kpi", "")
        form = LinkForm(metrics=metrics, kpis=kpis, chosen=asked, initial=initial_from_kept(request))
    report, rows = links_shown(project)
    context = {
        "project": project,
        "report": report,
        "rows": [
            {"link": row.link, "told": row.told, "chart": link_chart_of(row.told, report.result)}
            if row.told is not None and report is not None
            else {"link": row.link}
            for row in rows
        ],
        "form": form,
        "may_tie": allowed,
        "has_metrics": any(metrics.values()),
        "has_kpis": bool(kpis),
    }
    bound = form is not None and form.is_bound
    return render(request, "explain/outcomes/links/links.html", context, status=400 if bound else 200)


@require_POST
def link_end(request: HttpRequest, key: str, link_id: int) -> HttpResponse:
    """End a link."""
    person, project = signed_in(request), project_of(request, key)
    found = get_object_or_404(MetricLink, project=project, pk=link_id)
    end_link(actor=person, link_id=found.pk, reason=request.POST.get("reason", ""))
    messages.success(request, "The link is ended. Reports that are there keep it.")
    return redirect("outcomes:links", key=project.key)
