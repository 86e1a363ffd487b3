"""Costs and benefits by month."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from foundation.web.kept import initial_from_kept
from foundation.web.views import signed_in
from lifecycle.kpis import selectors, services
from lifecycle.kpis.charts import money_chart
from lifecycle.kpis.forms import CashForm
from lifecycle.kpis.models import CashLine
from lifecycle.kpis.periods import aligned, organisation_today
from lifecycle.kpis.permits import RECORD, may
from lifecycle.kpis.views.finding import project_of, taken


@require_http_methods(["GET", "POST"])
def money(request: HttpRequest, key: str) -> HttpResponse:
    """Costs and benefits by month; POST adds a line."""
    user, project = signed_in(request), project_of(request, key)
    form: CashForm | None = None
    if request.method == "POST":
        may(user, RECORD, project).demand()
        form = CashForm(request.POST, project_id=project.pk)
        if form.is_valid():
            given, side = form.cleaned_data, form.side
            if taken(form, lambda: services.add_cash_line(actor=user, project=project, side=side, **given)):
                messages.success(request, "The line is added.")
                return redirect("kpis:money", key=project.key)
    page = selectors.money_page(project, user)
    if form is None and page.may_record:
        form = CashForm(
            project_id=project.pk,
            initial={"currency": project.currency, "month": aligned(organisation_today(), "month")}
            | initial_from_kept(request),
        )
    chart = money_chart(page.main) if page.main.months else None
    return render(
        request,
        "lifecycle/kpis/money.html",
        {"project": project, "page": page, "form": form, "chart": chart},
        status=400 if form is not None and form.is_bound else 200,
    )


@require_POST
def void_cash_line(request: HttpRequest, key: str, line_id: int) -> HttpResponse:
    """Take a line out of the sums."""
    user, project = signed_in(request), project_of(request, key)
    line = get_object_or_404(CashLine, project=project, pk=line_id)
    services.void_cash_line(actor=user, line_id=line.pk, reason=request.POST.get("reason", "")[:500])
    messages.success(request, "The line is void. It stays in the record.")
    return redirect("kpis:money", key=project.key)
