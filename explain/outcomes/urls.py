"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from explain.outcomes.api import portfolio as portfolio_api
from explain.outcomes.api import reports as reports_api
from explain.outcomes.api import signing as signing_api
from explain.outcomes.calculators import api as calculators
from explain.outcomes.links import api as links_api
from explain.outcomes.links import views as links
from explain.outcomes.views import portfolio, reconciliation, reports, value

app_name = "outcomes"
urlpatterns: list[URLPattern] = [
    path("value/", portfolio.portfolio, name="portfolio"),
    path("value/pipeline/", portfolio.pipeline, name="pipeline"),
    path("value/accuracy/", portfolio.accuracy, name="accuracy"),
    path("value/portfolio.xlsx", portfolio.portfolio_xlsx, name="portfolio_xlsx"),
    path("value/portfolio.csv", portfolio.portfolio_csv, name="portfolio_csv"),
    path(
        "projects/<slug:key>/kpis/<slug:kpi_key>/reconciliation/",
        reconciliation.reconciliation,
        name="reconciliation",
    ),
    path("projects/<slug:key>/value/", value.value, name="value"),
    path("projects/<slug:key>/value/recipients/", value.recipients, name="recipients"),
    path("projects/<slug:key>/value/recipients/<int:recipient_id>/off/", value.recipient_off, name="recipient_off"),
    path("projects/<slug:key>/links/", links.links, name="links"),
    path("projects/<slug:key>/links/<int:link_id>/end/", links.link_end, name="link_end"),
    path("projects/<slug:key>/outcomes/<int:number>/", reports.report, name="report"),
    path("projects/<slug:key>/outcomes/<int:number>/report.pdf", reports.report_pdf, name="report_pdf"),
    path("projects/<slug:key>/outcomes/<int:number>/report.xlsx", reports.report_spreadsheet, name="report_xlsx"),
    path("projects/<slug:key>/outcomes/<int:number>/verify/", reports.verify, name="verify"),
    path("projects/<slug:key>/outcomes/<int:number>/withdraw/", reports.withdraw, name="withdraw_verification"),
]
api_urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/outcome-reports/", reports_api.OutcomeReports.as_view(), name="api-outcome-reports"),
    path(
        "projects/<slug:key>/outcome-reports/<int:number>/",
        reports_api.OutcomeReportView.as_view(),
        name="api-outcome-report",
    ),
    path(
        "projects/<slug:key>/outcome-reports/<int:number>/verification/",
        signing_api.Verification.as_view(),
        name="api-outcome-verification",
    ),
    path(
        "projects/<slug:key>/outcome-reports/<int:number>/verification/withdrawal/",
        signing_api.VerificationWithdrawal.as_view(),
        name="api-outcome-verification-withdrawal",
    ),
    path(
        "projects/<slug:key>/outcome-reports/<int:number>/files/<str:ending>/",
        reports_api.OutcomeReportFile.as_view(),
        name="api-outcome-report-file",
    ),
    path("projects/<slug:key>/outcome-recipients/", signing_api.Recipients.as_view(), name="api-outcome-recipients"),
    path(
        "projects/<slug:key>/outcome-recipients/<int:recipient_id>/",
        signing_api.RecipientView.as_view(),
        name="api-outcome-recipient",
    ),
    path("projects/<slug:key>/metric-links/", links_api.MetricLinks.as_view(), name="api-metric-links"),
    path(
        "projects/<slug:key>/metric-links/<int:link_id>/end/",
        links_api.MetricLinkEnd.as_view(),
        name="api-end-metric-link",
    ),
    path("calculators/cash-flow/", calculators.CashFlow.as_view(), name="api-calculator-cash-flow"),
    path("calculators/effect/", calculators.Effect.as_view(), name="api-calculator-effect"),
    path("calculators/uncertainty/", calculators.Uncertain.as_view(), name="api-calculator-uncertainty"),
    path("calculators/business-case/", calculators.BusinessCase.as_view(), name="api-calculator-business-case"),
    path("calculators/answers/<int:number>/", calculators.CalculationAnswer.as_view(), name="api-calculation-answer"),
    path("portfolio/", portfolio_api.PortfolioView.as_view(), name="api-portfolio"),
]
