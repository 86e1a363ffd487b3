"""REST of policies."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.listing import Listing
from lifecycle.projects.api.finding import caller
from lifecycle.projects.models import Project
from lifecycle.signoff import policy
from lifecycle.signoff.api.serializers import second_factor_code
from lifecycle.signoff.models import PolicyVersion
from lifecycle.signoff.policy_words import said_lines
from lifecycle.signoff.services.policies import change_policy, newest_version


class PolicyRuleOut(serializers.Serializer[Any]):
    """A rule in words."""

    rule = serializers.CharField()
    words = serializers.CharField()


class PolicyOut(serializers.Serializer[Any]):
    """The policy of a risk tier. `number` 0 is the shipped one; times are in working days, `months` in months."""

    tier = serializers.ChoiceField(choices=Project.Risk.choices)
    number = serializers.IntegerField()
    content = serializers.JSONField()
    in_words = PolicyRuleOut(many=True)
    reason = serializers.CharField()
    by = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)


class PolicyIn(serializers.Serializer[Any]):
    """A new version: the whole content, and the number of the one that was read."""

    content = serializers.JSONField()
    reason = serializers.CharField(max_length=2000)
    password = serializers.CharField(trim_whitespace=False, max_length=4096, write_only=True)
    code = second_factor_code()
    expected_number = serializers.IntegerField(min_value=0)


def _shown(tier: str, version: PolicyVersion | None) -> dict[str, Any]:
    content = version.content if version else policy.shipped_policy(tier)
    return {
        "tier": tier,
        "number": version.number if version else 0,
        "content": content,
        "in_words": [{"rule": rule, "words": words} for rule, words in said_lines(content)],
        "reason": version.reason if version else "",
        "by": version.by.name if version else "",
        "at": version.at if version else None,
    }


def _demand_tier(tier: str) -> None:
    if tier not in Project.Risk.values:
        raise Http404


class PolicyList(Listing):
    """The policies of all risk tiers."""

    @extend_schema(operation_id="policies_list", summary="List policies", responses=PolicyOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed([_shown(tier, newest_version(tier)) for tier in Project.Risk.values], PolicyOut)


class PolicyOne(APIView):
    """The policy of a risk tier."""

    @extend_schema(operation_id="policies_retrieve", summary="Read a policy", responses=PolicyOut)
    def get(self, request: Request, tier: str) -> Response:
        _demand_tier(tier)
        return Response(PolicyOut(_shown(tier, newest_version(tier))).data)

    @extend_schema(operation_id="policies_change", summary="Change a policy", request=PolicyIn, responses=PolicyOut)
    def put(self, request: Request, tier: str) -> Response:
        _demand_tier(tier)
        given = PolicyIn(data=request.data)
        given.is_valid(raise_exception=True)
        version = change_policy(actor=caller(request), tier=tier, **given.validated_data)
        return Response(PolicyOut(_shown(tier, version)).data)


class PolicyVersionList(Listing):
    """Versions of the policy of a risk tier, the newest first."""

    @extend_schema(
        operation_id="policies_versions", summary="List versions of a policy", responses=PolicyOut(many=True)
    )
    def get(self, request: Request, tier: str) -> Response:
        _demand_tier(tier)
        rows = PolicyVersion.objects.filter(tier=tier).select_related("by")
        return self.listed([_shown(tier, row) for row in rows], PolicyOut)
