"""REST of conditions: the same deeds as on their page."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.people.models import User
from lifecycle.signoff.api.serializers import PermitOut, SignatureOut, second_factor_code
from lifecycle.signoff.models import Condition, ConditionEvent
from lifecycle.signoff.selectors.conditions import ConditionPage, condition_list, condition_page
from lifecycle.signoff.services.condition_deeds import (
    claim_condition,
    drop_condition,
    send_back_condition,
    verify_condition,
)
from lifecycle.signoff.services.condition_rows import LINK_LIMIT, NOTE_LIMIT
from lifecycle.signoff.services.condition_terms import move_condition
from lifecycle.signoff.signing import signature_json


class ConditionOut(serializers.ModelSerializer[Condition]):
    """A condition of an approval; people by name and id."""

    project = serializers.CharField(source="project.key", read_only=True)
    stage = serializers.CharField(source="round.stage.key", read_only=True)
    owner_name = serializers.CharField(source="owner.name", read_only=True)
    verifier_name = serializers.CharField(source="verifier.name", read_only=True)

    class Meta:
        model = Condition
        fields = [
            "id", "project", "stage", "round", "decision", "number", "text", "severity", "owner", "owner_name",
            "verifier", "verifier_name", "due_on", "grace_days", "state", "created_at", "closed_at",
        ]  # fmt: skip
        read_only_fields = fields


class ConditionEventOut(serializers.ModelSerializer[ConditionEvent]):
    """What happened to a condition; `by` is null for the portal itself."""

    by = serializers.CharField(source="by.name", read_only=True, allow_null=True, default=None)

    class Meta:
        model = ConditionEvent
        fields = ["kind", "by", "at", "note", "evidence", "facts"]
        read_only_fields = fields


class ConditionPermitsOut(serializers.Serializer[Any]):
    """Which deeds the caller may do."""

    claim = PermitOut()
    send_back = PermitOut()
    verify = PermitOut()
    move = PermitOut()
    drop = PermitOut()


class ConditionDetailOut(serializers.Serializer[Any]):
    """A condition with its history. `digest`: what verifying and dropping are bound to. `binds`: whether the approval that
    it was set for was given. `approval`: id of the approval in force that it would revoke after `last_day`."""

    condition = ConditionOut()
    events = ConditionEventOut(many=True)
    digest = serializers.CharField()
    binds = serializers.BooleanField()
    approval = serializers.IntegerField(allow_null=True)
    last_day = serializers.DateField()
    days_late = serializers.IntegerField()
    signature = SignatureOut(allow_null=True)
    may = ConditionPermitsOut()


class ConditionClaimIn(serializers.Serializer[Any]):
    """What was done, and where it can be seen."""

    note = serializers.CharField(max_length=NOTE_LIMIT)
    evidence = serializers.CharField(max_length=LINK_LIMIT, required=False, allow_blank=True, default="")


class ConditionReasonIn(serializers.Serializer[Any]):
    """What is still missing."""

    reason = serializers.CharField(max_length=NOTE_LIMIT)


class ConditionVerifyIn(serializers.Serializer[Any]):
    """The signature that it is met: the password, and the digest of what was read."""

    password = serializers.CharField(write_only=True, trim_whitespace=False)
    code = second_factor_code()
    digest = serializers.CharField(max_length=64)
    note = serializers.CharField(max_length=NOTE_LIMIT, required=False, allow_blank=True, default="")


class ConditionDropIn(serializers.Serializer[Any]):
    """The signature that it is no longer asked, and why."""

    password = serializers.CharField(write_only=True, trim_whitespace=False)
    code = second_factor_code()
    digest = serializers.CharField(max_length=64)
    reason = serializers.CharField(max_length=NOTE_LIMIT)


class ConditionMoveIn(serializers.Serializer[Any]):
    """New terms, and why; what is left out stays."""

    reason = serializers.CharField(max_length=NOTE_LIMIT)
    due_on = serializers.DateField(required=False, allow_null=True, default=None)
    owner_id = serializers.IntegerField(required=False, allow_null=True, default=None)
    verifier_id = serializers.IntegerField(required=False, allow_null=True, default=None)


def _person(request: Request) -> User:
    return cast(User, request.user)


def _found(request: Request, condition_id: int) -> ConditionPage:
    page = condition_page(condition_id, _person(request))
    if page is None:
        raise Http404
    return page


def _given(asked: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    asked.is_valid(raise_exception=True)
    return cast("dict[str, Any]", asked.validated_data)


def _detail(request: Request, condition_id: int) -> Response:
    page = _found(request, condition_id)
    return Response(
        {
            "condition": ConditionOut(page.condition).data,
            "events": ConditionEventOut(page.events, many=True).data,
            "digest": page.digest,
            "binds": page.binds,
            "approval": page.approval.pk if page.approval else None,
            "last_day": page.last_day,
            "days_late": page.days_late,
            "signature": signature_json(page.signature, page.signature_state) if page.signature else None,
            "may": {
                deed: {
                    "allowed": bool(verdict),
                    "code": "" if verdict else verdict.code,
                    "reasons": verdict.reasons,
                }
                for deed, verdict in page.verdicts.items()
            },
        }
    )


class ConditionList(generics.ListAPIView[Condition]):
    """Conditions that the caller may read, the first due first."""

    serializer_class = ConditionOut
    queryset = Condition.objects.none()

    @extend_schema(
        operation_id="conditions_list",
        summary="List conditions of approvals",
        parameters=[
            OpenApiParameter("project", str, description="Key of a project"),
            OpenApiParameter("state", str, enum=[str(state) for state in Condition.State.values]),
            OpenApiParameter(
                "waiting", str, enum=["mine"], description="Only those that the caller is to do or to verify"
            ),
        ],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Condition]:
        asked = self.request.query_params
        return condition_list(
            _person(self.request),
            project=asked.get("project", ""),
            state=asked.get("state", ""),
            mine=asked.get("waiting") == "mine",
        )


class ConditionDetail(APIView):
    """One condition."""

    @extend_schema(operation_id="conditions_read", summary="Read a condition", responses=ConditionDetailOut)
    def get(self, request: Request, condition_id: int) -> Response:
        return _detail(request, condition_id)


class ConditionClaim(APIView):
    """Its owner says that it is done."""

    @extend_schema(
        operation_id="conditions_claim",
        summary="Say that a condition is done",
        request=ConditionClaimIn,
        responses=ConditionDetailOut,
    )
    def post(self, request: Request, condition_id: int) -> Response:
        _found(request, condition_id)
        claim_condition(
            actor=_person(request), condition_id=condition_id, **_given(ConditionClaimIn(data=request.data))
        )
        return _detail(request, condition_id)


class ConditionSendBack(APIView):
    """Its verifier sends it back."""

    @extend_schema(
        operation_id="conditions_send_back",
        summary="Send a condition back",
        request=ConditionReasonIn,
        responses=ConditionDetailOut,
    )
    def post(self, request: Request, condition_id: int) -> Response:
        _found(request, condition_id)
        given = _given(ConditionReasonIn(data=request.data))
        send_back_condition(actor=_person(request), condition_id=condition_id, reason=given["reason"])
        return _detail(request, condition_id)


class ConditionVerify(APIView):
    """Its verifier signs that it is met."""

    @extend_schema(
        operation_id="conditions_verify",
        summary="Sign that a condition is met",
        request=ConditionVerifyIn,
        responses=ConditionDetailOut,
    )
    def post(self, request: Request, condition_id: int) -> Response:
        _found(request, condition_id)
        given = _given(ConditionVerifyIn(data=request.data))
        verify_condition(actor=_person(request), condition_id=condition_id, **given)
        return _detail(request, condition_id)


class ConditionMove(APIView):
    """Its verifier or a decider gives it new terms."""

    @extend_schema(
        operation_id="conditions_move",
        summary="Give a condition another day or other people",
        request=ConditionMoveIn,
        responses=ConditionDetailOut,
    )
    def post(self, request: Request, condition_id: int) -> Response:
        _found(request, condition_id)
        move_condition(actor=_person(request), condition_id=condition_id, **_given(ConditionMoveIn(data=request.data)))
        return _detail(request, condition_id)


class ConditionDrop(APIView):
    """A decider of the round signs that it is no longer asked."""

    @extend_schema(
        operation_id="conditions_drop",
        summary="Sign that a condition is no longer asked",
        request=ConditionDropIn,
        responses=ConditionDetailOut,
    )
    def post(self, request: Request, condition_id: int) -> Response:
        _found(request, condition_id)
        drop_condition(actor=_person(request), condition_id=condition_id, **_given(ConditionDropIn(data=request.data)))
        return _detail(request, condition_id)
