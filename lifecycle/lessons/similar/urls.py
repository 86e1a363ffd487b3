"""Addresses of similar cases; before those of post-mortems, which take any word behind a reference."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.lessons.similar import api, views

app_name = "similar"
urlpatterns: list[URLPattern] = [
    path("post-mortems/<str:reference>/similar/", views.say, name="say"),
]
api_urlpatterns: list[URLPattern] = [
    path("post-mortems/<str:reference>/similar/", api.Similar.as_view(), name="api-similar"),
]
