"""Addresses of offers."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.lessons.offers import api, views

app_name = "offers"
urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/case-offers/<int:offer_id>/", views.answer, name="answer"),
]
api_urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/case-offers/", api.Offers.as_view(), name="api-case-offers"),
    path("projects/<slug:key>/case-offers/<int:offer_id>/", api.OfferAnswer.as_view(), name="api-case-offer"),
]
