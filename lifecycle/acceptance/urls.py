"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.acceptance import api, views

app_name = "acceptance"
_BASE = "projects/<slug:key>/acceptance/"
urlpatterns: list[URLPattern] = [
    path(_BASE, views.acceptance, name="acceptance"),
    path(f"{_BASE}open/", views.open_acceptance, name="open"),
    path(f"{_BASE}criteria/", views.criteria, name="criteria"),
    path(f"{_BASE}criteria/<slug:criterion_key>/withdraw/", views.withdraw_criterion, name="withdraw_criterion"),
    path(f"{_BASE}<int:number>/judge/<int:result_id>/", views.judge, name="judge"),
    path(f"{_BASE}<int:number>/offer/", views.offer, name="offer"),
    path(f"{_BASE}<int:number>/withdraw/", views.withdraw, name="withdraw"),
    path(f"{_BASE}<int:number>/decide/", views.decide, name="decide"),
]
api_urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/criteria/", api.Criteria.as_view(), name="api-criteria"),
    path(
        "projects/<slug:key>/criteria/<slug:criterion_key>/withdrawals/",
        api.CriterionWithdrawals.as_view(),
        name="api-criterion-withdrawals",
    ),
    path("projects/<slug:key>/acceptances/", api.Acceptances.as_view(), name="api-acceptances"),
    path("acceptances/<int:pk>/", api.AcceptanceDetail.as_view(), name="api-acceptance"),
    path("acceptances/<int:pk>/judgements/", api.Judgements.as_view(), name="api-judgements"),
    path("acceptances/<int:pk>/offers/", api.Offer.as_view(), name="api-offer"),
    path("acceptances/<int:pk>/withdrawals/", api.Withdrawal.as_view(), name="api-acceptance-withdrawals"),
    path("acceptances/<int:pk>/decisions/", api.Decisions.as_view(), name="api-acceptance-decisions"),
]
