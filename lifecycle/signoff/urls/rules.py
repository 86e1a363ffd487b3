"""Addresses of policies, exceptions and advice; `urls` takes them in."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.signoff.api import feedback as feedback_api
from lifecycle.signoff.api import policies as policies_api
from lifecycle.signoff.api import waivers as waivers_api
from lifecycle.signoff.views import exceptions, feedback, policies

urlpatterns: list[URLPattern] = [
    path("policies/", policies.list_, name="policies"),
    path("policies/<slug:tier>/", policies.show, name="policy"),
    path("policies/<slug:tier>/change/", policies.change, name="policy_change"),
    path("exceptions/", exceptions.report, name="exceptions_report"),
    path("exceptions/download/", exceptions.download, name="exceptions_download"),
    path("projects/<slug:key>/exceptions/", exceptions.of_project, name="exceptions"),
    path("exceptions/<int:waiver_id>/end/", exceptions.end, name="end_waiver"),
    path("rounds/<int:round_id>/feedback/", feedback.give, name="give_feedback"),
    path("feedback/<int:feedback_id>/settle/", feedback.settle, name="settle_feedback"),
]
api_urlpatterns: list[URLPattern] = [
    path("policies/", policies_api.PolicyList.as_view(), name="api-policies"),
    path("policies/<slug:tier>/", policies_api.PolicyOne.as_view(), name="api-policy"),
    path("policies/<slug:tier>/versions/", policies_api.PolicyVersionList.as_view(), name="api-policy-versions"),
    path("exceptions/", waivers_api.DeviationList.as_view(), name="api-exceptions"),
    path("projects/<slug:key>/waivers/", waivers_api.ProjectWaivers.as_view(), name="api-waivers"),
    path("waivers/<int:waiver_id>/end/", waivers_api.WaiverEnd.as_view(), name="api-waiver-end"),
    path("rounds/<int:round_id>/feedback/", feedback_api.RoundFeedback.as_view(), name="api-feedback"),
    path("feedback/<int:feedback_id>/settle/", feedback_api.FeedbackSettlement.as_view(), name="api-feedback-settle"),
]
