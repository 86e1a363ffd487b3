"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from explain.register import api, views

app_name = "register"
urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/models/", views.models, name="models"),
    path("projects/<slug:key>/models/<int:number>/", views.model, name="model"),
    path("projects/<slug:key>/data/", views.data, name="data"),
    path("projects/<slug:key>/features/", views.features, name="features"),
    path("projects/<slug:key>/features.csv", views.features_csv, name="features_csv"),
]
api_urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/models/", api.Models.as_view(), name="api-models"),
    path("projects/<slug:key>/models/<int:number>/", api.Model.as_view(), name="api-model"),
    path("projects/<slug:key>/data-sets/", api.DataSets.as_view(), name="api-data-sets"),
    path("projects/<slug:key>/data-sets/<int:number>/", api.OneDataSet.as_view(), name="api-data-set"),
    path("projects/<slug:key>/features/", api.Features.as_view(), name="api-features"),
    path("gate/", api.Gate.as_view(), name="api-gate"),
]
