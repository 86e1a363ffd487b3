"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.methodologies import api, views

app_name = "methodologies"
urlpatterns: list[URLPattern] = [
    path("methodologies/", views.list_, name="list"),
    path("methodologies/<slug:key>/<int:number>/", views.methodology, name="methodology"),
]
api_urlpatterns: list[URLPattern] = [
    path("methodologies/", api.MethodologyList.as_view(), name="api-methodologies"),
    path("methodologies/<slug:key>/<int:number>/", api.MethodologyOne.as_view(), name="api-methodology"),
]
