"""REST of the gate: may this model version go to that environment?"""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.register import selectors, services
from explain.register.gate import ENVIRONMENTS
from explain.register.models import GateAsk, ModelVersion
from foundation.people.models import ApiToken
from foundation.web.refused import Refused
from foundation.web.views import signed_in


class GateQuestion(serializers.Serializer[Any]):
    """The environment, and one way to name the version: `model_version`; `project` with `version`; or `sha256`."""

    environment = serializers.CharField(max_length=60)
    model_version = serializers.IntegerField(required=False, min_value=1, max_value=2**62)
    project = serializers.CharField(required=False, max_length=40)
    model = serializers.CharField(required=False, max_length=120)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    sha256 = serializers.RegexField(r"^[0-9A-Fa-f]{64}$", required=False)


class GateReason(serializers.Serializer[Any]):
    """One thing that stands against it."""

    code = serializers.CharField()
    message = serializers.CharField()


class GateApproval(serializers.Serializer[Any]):
    """A stage that must be approved, and the round that decided it last."""

    stage = serializers.CharField()
    name = serializers.CharField()
    round = serializers.IntegerField(allow_null=True)
    state = serializers.CharField(allow_blank=True)
    digest = serializers.CharField(allow_blank=True)


class GateAnswer(serializers.ModelSerializer[GateAsk]):
    """The answer as of `asked_at`. It is asked again at each deployment: what is allowed now may be denied tomorrow."""

    allow = serializers.BooleanField(source="allowed", read_only=True)
    reasons = GateReason(many=True, read_only=True)
    approvals = GateApproval(many=True, read_only=True)
    project = serializers.CharField(source="project.key", read_only=True)
    model = serializers.CharField(source="model_version.name", read_only=True)
    version = serializers.IntegerField(source="model_version.number", read_only=True)

    class Meta:
        model = GateAsk
        fields = (
            "id", "allow", "reasons", "environment", "project", "model", "version", "model_version", "sha256",
            "approvals", "asked_at",
        )  # fmt: skip
        read_only_fields = fields


class Gate(APIView):
    """The gate that a pipeline asks before it deploys a model."""

    @extend_schema(
        operation_id="gate_ask",
        parameters=[
            OpenApiParameter("environment", str, required=True, enum=ENVIRONMENTS),
            OpenApiParameter("model_version", int, description="`id` of the version"),
            OpenApiParameter("project", str, description="Key of the project, with `version`"),
            OpenApiParameter("model", str, description="Name of the model, checked where it is given"),
            OpenApiParameter("version", int, description="`number` of the version in its project"),
            OpenApiParameter(
                "sha256", str, description="Of the model's file, 64 hex digits; or as a check beside another name"
            ),
        ],
        responses=GateAnswer,
    )
    def get(self, request: Request) -> Response:
        """Allow or deny, with all reasons; both are 200. Every question is kept and shown on the model's page."""
        given = GateQuestion(data=request.query_params)
        given.is_valid(raise_exception=True)
        token = request.auth
        asked = services.ask_gate(
            actor=signed_in(request._request),
            version=_version(request, given.validated_data),
            environment=given.validated_data["environment"],
            asked_with=token.name if isinstance(token, ApiToken) else "",
        )
        return Response(GateAnswer(asked).data, headers={"Cache-Control": "no-store"})


def _version(request: Request, given: dict[str, Any]) -> ModelVersion:
    """The version that the question names, 404 unless the person may see it.

    All that is given must fit one version. Raises Refused: model_not_named, model_ambiguous.
    """
    if not ("model_version" in given or "sha256" in given or ("project" in given and "version" in given)):
        raise Refused(
            "Say which model: model_version (its id), project and version (its number), or sha256 (of its file).",
            code="model_not_named",
            status=400,
            field="model_version",
        )
    names = {"model_version": "pk", "project": "project__key", "model": "name", "version": "number"}
    found = selectors.versions_seen_by(signed_in(request._request)).filter(
        **{lookup: given[name] for name, lookup in names.items() if name in given}
    )
    if "sha256" in given:
        found = found.filter(sha256=given["sha256"].lower())
    versions = list(found)
    if not versions:
        raise Http404
    if len({version.project_id for version in versions}) > 1:
        raise Refused(
            "The same file is registered in several projects. Name the project too.",
            code="model_ambiguous",
            status=400,
            field="project",
        )
    # The same bytes uploaded twice are the same model: the accepted upload speaks for both.
    accepted = [version for version in versions if version.state == ModelVersion.State.ACCEPTED]
    return (accepted or versions)[0]
