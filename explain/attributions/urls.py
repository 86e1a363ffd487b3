"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from explain.attributions import api, views
from explain.attributions.contradictions import api as contradictions_api
from explain.attributions.contradictions import views as contradictions
from explain.attributions.what_if import api as what_if_api
from explain.attributions.what_if import views as what_if

app_name = "attributions"
urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/explanations/new/", views.new, name="new"),
    path("projects/<slug:key>/explanations/compare/", views.compare, name="compare"),
    path(
        "projects/<slug:key>/explanations/<int:pk>/explanation.<str:ending>",
        views.paper,
        name="paper",
    ),
    path("projects/<slug:key>/explanations/<int:pk>/charts/", views.charts, name="charts"),
    path("projects/<slug:key>/explanations/<int:pk>/", views.explanation, name="explanation"),
    path("projects/<slug:key>/explanations/<int:pk>/against/", contradictions.explain, name="contradictions"),
    path("projects/<slug:key>/explanations/<int:pk>/what-if/", what_if.ask, name="what_if"),
    path(
        "projects/<slug:key>/explanations/<int:pk>/what-if/<int:number>/",
        what_if.answer,
        name="what_if_answer",
    ),
]
api_urlpatterns: list[URLPattern] = [
    path(
        "projects/<slug:key>/explanations/<int:pk>/files/<str:ending>/",
        api.ExplanationFile.as_view(),
        name="api-explanation-file",
    ),
    path("projects/<slug:key>/explanations/", api.Explanations.as_view(), name="api-explanations"),
    path("projects/<slug:key>/explanations/<int:pk>/", api.OneExplanation.as_view(), name="api-explanation"),
    path(
        "projects/<slug:key>/explanations/<int:pk>/closer/",
        api.CloserLooks.as_view(),
        name="api-explanation-closer",
    ),
    path(
        "projects/<slug:key>/explanations/<int:pk>/rows/<int:row>/",
        api.ExplainedRow.as_view(),
        name="api-explanation-row",
    ),
    path(
        "projects/<slug:key>/explanations/<int:pk>/contradictions/",
        contradictions_api.Contradictions.as_view(),
        name="api-contradictions",
    ),
    path(
        "projects/<slug:key>/explanations/<int:pk>/what-if/",
        what_if_api.WhatIfs.as_view(),
        name="api-what-ifs",
    ),
    path(
        "projects/<slug:key>/explanations/<int:pk>/what-if/<int:number>/",
        what_if_api.OneWhatIf.as_view(),
        name="api-what-if",
    ),
]
