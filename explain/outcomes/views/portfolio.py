"""The page of all projects."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from explain.outcomes.charts.of_portfolio import charts_of_portfolio
from explain.outcomes.selectors import portfolio_of
from foundation.web.views import signed_in

ROWS = 50


@require_safe
def portfolio(request: HttpRequest) -> HttpResponse:
    """What all projects bring that the person may see."""
    found = portfolio_of(signed_in(request), request.GET.get("grade", ""))
    page = Paginator(found.rows, ROWS).get_page(request.GET.get("page"))
    context = {"portfolio": found, "page": page, "charts": charts_of_portfolio(found)}
    return render(request, "explain/outcomes/portfolio.html", context)
