"""Addresses of the room: pages in `urlpatterns`, REST in `api_urlpatterns`."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.methodologies import api, views

app_name = "methodologies"
_version = "methodologies/<slug:key>/<int:number>/"
_draft = "methodologies/drafts/<slug:key>/"
urlpatterns: list[URLPattern] = [
    path("methodologies/", views.list_, name="list"),
    path("methodologies/new/", views.new, name="new"),
    path(_draft, views.draft, name="draft"),
    path(f"{_draft}publish/", views.publish, name="publish"),
    path(f"{_draft}discard/", views.discard, name="discard"),
    path(_version, views.methodology, name="methodology"),
    path(f"{_version}source/", views.source, name="source"),
    path(f"{_version}difference/", views.compare, name="compare"),
    path(f"{_version}retire/", views.retire_, name="retire"),
    path(f"{_version}offer/", views.offer, name="offer"),
]
_api_draft = "methodology-drafts/<slug:key>/"
api_urlpatterns: list[URLPattern] = [
    path("methodologies/", api.MethodologyList.as_view(), name="api-methodologies"),
    path("methodologies/check/", api.MethodologyCheck.as_view(), name="api-methodology-check"),
    path(_version, api.MethodologyOne.as_view(), name="api-methodology"),
    path(f"{_version}difference/", api.MethodologyDifference.as_view(), name="api-methodology-difference"),
    path(f"{_version}retire/", api.MethodologyRetire.as_view(), name="api-methodology-retire"),
    path(f"{_version}offer/", api.MethodologyOffer.as_view(), name="api-methodology-offer"),
    path("methodology-drafts/", api.DraftList.as_view(), name="api-methodology-drafts"),
    path(_api_draft, api.DraftOne.as_view(), name="api-methodology-draft"),
    path(f"{_api_draft}publish/", api.DraftPublish.as_view(), name="api-methodology-publish"),
]
