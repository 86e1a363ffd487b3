"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from foundation.notices import api, views

app_name = "notices"
urlpatterns: list[URLPattern] = [
    path("notices/", views.notices, name="notices"),
    path("notices/mail/", views.mail, name="mail"),
    path("notices/read/", views.read_all, name="read_all"),
    path("notices/<int:notice_id>/open/", views.open_notice, name="open"),
]
api_urlpatterns: list[URLPattern] = [
    path("notices/", api.Notices.as_view(), name="api-notices"),
    path("notices/mail/", api.Deliveries.as_view(), name="api-deliveries"),
    path("notices/wish/", api.Wish.as_view(), name="api-mail-wish"),
    path("notices/<int:notice_id>/read/", api.ReadNotice.as_view(), name="api-notice-read"),
]
