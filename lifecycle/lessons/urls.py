"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`. Before those of single post-mortems."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.lessons.themes import api as themes_api
from lifecycle.lessons.themes import views as themes

app_name = "lessons"
urlpatterns: list[URLPattern] = [
    path("post-mortems/themes/", themes.themes, name="themes"),
]
api_urlpatterns: list[URLPattern] = [
    path("post-mortem-themes/", themes_api.ThemesDetail.as_view(), name="api-themes"),
]
