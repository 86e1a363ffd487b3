"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from lifecycle.signoff.urls import conditions, rounds, rules

app_name = "signoff"
urlpatterns = [*rounds.urlpatterns, *rules.urlpatterns, *conditions.urlpatterns]
api_urlpatterns = [*rounds.api_urlpatterns, *rules.api_urlpatterns, *conditions.api_urlpatterns]
