"""REST of acceptances: preparing, judging, offering, deciding, conditions."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.web.refused import Refused
from lifecycle.acceptance import selectors, services
from lifecycle.acceptance.api.finding import acceptance_of, given_by, person, project_of, shown, states_of
from lifecycle.acceptance.api.serializers import (
    AcceptanceConditionOut,
    AcceptanceReasonAsked,
    AcceptanceRow,
    DecisionAsked,
    JudgementAsked,
    OfferAsked,
    ProofAnswerAsked,
    ProofAsked,
    ResultRow,
    ShelfOut,
    VerdictWithdrawalAsked,
)
from lifecycle.acceptance.evidence import shelves_of
from lifecycle.acceptance.models import Acceptance, AcceptanceCondition, CriterionResult


class Acceptances(GenericAPIView[Acceptance]):
    """Acceptances of a project."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_list", responses=AcceptanceRow(many=True))
    def get(self, request: Request, key: str) -> Response:
        """All acceptances, newest first, a page at a time."""
        project = project_of(request, key)
        found = selectors.acceptances_of(project).select_related("project").order_by("-number")
        rows = self.paginate_queryset(found) or []
        return self.get_paginated_response(AcceptanceRow(rows, many=True, context=states_of(project, rows)).data)

    @extend_schema(operation_id="acceptances_open", request=None, responses={201: AcceptanceRow})
    def post(self, request: Request, key: str) -> Response:
        """Begin to prepare the next acceptance."""
        made = services.open_acceptance(actor=person(request), project=project_of(request, key))
        return Response(shown(made), status=status.HTTP_201_CREATED)


class AcceptanceDetail(GenericAPIView[Acceptance]):
    """One acceptance."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_read", responses=AcceptanceRow)
    def get(self, request: Request, pk: int) -> Response:
        """The acceptance with results, manifest and signature."""
        return Response(shown(acceptance_of(request, pk)))


class Judgements(GenericAPIView[CriterionResult]):
    """Judging criteria."""

    serializer_class = ResultRow
    queryset = CriterionResult.objects.none()

    @extend_schema(operation_id="acceptances_judge", request=JudgementAsked, responses={201: ResultRow})
    def post(self, request: Request, pk: int) -> Response:
        """Judge one criterion, by its key; again while it is being prepared."""
        acceptance = acceptance_of(request, pk)
        given = given_by(JudgementAsked(data=request.data))
        result = acceptance.results.filter(criterion__key=given["criterion"]).first()
        if result is None:
            raise Refused(
                "This acceptance has no such criterion.", code="criterion_unknown", status=400, field="criterion"
            )
        judged = services.judge_criterion(
            actor=person(request),
            result_id=result.pk,
            verdict=given["verdict"],
            observed=given["observed"],
            evidence=given["evidence"],
            reason=given["reason"],
            pieces=given.get("pieces", []),
        )
        return Response(ResultRow(judged).data, status=status.HTTP_201_CREATED)


class Offer(GenericAPIView[Acceptance]):
    """Asking the customer."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_offer", request=OfferAsked, responses={201: AcceptanceRow})
    def post(self, request: Request, pk: int) -> Response:
        """Freeze it under one fingerprint and ask the customer."""
        acceptance = acceptance_of(request, pk)
        given = given_by(OfferAsked(data=request.data))
        offered = services.offer_acceptance(
            actor=person(request),
            acceptance_id=acceptance.pk,
            approved_use=given["approved_use"],
            limits=given["limits"],
            models=given.get("models", []),
        )
        return Response(shown(offered), status=status.HTTP_201_CREATED)


