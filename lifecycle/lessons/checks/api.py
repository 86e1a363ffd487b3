"""REST of checks."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.lessons.checks import services
from lifecycle.lessons.checks.selectors import Way, checks_for, ways
from lifecycle.lessons.checks.services import LONG_LIMIT, TEXT_LIMIT
from lifecycle.lessons.checks.views import question_or_none
from lifecycle.lessons.models import Catch, LessonCheck
from lifecycle.postmortems.api.shapes import found_or_404, given, person
from lifecycle.postmortems.models import Lesson


class CatchRow(serializers.ModelSerializer[Catch]):
    """What a check caught."""

    by = serializers.CharField(source="by.name")

    class Meta:
        model = Catch
        fields = ["text", "by", "at"]


class MetRow(serializers.Serializer[Any]):
    """A project that met the check. `question`: the exit question there."""

    project = serializers.CharField(source="project.key")
    stage = serializers.CharField(source="question.stage.key")
    question = serializers.IntegerField(source="question.pk")
    is_answered = serializers.BooleanField()
    is_decided = serializers.BooleanField()
    catches = CatchRow(many=True)


class WayOut(serializers.Serializer[Way]):
    """The way of a lesson. `case` is null for a case that you may not see. Counts are of all projects, `met` of those
    that you may see."""

    id = serializers.IntegerField(source="check.pk")
    case = serializers.CharField(source="case.reference", default=None, allow_null=True)
    text = serializers.CharField(source="check.text")
    methodology = serializers.CharField(source="check.methodology_key")
    phase = serializers.CharField(source="check.phase_key")
    question_key = serializers.CharField(source="check.question_key")
    state = serializers.CharField(source="check.state")
    reason = serializers.CharField(source="check.reason")
    since_version = serializers.IntegerField(source="check.methodology.number", default=None, allow_null=True)
    ahead = serializers.IntegerField()
    met_count = serializers.IntegerField()
    answered = serializers.IntegerField()
    decided = serializers.IntegerField()
    caught = serializers.IntegerField()
    readers = serializers.IntegerField(source="reached.people")
    readers_projects = serializers.IntegerField(source="reached.projects")
    met = MetRow(many=True)


class ProposalAsked(serializers.Serializer[Any]):
    """A check to propose: from a lesson (its id) or from a factor (its key)."""

    lesson = serializers.IntegerField(required=False, allow_null=True, default=None)
    factor = serializers.CharField(max_length=60, default="", allow_blank=True)
    methodology = serializers.CharField(max_length=60)
    phase = serializers.CharField(max_length=60)
    text = serializers.CharField(max_length=TEXT_LIMIT)


class DeedAsked(serializers.Serializer[Any]):
    """`reason`: why it is declined. `copy_key`: the own methodology, where the check was proposed for a shipped one."""

    reason = serializers.CharField(max_length=LONG_LIMIT, default="", allow_blank=True)
    copy_key = serializers.CharField(max_length=60, default="", allow_blank=True)


class CatchAsked(serializers.Serializer[Any]):
    """What it caught, and at which exit question."""

    question = serializers.IntegerField()
    text = serializers.CharField(max_length=LONG_LIMIT)


class Checks(GenericAPIView[LessonCheck]):
    """The way of each lesson."""

    serializer_class = WayOut  # type: ignore[assignment]
    queryset = LessonCheck.objects.none()

    @extend_schema(
        operation_id="lesson_checks_list", parameters=[OpenApiParameter("state", str)], responses=WayOut(many=True)
    )
    def get(self, request: Request) -> Response:
        """From the case to what it caught, the newest first; narrowed by state."""
        found = checks_for(person(request))
        if state := request.query_params.get("state", ""):
            found = found.filter(state=state)
        page = self.paginate_queryset(found) or []
        rows: Any = ways(person(request), page)
        return self.get_paginated_response(WayOut(rows, many=True).data)


class CheckDetail(APIView):
    """One check."""

    @extend_schema(operation_id="lesson_checks_read", responses=WayOut)
    def get(self, request: Request, check_id: int) -> Response:
        """Its way until now."""
        return shown(request, check_id)


class Proposals(APIView):
    """Checks of a case."""

    @extend_schema(operation_id="lesson_checks_propose", request=ProposalAsked, responses={201: WayOut})
    def post(self, request: Request, reference: str) -> Response:
        """Propose a check from a lesson or a factor of a published case."""
        case = found_or_404(request, reference)
        asked = given(ProposalAsked(data=request.data))
        lesson = None
        if asked["lesson"] is not None:
            lesson = Lesson.objects.filter(pk=asked["lesson"], postmortem=case).first()
            if lesson is None:
                raise Http404
        made = services.propose_check(
            actor=person(request),
            case=case,
            methodology_key=asked["methodology"],
            phase_key=asked["phase"],
            text=asked["text"],
            lesson=lesson,
            factor_node=asked["factor"],
        )
        return shown(request, made.pk, status.HTTP_201_CREATED)


class CheckDeeds(APIView):
    """A decision on a check."""

    deed = "accept"

    @extend_schema(request=DeedAsked, responses=WayOut)
    def post(self, request: Request, check_id: int) -> Response:
        """By somebody else than who proposed it; a decline needs a reason."""
        found, actor = find(request, check_id), person(request)
        asked = given(DeedAsked(data=request.data))
        match self.deed:
            case "accept":
                services.accept_check(actor=actor, check=found, copy_key=asked["copy_key"])
            case "decline":
                services.decline_check(actor=actor, check=found, reason=asked["reason"])
            case _:
                services.put_check_back(actor=actor, check=found)
        return shown(request, check_id)


class Catches(APIView):
    """What a check caught."""

    @extend_schema(operation_id="lesson_checks_catch", request=CatchAsked, responses={201: WayOut})
    def post(self, request: Request, check_id: int) -> Response:
        """Written once, at an exit question of a project that you may see."""
        found = find(request, check_id)
        asked = given(CatchAsked(data=request.data))
        question = question_or_none(person(request), asked["question"])
        if question is None:
            raise Http404
        services.tell_catch(actor=person(request), check=found, question=question, text=asked["text"])
        return shown(request, check_id, status.HTTP_201_CREATED)


def find(request: Request, check_id: int) -> LessonCheck:
    """The check, or 404."""
    found = checks_for(person(request)).filter(pk=check_id).first()
    if found is None:
        raise Http404
    return found


def shown(request: Request, check_id: int, code: int = status.HTTP_200_OK) -> Response:
    """The check with its way as it is now."""
    (way,) = ways(person(request), [find(request, check_id)])
    return Response(WayOut(way).data, status=code)
