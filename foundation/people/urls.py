"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from foundation.people import api, views

app_name = "people"
urlpatterns: list[URLPattern] = [
    path("profile/", views.profile, name="profile"),
    path("profile/tokens/", views.make_token, name="make_token"),
    path("profile/tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("people/", views.people, name="people"),
    path("people/<int:person_id>/", views.person, name="person"),
    re_path(r"^people/(?P<person_id>\d+)/(?P<deed>deactivate|reactivate|invite-again)/$", views.access, name="access"),
]
api_urlpatterns: list[URLPattern] = [
    path("tokens/", api.Tokens.as_view(), name="api-tokens"),
    path("tokens/<int:token_id>/", api.Token.as_view(), name="api-token"),
]