class Withdrawal(GenericAPIView[Acceptance]):
    """Taking an acceptance back."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_withdraw", request=AcceptanceReasonAsked, responses={201: AcceptanceRow})
    def post(self, request: Request, pk: int) -> Response:
        """Take it back before the customer has decided."""
        acceptance = acceptance_of(request, pk)
        given = given_by(AcceptanceReasonAsked(data=request.data))
        taken = services.withdraw_acceptance(actor=person(request), acceptance_id=acceptance.pk, reason=given["reason"])
        return Response(shown(taken), status=status.HTTP_201_CREATED)


class Decisions(GenericAPIView[Acceptance]):
    """The customer's verdict."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(operation_id="acceptances_decide", request=DecisionAsked, responses={201: AcceptanceRow})
    def post(self, request: Request, pk: int) -> Response:
        """Sign the verdict with the password, for exactly what was read."""
        acceptance = acceptance_of(request, pk)
        given = given_by(DecisionAsked(data=request.data))
        decided = services.decide_acceptance(
            actor=person(request),
            acceptance_id=acceptance.pk,
            verdict=given["verdict"],
            password=given["password"],
            code=given["code"],
            digest=given["digest"],
            comment=given["comment"],
            conditions=given.get("conditions", []),
        )
        return Response(shown(decided), status=status.HTTP_201_CREATED)


class AcceptanceEvidence(GenericAPIView[Acceptance]):
    """What may be chosen as evidence for a result."""

    serializer_class = ShelfOut
    queryset = Acceptance.objects.none()
    pagination_class = None

    @extend_schema(operation_id="acceptances_evidence", responses=ShelfOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        """Readings, deliverables, models, explanations and outcome reports of the project, by kind."""
        shelves = shelves_of(acceptance_of(request, pk))
        return Response(ShelfOut([{"label": shelf.label, "items": shelf.items} for shelf in shelves], many=True).data)


class VerdictWithdrawals(GenericAPIView[Acceptance]):
    """Taking a verdict back."""

    serializer_class = AcceptanceRow
    queryset = Acceptance.objects.none()

    @extend_schema(
        operation_id="acceptances_withdraw_verdict", request=VerdictWithdrawalAsked, responses={201: AcceptanceRow}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Who signed takes it back, by a new signature with the password and a reason."""
        acceptance = acceptance_of(request, pk)
        given = given_by(VerdictWithdrawalAsked(data=request.data))
        taken = services.withdraw_verdict(
            actor=person(request),
            acceptance_id=acceptance.pk,
            password=given["password"],
            code=given["code"],
            reason=given["reason"],
        )
        return Response(shown(taken), status=status.HTTP_201_CREATED)


class ConditionProofs(GenericAPIView[AcceptanceCondition]):
    """Closing a condition."""

    serializer_class = ProofAsked
    queryset = AcceptanceCondition.objects.none()

    @extend_schema(
        operation_id="acceptance_conditions_close", request=ProofAsked, responses={201: AcceptanceConditionOut}
    )
    def post(self, request: Request, pk: int, number: int) -> Response:
        """Give the proof that it is met, as its owner or as the project lead."""
        condition = _condition(request, pk, number)
        given = given_by(ProofAsked(data=request.data))
        closed = services.close_condition(
            actor=person(request), condition_id=condition.pk, proof=given["proof"], link=given["link"]
        )
        return Response(AcceptanceConditionOut(closed).data, status=status.HTTP_201_CREATED)


class ConditionVerifications(GenericAPIView[AcceptanceCondition]):
    """Verifying a condition."""

    serializer_class = ProofAnswerAsked
    queryset = AcceptanceCondition.objects.none()

    @extend_schema(
        operation_id="acceptance_conditions_verify", request=ProofAnswerAsked, responses={201: AcceptanceConditionOut}
    )
    def post(self, request: Request, pk: int, number: int) -> Response:
        """Say that the proof is enough, or send it back with the reason. Never the owner, never who gave the proof."""
        condition = _condition(request, pk, number)
        given = given_by(ProofAnswerAsked(data=request.data))
        if given["enough"]:
            answered = services.verify_condition(actor=person(request), condition_id=condition.pk)
        else:
            answered = services.send_condition_back(
                actor=person(request), condition_id=condition.pk, reason=given["reason"]
            )
        return Response(AcceptanceConditionOut(answered).data, status=status.HTTP_201_CREATED)


def _condition(request: Request, pk: int, number: int) -> AcceptanceCondition:
    found = acceptance_of(request, pk).conditions.filter(number=number).first()
    if found is None:
        raise Http404
    return found
