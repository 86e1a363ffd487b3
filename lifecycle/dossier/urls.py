"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.dossier import api, views

app_name = "dossier"
urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/dossier/", views.dossier, name="dossier"),
    path("rounds/<int:round_id>/record.pdf", views.round_record, name="round_record"),
]
api_urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/dossier/", api.Dossiers.as_view(), name="api-dossiers"),
    path("rounds/<int:round_id>/record/", api.RoundRecord.as_view(), name="api-round-record"),
]
