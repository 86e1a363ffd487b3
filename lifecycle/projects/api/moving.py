"""Moving a project to a newer version of its methodology."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.refused import Refused
from lifecycle.projects.api.finding import caller, find_project
from lifecycle.projects.models import Project
from lifecycle.projects.moving import Plan
from lifecycle.projects.services import move_methodology, newer_version, preview_move


class MovedStageOut(serializers.Serializer[Any]):
    """What happens to one stage. `action`: keep, add, remove or retire; `was`, `state`: before and after."""

    key = serializers.CharField()
    name = serializers.CharField()
    action = serializers.CharField()
    was = serializers.CharField(allow_blank=True)
    state = serializers.CharField()
    changes = serializers.ListField(child=serializers.CharField(), help_text="What the new version says differently")
    effects = serializers.ListField(child=serializers.CharField(), help_text="What it does to work and decisions")
    ends_approval = serializers.BooleanField()


class MethodologyMoveOut(serializers.Serializer[Any]):
    """A move: what it would do, or what it did. `against`: sentences of what stands against it now."""

    methodology = serializers.CharField(help_text="Key")
    number = serializers.IntegerField(help_text="Version to which the project moves")
    stages = MovedStageOut(many=True)
    against = serializers.ListField(child=serializers.CharField())


class MethodologyMoveIn(serializers.Serializer[Any]):
    """The version (the newest that is offered if left out), and why."""

    number = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=2_147_483_647
    )
    reason = serializers.CharField()


class MethodologyMove(APIView):
    """What a move to a newer version would do, and the move."""

    @extend_schema(
        operation_id="projects_methodology_preview",
        parameters=[OpenApiParameter("to", int, description="Version; the newest that is offered if left out")],
        responses=MethodologyMoveOut,
    )
    def get(self, request: Request, key: str) -> Response:
        project = find_project(request, key)
        named = request.query_params.get("to", "")
        if named and not (named.isdecimal() and len(named) < 10):
            raise Refused("Name the version by its number.", code="invalid", status=400, field="to")
        target = newer_version(project, int(named) if named else None)
        return Response(_shown(preview_move(project, target), project, target.number))

    @extend_schema(operation_id="projects_methodology_move", request=MethodologyMoveIn, responses=MethodologyMoveOut)
    def post(self, request: Request, key: str) -> Response:
        project = find_project(request, key)
        given = MethodologyMoveIn(data=request.data)
        given.is_valid(raise_exception=True)
        plan = move_methodology(actor=caller(request), project=project, **given.validated_data)
        now = find_project(request, key)
        return Response(_shown(plan, now, now.methodology.number))


def _shown(plan: Plan, project: Project, number: int) -> Any:
    return MethodologyMoveOut(
        {
            "methodology": project.methodology.key,
            "number": number,
            "stages": [
                {
                    "key": stage.key,
                    "name": stage.name,
                    "action": stage.action,
                    "was": stage.was,
                    "state": stage.state,
                    "changes": [change.sentence for change in stage.changes],
                    "effects": stage.effects,
                    "ends_approval": stage.ends_approval,
                }
                for stage in plan.stages
            ],
            "against": [sentence for _, sentence in plan.blockers],
        }
    ).data
