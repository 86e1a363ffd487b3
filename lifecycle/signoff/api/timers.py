"""REST of what time and triggers do: asking deciders again, and reports of a pipeline or a monitoring system."""

from __future__ import annotations

from typing import Any, cast

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.people.models import User
from lifecycle.projects.models import Project
from lifecycle.signoff.api.serializers import RoundOut
from lifecycle.signoff.models import Round
from lifecycle.signoff.services.asking_again import remind
from lifecycle.signoff.services.expiry import REASON_LIMIT, may_report, report_trigger
from lifecycle.signoff.triggers import SEVERITIES, TRIGGERS


class RemindedOut(serializers.Serializer[Any]):
    """Names of those who were asked again."""

    asked_again = serializers.ListField(child=serializers.CharField())


class TriggerOut(serializers.Serializer[Any]):
    """A cause that can end approvals. `reported`: a pipeline may report it; the portal finds the others itself."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field by this name, not the label of this one
    sentence = serializers.CharField()
    reported = serializers.BooleanField()


class TriggersOut(serializers.Serializer[Any]):
    """All triggers, and whether the caller may report."""

    may_report = serializers.BooleanField()
    triggers = TriggerOut(many=True)


class TriggerIn(serializers.Serializer[Any]):
    """What happened to the model: `drift_above_limit` or `rollback`, how it showed, and how severe the alert was."""

    trigger = serializers.ChoiceField(choices=[(each.name, each.label) for each in TRIGGERS.values() if each.reported])
    reason = serializers.CharField(max_length=REASON_LIMIT)
    severity = serializers.ChoiceField(choices=SEVERITIES, required=False, default="", allow_blank=True)


class TriggeredOut(serializers.Serializer[Any]):
    """The approvals that ended by it: those whose policy lists the trigger."""

    ended = RoundOut(many=True)


def _person(request: Request) -> User:
    return cast(User, request.user)


def _project(request: Request, key: str) -> Project:
    project: Project = get_object_or_404(Project.objects.visible_to(_person(request)), key=key)
    return project


class RoundReminder(APIView):
    """Asking again."""

    @extend_schema(operation_id="rounds_remind", summary="Ask the deciders again", request=None, responses=RemindedOut)
    def post(self, request: Request, round_id: int) -> Response:
        person = _person(request)
        get_object_or_404(Round.objects.visible_to(person).only("pk"), pk=round_id)
        people = remind(actor=person, round_id=round_id)
        return Response({"asked_again": [each.name for each in people]})


class ProjectTriggers(APIView):
    """Triggers of a project."""

    @extend_schema(operation_id="triggers_list", summary="What ends approvals before their time", responses=TriggersOut)
    def get(self, request: Request, key: str) -> Response:
        project = _project(request, key)
        return Response(
            TriggersOut(
                {"may_report": bool(may_report(_person(request), project)), "triggers": list(TRIGGERS.values())}
            ).data
        )

    @extend_schema(
        operation_id="triggers_report",
        summary="Report a drift or a rollback",
        request=TriggerIn,
        responses={201: TriggeredOut},
    )
    def post(self, request: Request, key: str) -> Response:
        project = _project(request, key)
        given = TriggerIn(data=request.data)
        given.is_valid(raise_exception=True)
        ended = report_trigger(actor=_person(request), project=project, **given.validated_data)
        return Response({"ended": RoundOut(ended, many=True).data}, status=201)
