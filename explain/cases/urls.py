"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from explain.cases import api, views

app_name = "cases"
urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/case/", views.case, name="case"),
    path("projects/<slug:key>/case/parts/<slug:name>/", views.part, name="part"),
    path("projects/<slug:key>/case/put-forward/", views.put_forward, name="put_forward"),
    path("projects/<slug:key>/case/what-if/", views.what_if, name="what_if"),
    path("projects/<slug:key>/case/scenarios/", views.scenarios, name="scenarios"),
    path("projects/<slug:key>/case/scenarios/<int:scenario_id>/drop/", views.drop_scenario, name="drop_scenario"),
    path("projects/<slug:key>/case/promise/", views.promise, name="promise"),
    path("projects/<slug:key>/case/plan/", views.take_over, name="take_over"),
]
api_urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/case/", api.Case.as_view(), name="api-case"),
    path("projects/<slug:key>/case/versions/<int:number>/", api.CaseOfNumber.as_view(), name="api-case-version"),
    path("projects/<slug:key>/case/put-forward/", api.PutForward.as_view(), name="api-case-put-forward"),
    path("projects/<slug:key>/case/what-if/", api.WhatIf.as_view(), name="api-case-what-if"),
    path("projects/<slug:key>/case/scenarios/", api.Scenarios.as_view(), name="api-case-scenarios"),
    path("projects/<slug:key>/case/scenarios/<int:scenario_id>/", api.OneScenario.as_view(), name="api-case-scenario"),
    path("projects/<slug:key>/case/promise/", api.PromiseView.as_view(), name="api-case-promise"),
    path("projects/<slug:key>/case/plan/", api.TakeOver.as_view(), name="api-case-plan"),
]
