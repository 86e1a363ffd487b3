"""Addresses of conditions, reminders and triggers."""

from __future__ import annotations

from django.urls import URLPattern, path

from lifecycle.signoff.api import conditions as condition_api
from lifecycle.signoff.api import timers as timer_api
from lifecycle.signoff.permits.conditions import DEEDS
from lifecycle.signoff.views import conditions as condition_views

urlpatterns: list[URLPattern] = [
    path("projects/<slug:key>/conditions/", condition_views.project_conditions, name="conditions"),
    path("conditions/<int:condition_id>/", condition_views.show_condition, name="condition"),
    *(
        path(
            f"conditions/<int:condition_id>/{deed.replace('_', '-')}/",
            condition_views.act_on_condition,
            {"deed": deed},
            name=f"{deed}_condition",
        )
        for deed in DEEDS
    ),
    path("rounds/<int:round_id>/remind/", condition_views.remind_deciders, name="remind"),
]
api_urlpatterns: list[URLPattern] = [
    path("conditions/", condition_api.ConditionList.as_view(), name="api-conditions"),
    path("conditions/<int:condition_id>/", condition_api.ConditionDetail.as_view(), name="api-condition"),
    path("conditions/<int:condition_id>/claim/", condition_api.ConditionClaim.as_view(), name="api-condition-claim"),
    path(
        "conditions/<int:condition_id>/send-back/",
        condition_api.ConditionSendBack.as_view(),
        name="api-condition-send-back",
    ),
    path("conditions/<int:condition_id>/verify/", condition_api.ConditionVerify.as_view(), name="api-condition-verify"),
    path("conditions/<int:condition_id>/move/", condition_api.ConditionMove.as_view(), name="api-condition-move"),
    path("conditions/<int:condition_id>/drop/", condition_api.ConditionDrop.as_view(), name="api-condition-drop"),
    path("rounds/<int:round_id>/remind/", timer_api.RoundReminder.as_view(), name="api-round-remind"),
    path("projects/<slug:key>/triggers/", timer_api.ProjectTriggers.as_view(), name="api-project-triggers"),
]
