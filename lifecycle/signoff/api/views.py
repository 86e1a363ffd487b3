"""REST of sign-off: find, ask, answer. Refusals become errors with stable codes by themselves."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.people.models import User
from foundation.web.refused import Verdict
from lifecycle.projects.models import Project, Stage
from lifecycle.signoff import selectors, services
from lifecycle.signoff.api.serializers import (
    DecisionIn,
    DecisionOut,
    GoBackIn,
    ReturnOut,
    RoundDetailOut,
    RoundOut,
    SignedDecisionOut,
    SubmitIn,
    TakeBackIn,
    WithdrawIn,
)
from lifecycle.signoff.models import Decision, Round
from lifecycle.signoff.signing import signature_json


def _person(request: Request) -> User:
    return cast(User, request.user)


def _stage(person: User, key: str, stage_key: str) -> Stage:
    project = get_object_or_404(Project.objects.visible_to(person), key=key)
    return get_object_or_404(Stage.objects.select_related("project"), project=project, key=stage_key, is_current=True)


def _demand_visible(person: User, round_id: int) -> None:
    get_object_or_404(Round.objects.visible_to(person).only("pk"), pk=round_id)


class RoundList(generics.ListAPIView[Round]):
    """Rounds that the caller may read, newest first."""

    serializer_class = RoundOut
    queryset = Round.objects.none()

    @extend_schema(
        operation_id="rounds_list",
        summary="List rounds of sign-off",
        parameters=[
            OpenApiParameter("project", str, description="Key of a project"),
            OpenApiParameter("state", str, enum=[str(state) for state in Round.State.values]),
            OpenApiParameter("waiting", str, enum=["mine"], description="Only those that wait for the caller's answer"),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Round]:
        asked = self.request.query_params
        return selectors.list_of(
            _person(self.request),
            project=asked.get("project", ""),
            state=asked.get("state", ""),
            mine=asked.get("waiting") == "mine",
        )


class RoundDetail(APIView):
    """A round: what was frozen, what changed, who answered, and whether the caller may."""

    @extend_schema(summary="Read a round", responses=RoundDetailOut)
    def get(self, request: Request, round_id: int) -> Response:
        return Response(_detail(round_id, _person(request)))


class RoundDecisions(APIView):
    """Answers of a round."""

    @extend_schema(summary="Decide a round", request=DecisionIn, responses={201: DecisionOut})
    def post(self, request: Request, round_id: int) -> Response:
        person = _person(request)
        _demand_visible(person, round_id)
        given = DecisionIn(data=request.data)
        given.is_valid(raise_exception=True)
        decision = services.decide(actor=person, round_id=round_id, **given.validated_data)
        return Response(DecisionOut(decision).data, status=201)


class DecisionWithdrawal(APIView):
    """Taking one's own signature back."""

    @extend_schema(summary="Take a signature back", request=TakeBackIn, responses={201: DecisionOut})
    def post(self, request: Request, round_id: int, decision_id: int) -> Response:
        person = _person(request)
        _demand_visible(person, round_id)
        get_object_or_404(Decision.objects.only("pk"), pk=decision_id, round=round_id)
        given = TakeBackIn(data=request.data)
        given.is_valid(raise_exception=True)
        decision = services.withdraw_decision(actor=person, decision_id=decision_id, **given.validated_data)
        return Response(DecisionOut(decision).data, status=201)


class RoundWithdrawal(APIView):
    """Taking a request back."""

    @extend_schema(summary="Withdraw a round", request=WithdrawIn, responses=RoundOut)
    def post(self, request: Request, round_id: int) -> Response:
        person = _person(request)
        _demand_visible(person, round_id)
        given = WithdrawIn(data=request.data)
        given.is_valid(raise_exception=True)
        review = services.withdraw_round(actor=person, round_id=round_id, reason=given.validated_data["reason"])
        return Response(RoundOut(review).data)


class StageRounds(APIView):
    """Rounds of a stage."""

    @extend_schema(summary="Submit a stage", request=SubmitIn, responses={201: RoundOut})
    def post(self, request: Request, key: str, stage_key: str) -> Response:
        person = _person(request)
        stage = _stage(person, key, stage_key)
        given = SubmitIn(data=request.data)
        given.is_valid(raise_exception=True)
        review = services.submit_round(actor=person, stage=stage, **given.validated_data)
        return Response(RoundOut(review).data, status=201)


class StageGoBack(APIView):
    """Going back to an earlier stage."""

    @extend_schema(summary="Go back to an earlier stage", request=GoBackIn, responses={201: ReturnOut})
    def post(self, request: Request, key: str, stage_key: str) -> Response:
        person = _person(request)
        stage = _stage(person, key, stage_key)
        given = GoBackIn(data=request.data)
        given.is_valid(raise_exception=True)
        event = services.go_back(
            actor=person,
            stage=stage,
            to_key=given.validated_data["to"],
            reason=given.validated_data["reason"],
            loop_key=given.validated_data["loop"],
        )
        return Response(ReturnOut(event).data, status=201)


def _detail(round_id: int, person: User) -> dict[str, Any]:
    page = selectors.page_of(round_id, person)
    if page is None:
        raise Http404
    blocks = {signed.decision.pk: signature_json(signed.decision.signature, signed.state) for signed in page.signed}
    decisions = SignedDecisionOut(
        [signed.decision for signed in page.signed], many=True, context={"signatures": blocks}
    )
    return {
        "round": RoundOut(page.review).data,
        "manifest": page.review.manifest,
        "since_former_round": page.since_former,
        "since_submission": page.since_submission,
        "decisions": decisions.data,
        "quorum": page.quorum,
        "needs": [{"role": need.role, "given": need.given, "need": need.need} for need in page.needs],
        "can_be_met": page.can_be_met,
        "my_seats": [{"holder": seat.holder, "label": seat.label} for seat in page.my_seats],
        "may_decide": _permit(page.may_decide),
        "may_withdraw": _permit(page.may_withdraw),
    }


def _permit(verdict: Verdict) -> dict[str, Any]:
    return {"allowed": bool(verdict), "code": "" if verdict else verdict.code, "reasons": verdict.reasons}
