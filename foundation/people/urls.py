"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from foundation.people import api, factor_views, views

app_name = "people"
urlpatterns: list[URLPattern] = [
    path("profile/", views.profile, name="profile"),
    path("profile/tokens/", views.make_token, name="make_token"),
    path("profile/tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("profile/second-factor/", factor_views.second_factor, name="second_factor"),
    path("profile/second-factor/codes/", factor_views.renew_codes, name="renew_codes"),
    path("profile/second-factor/off/", factor_views.turn_off, name="turn_off_factor"),
    path("people/", views.people, name="people"),
    path("people/<int:person_id>/", views.person, name="person"),
    path("people/<int:person_id>/second-factor/off/", factor_views.turn_off_lost, name="turn_off_lost_factor"),
    re_path(r"^people/(?P<person_id>\d+)/(?P<deed>deactivate|reactivate|invite-again)/$", views.access, name="access"),
]
api_urlpatterns: list[URLPattern] = [
    path("tokens/", api.Tokens.as_view(), name="api-tokens"),
    path("tokens/<int:token_id>/", api.Token.as_view(), name="api-token"),
]
