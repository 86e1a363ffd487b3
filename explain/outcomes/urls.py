"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from explain.outcomes import api, views
from explain.outcomes.calculators import api as calculators

app_name = "outcomes"
urlpatterns: list[URLPattern] = [
    path("value/", views.portfolio, name="portfolio"),
    path("projects/<slug:key>/kpis/<slug:kpi_key>/reconciliation/", views.reconciliation, name="reconciliation"),
    path("projects/<slug:key>/value/", views.value, name="value"),
    path("projects/<slug:key>/outcomes/<int:number>/", views.report, name="report"),
]
api_urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/outcome-reports/", api.OutcomeReports.as_view(), name="api-outcome-reports"),
    path(
        "projects/<slug:key>/outcome-reports/<int:number>/", api.OutcomeReportView.as_view(), name="api-outcome-report"
    ),
    path("calculators/cash-flow/", calculators.CashFlow.as_view(), name="api-calculator-cash-flow"),
    path("calculators/effect/", calculators.Effect.as_view(), name="api-calculator-effect"),
    path("calculators/uncertainty/", calculators.Uncertain.as_view(), name="api-calculator-uncertainty"),
    path("portfolio/", api.PortfolioView.as_view(), name="api-portfolio"),
]
