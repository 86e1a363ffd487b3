"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from explain.steering import api, views

app_name = "steering"
_one = "projects/<slug:key>/proposals/<int:number>/"
urlpatterns: list[URLPattern] = [
    path("value/proposals/", views.open_everywhere, name="open"),
    path("projects/<slug:key>/proposals/", views.proposals, name="proposals"),
    path(_one, views.proposal, name="proposal"),
    path(f"{_one}decide/", views.decide, name="decide"),
    path(f"{_one}withdraw/", views.withdraw, name="withdraw"),
]
api_urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/suggestion/", api.Suggested.as_view(), name="api-suggestion"),
    path("projects/<slug:key>/proposals/", api.Proposals.as_view(), name="api-proposals"),
    path(_one, api.ProposalView.as_view(), name="api-proposal"),
    path(f"{_one}decision/", api.Decision.as_view(), name="api-proposal-decision"),
    path(f"{_one}withdrawal/", api.Withdrawal.as_view(), name="api-proposal-withdrawal"),
]
