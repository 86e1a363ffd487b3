"""Stages with their tasks and exit questions."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.listing import Listing
from lifecycle.projects.api.finding import caller, find_project, find_question, find_task
from lifecycle.projects.api.serializers import (
    AnswerIn,
    AnswerOut,
    StageDetailOut,
    StageLineOut,
    StageOut,
    StagePatch,
    TaskIn,
    TaskOut,
)
from lifecycle.projects.models import ExitAnswer, Stage
from lifecycle.projects.selectors import stage_lines, stage_of, stage_read
from lifecycle.projects.services import answer_question, plan_stage, tick_task, untick_task


class StageList(Listing):
    """The present stages of a project, with what is done."""

    @extend_schema(operation_id="stages_list", responses=StageLineOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        return self.listed(stage_lines(find_project(request, key)), StageLineOut)


class StageOne(APIView):
    """One stage with its tasks, deliverables and questions."""

    @extend_schema(
        operation_id="stages_retrieve",
        parameters=[OpenApiParameter("iteration", int, description="A former iteration; the present one if left out")],
        responses=StageDetailOut,
    )
    def get(self, request: Request, key: str, stage_key: str) -> Response:
        named = request.query_params.get("iteration", "")
        stage = self._find(request, key, stage_key, int(named) if named.isdecimal() and len(named) < 5 else None)
        read = stage_read(stage)
        return Response(
            StageDetailOut(
                {
                    "stage": stage,
                    "tasks": read.tasks,
                    "deliverables": read.deliverables,
                    "questions": read.questions,
                    "dropped": read.dropped,
                    "missing": read.missing,
                    "iterations": [each.iteration for each in read.iterations],
                    "round": read.round_id,
                }
            ).data
        )

    @extend_schema(operation_id="stages_plan", request=StagePatch, responses=StageOut)
    def patch(self, request: Request, key: str, stage_key: str) -> Response:
        stage = self._find(request, key, stage_key, None)
        given = StagePatch(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(
            StageOut(plan_stage(actor=caller(request), stage=stage, due_on=given.validated_data["due_on"])).data
        )

    def _find(self, request: Request, key: str, stage_key: str, iteration: int | None) -> Stage:
        stage = stage_of(find_project(request, key), stage_key, iteration)
        if stage is None:
            raise Http404
        return stage


class AnswerList(Listing):
    """All versions of the answer to an exit question, newest first."""

    @extend_schema(operation_id="answers_list", responses=AnswerOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        question = find_question(request, pk)
        answers = ExitAnswer.objects.filter(question=question).select_related("author").order_by("-number")
        return self.listed(answers, AnswerOut)

    @extend_schema(operation_id="answers_create", request=AnswerIn, responses={201: AnswerOut})
    def post(self, request: Request, pk: int) -> Response:
        question = find_question(request, pk)
        given = AnswerIn(data=request.data)
        given.is_valid(raise_exception=True)
        answer = answer_question(
            actor=caller(request),
            question=question,
            text=given.validated_data["text"],
            expected_number=given.validated_data["expected_number"],
        )
        return Response(AnswerOut(answer).data, status=status.HTTP_201_CREATED)


class TaskOne(APIView):
    """One task."""

    @extend_schema(operation_id="tasks_tick", request=TaskIn, responses=TaskOut)
    def post(self, request: Request, pk: int) -> Response:
        task = find_task(request, pk)
        given = TaskIn(data=request.data)
        given.is_valid(raise_exception=True)
        deed = tick_task if given.validated_data["done"] else untick_task
        return Response(TaskOut(deed(actor=caller(request), task=task)).data)
