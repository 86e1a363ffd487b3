"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.kpis.api import circumstances as api_circumstances
from lifecycle.kpis.api import definitions as api_definitions
from lifecycle.kpis.api import figures as api_figures
from lifecycle.kpis.claims import api as claim_api
from lifecycle.kpis.claims import views as claim_views
from lifecycle.kpis.rates import api as rate_api
from lifecycle.kpis.rates import views as rate_views
from lifecycle.kpis.views import circumstances, definitions, money, page, paste, readings, values

app_name = "kpis"

_ALL = "projects/<slug:key>/kpis/"
_ONE = "projects/<slug:key>/kpis/<slug:kpi_key>/"

urlpatterns: list[URLPattern] = [
    path(_ALL, definitions.kpi_list, name="list"),
    path(f"{_ALL}new/", definitions.new, name="new"),
    path(_ONE, page.kpi_page, name="kpi"),
    path(f"{_ONE}edit/", definitions.edit, name="edit"),
    path(f"{_ONE}readings/", readings.add_reading, name="add_reading"),
    path(f"{_ONE}paste/", paste.paste, name="paste"),
    path(f"{_ONE}sample.csv", readings.sample_csv, name="sample_csv"),
    path(f"{_ONE}baselines/", values.propose_baseline, name="propose_baseline"),
    path(f"{_ONE}baselines/<int:baseline_id>/approve/", values.approve_baseline, name="approve_baseline"),
    path(f"{_ONE}baselines/<int:baseline_id>/withdraw/", values.withdraw_baseline, name="withdraw_baseline"),
    path(f"{_ONE}targets/", values.set_target, name="set_target"),
    path(f"{_ONE}unit-values/", values.set_unit_value, name="set_unit_value"),
    path(f"{_ONE}go-live/", values.record_go_live, name="record_go_live"),
    path(f"{_ONE}controls/", circumstances.add_control, name="add_control"),
    path(f"{_ONE}controls/<int:control_id>/end/", circumstances.end_control, name="end_control"),
    path(f"{_ONE}exclusions/", circumstances.propose_exclusion, name="propose_exclusion"),
    path(f"{_ONE}exclusions/<int:exclusion_id>/approve/", circumstances.approve_exclusion, name="approve_exclusion"),
    path(f"{_ONE}exclusions/<int:exclusion_id>/end/", circumstances.end_exclusion, name="end_exclusion"),
    path(f"{_ONE}retirement/", circumstances.record_retirement, name="record_retirement"),
    path(f"{_ONE}claims/", claim_views.claims, name="claims"),
    path(f"{_ONE}claims.csv", claim_views.claims_file, {"form": "csv"}, name="claims_csv"),
    path(f"{_ONE}claims.xlsx", claim_views.claims_file, {"form": "xlsx"}, name="claims_xlsx"),
    path(f"{_ONE}claims/<int:claim_id>/<slug:move>/", claim_views.move_claim, name="move_claim"),
    path("rates/", rate_views.rates, name="rates"),
    path("rates.csv", rate_views.rates_file, {"form": "csv"}, name="rates_csv"),
    path("rates.xlsx", rate_views.rates_file, {"form": "xlsx"}, name="rates_xlsx"),
    path("rates/add/", rate_views.add_rate, name="add_rate"),
    path("rates/upload/", rate_views.upload_rates, name="upload_rates"),
    path("projects/<slug:key>/money/", money.money, name="money"),
    path("projects/<slug:key>/money/<int:line_id>/void/", money.void_cash_line, name="void_cash_line"),
]

api_urlpatterns: list[URLPattern] = [
    path(_ALL, api_definitions.KpiListView.as_view(), name="api-kpis"),
    path(_ONE, api_definitions.KpiView.as_view(), name="api-kpi"),
    path(f"{_ONE}baselines/", api_definitions.BaselineListView.as_view(), name="api-baselines"),
    path(
        "baselines/<int:baseline_id>/approve/",
        api_definitions.BaselineApproveView.as_view(),
        name="api-approve-baseline",
    ),
    path(
        "baselines/<int:baseline_id>/withdraw/",
        api_definitions.BaselineWithdrawView.as_view(),
        name="api-withdraw-baseline",
    ),
    path(f"{_ONE}targets/", api_definitions.TargetListView.as_view(), name="api-targets"),
    path(f"{_ONE}unit-values/", api_definitions.UnitValueListView.as_view(), name="api-unit-values"),
    path(f"{_ONE}measurements/", api_figures.MeasurementListView.as_view(), name="api-measurements"),
    path(f"{_ONE}measurements/csv/", api_figures.CsvView.as_view(), name="api-measurements-csv"),
    path(f"{_ONE}controls/", api_circumstances.ControlListView.as_view(), name="api-controls"),
    path("controls/<int:control_id>/end/", api_circumstances.ControlEndView.as_view(), name="api-end-control"),
    path(f"{_ONE}exclusions/", api_circumstances.ExclusionListView.as_view(), name="api-exclusions"),
    path(
        "exclusions/<int:exclusion_id>/approve/",
        api_circumstances.ExclusionApproveView.as_view(),
        name="api-approve-exclusion",
    ),
    path("exclusions/<int:exclusion_id>/end/", api_circumstances.ExclusionEndView.as_view(), name="api-end-exclusion"),
    path("projects/<slug:key>/retirement/", api_circumstances.RetirementView.as_view(), name="api-retirement"),
    path(f"{_ONE}claims/", claim_api.ClaimListView.as_view(), name="api-claims"),
    path("claims/<int:claim_id>/<slug:move>/", claim_api.ClaimMoveView.as_view(), name="api-move-claim"),
    path("exchange-rates/", rate_api.RateListView.as_view(), name="api-exchange-rates"),
    path("projects/<slug:key>/go-live/", api_figures.GoLiveView.as_view(), name="api-go-live"),
    path("projects/<slug:key>/cash-lines/", api_figures.CashListView.as_view(), name="api-cash-lines"),
    path("cash-lines/<int:line_id>/void/", api_figures.CashVoidView.as_view(), name="api-void-cash-line"),
]
