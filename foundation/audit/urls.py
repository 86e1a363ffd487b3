"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from foundation.audit import api, views

app_name = "audit"
urlpatterns: list[URLPattern] = [path("audit/", views.trail, name="trail")]
api_urlpatterns: list[URLPattern] = [path("audit/", api.Entries.as_view(), name="api-audit")]
