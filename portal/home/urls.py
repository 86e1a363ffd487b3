"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from portal.home import views

app_name = "home"
urlpatterns: list[URLPattern] = [
    path("", views.inbox, name="inbox"),
    path("waiting-count/", views.waiting_count, name="waiting_count"),
    path("search/", views.search, name="search"),
    path("components/", views.components, name="components"),
    path("projects/<slug:key>/", views.project, name="project"),
    path("projects/<slug:key>/trail/", views.trail, name="trail"),
]
api_urlpatterns: list[URLPattern] = []
