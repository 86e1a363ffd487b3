"""Addresses of rounds and of going back."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.signoff import api, views

urlpatterns: list[URLPattern] = [
    path("rounds/<int:round_id>/", views.show_round, name="round"),
    path("rounds/<int:round_id>/decide/", views.decide, name="decide"),
    path("rounds/<int:round_id>/withdraw/", views.withdraw, name="withdraw"),
    path("rounds/<int:round_id>/decisions/<int:decision_id>/take-back/", views.take_back, name="take_back"),
    path("projects/<slug:key>/stages/<slug:stage_key>/submit/", views.submit, name="submit"),
    path("projects/<slug:key>/stages/<slug:stage_key>/go-back/", views.go_back, name="go_back"),
]
api_urlpatterns: list[URLPattern] = [
    path("rounds/", api.RoundList.as_view(), name="api-rounds"),
    path("rounds/<int:round_id>/", api.RoundDetail.as_view(), name="api-round"),
    path("rounds/<int:round_id>/decisions/", api.RoundDecisions.as_view(), name="api-round-decisions"),
    path(
        "rounds/<int:round_id>/decisions/<int:decision_id>/withdrawal/",
        api.DecisionWithdrawal.as_view(),
        name="api-decision-withdraw",
    ),
    path("rounds/<int:round_id>/withdraw/", api.RoundWithdrawal.as_view(), name="api-round-withdraw"),
    path("projects/<slug:key>/stages/<slug:stage_key>/rounds/", api.StageRounds.as_view(), name="api-stage-rounds"),
    path("projects/<slug:key>/stages/<slug:stage_key>/go-back/", api.StageGoBack.as_view(), name="api-stage-go-back"),
]
