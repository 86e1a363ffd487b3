"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from explain.attributions import api, views

app_name = "attributions"
urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/explanations/new/", views.new, name="new"),
    path("projects/<slug:key>/explanations/<int:pk>/", views.explanation, name="explanation"),
]
api_urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/explanations/", api.Explanations.as_view(), name="api-explanations"),
    path("projects/<slug:key>/explanations/<int:pk>/", api.OneExplanation.as_view(), name="api-explanation"),
    path(
        "projects/<slug:key>/explanations/<int:pk>/rows/<int:row>/",
        api.ExplainedRow.as_view(),
        name="api-explanation-row",
    ),
]
