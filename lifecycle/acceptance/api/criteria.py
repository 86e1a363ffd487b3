"""REST of criteria and their changes."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.acceptance import selectors, services
from lifecycle.acceptance.api.finding import given_by, kpi_named, person, project_of
from lifecycle.acceptance.api.serializers import (
    AcceptanceReasonAsked,
    ChangeAnswerAsked,
    CriterionAsked,
    CriterionChangeAsked,
    CriterionChangeOut,
    CriterionRow,
)
from lifecycle.acceptance.models import Criterion, CriterionChange
from lifecycle.projects.models import Project


class Criteria(GenericAPIView[Criterion]):
    """Criteria in force of a project."""

    serializer_class = CriterionRow
    queryset = Criterion.objects.none()

    @extend_schema(operation_id="criteria_list", responses=CriterionRow(many=True))
    def get(self, request: Request, key: str) -> Response:
        """Criteria in force, a page at a time."""
        rows = self.paginate_queryset(selectors.criteria_of(project_of(request, key)).order_by("key"))
        return self.get_paginated_response(CriterionRow(rows or [], many=True).data)

    @extend_schema(operation_id="criteria_set", request=CriterionAsked, responses={201: CriterionRow})
    def post(self, request: Request, key: str) -> Response:
        """Set a criterion: a new one, or the next version of the one with this key."""
        project = project_of(request, key)
        given = given_by(CriterionAsked(data=request.data))
        criterion = services.set_criterion(
            actor=person(request),
            project=project,
            measure=given["measure"],
            threshold=given["threshold"],
            baseline=given["baseline"],
            how_measured=given["how_measured"],
            judge=given["judge"],
            kpi=kpi_named(project, given["kpi"]),
            key=given["key"],
            version=given.get("version"),
        )
        return Response(CriterionRow(criterion).data, status=status.HTTP_201_CREATED)


class CriterionWithdrawals(GenericAPIView[Criterion]):
    """Taking a criterion out."""

    serializer_class = AcceptanceReasonAsked
    queryset = Criterion.objects.none()

    @extend_schema(operation_id="criteria_withdraw", request=AcceptanceReasonAsked, responses={201: CriterionRow})
    def post(self, request: Request, key: str, criterion_key: str) -> Response:
        """Withdraw it, with a reason."""
        project = project_of(request, key)
        given = given_by(AcceptanceReasonAsked(data=request.data))
        criterion = services.withdraw_criterion(
            actor=person(request), project=project, key=criterion_key, reason=given["reason"]
        )
        return Response(CriterionRow(criterion).data, status=status.HTTP_201_CREATED)


class CriterionChanges(GenericAPIView[CriterionChange]):
    """Changes of criteria that need the sponsor's consent."""

    serializer_class = CriterionChangeOut
    queryset = CriterionChange.objects.none()

    @extend_schema(operation_id="criterion_changes_list", responses=CriterionChangeOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """All proposed changes, newest first, a page at a time."""
        rows = self.paginate_queryset(selectors.changes_of(project_of(request, key)))
        return self.get_paginated_response(CriterionChangeOut(rows or [], many=True).data)

    @extend_schema(
        operation_id="criterion_changes_propose", request=CriterionChangeAsked, responses={201: CriterionChangeOut}
    )
    def post(self, request: Request, key: str) -> Response:
        """Propose new words, a new criterion, or that one is withdrawn; the former version counts until the consent."""
        project = project_of(request, key)
        given = given_by(CriterionChangeAsked(data=request.data))
        actor = person(request)
        if given["withdraw"]:
            change = services.propose_withdrawal(actor=actor, project=project, key=given["key"], reason=given["reason"])
        else:
            change = services.propose_change(
                actor=actor,
                project=project,
                measure=given["measure"],
                threshold=given["threshold"],
                baseline=given["baseline"],
                how_measured=given["how_measured"],
                judge=given["judge"],
                kpi=kpi_named(project, given["kpi"]),
                key=given["key"],
                version=given.get("version"),
                reason=given["reason"],
            )
        return Response(CriterionChangeOut(change).data, status=status.HTTP_201_CREATED)


class CriterionChangeAnswers(GenericAPIView[CriterionChange]):
    """Answering a proposed change."""

    serializer_class = ChangeAnswerAsked
    queryset = CriterionChange.objects.none()

    @extend_schema(
        operation_id="criterion_changes_answer", request=ChangeAnswerAsked, responses={201: CriterionChangeOut}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Consent or refuse as a sponsor, or take it back as its author."""
        actor = person(request)
        visible = Project.objects.visible_to(actor).values("pk")
        if not CriterionChange.objects.filter(pk=pk, project__in=visible).exists():
            raise Http404
        given = given_by(ChangeAnswerAsked(data=request.data))
        if given["answer"] == "consent":
            change = services.consent_to_change(actor=actor, change_id=pk)
        elif given["answer"] == "refuse":
            change = services.refuse_change(actor=actor, change_id=pk, reason=given["reason"])
        else:
            change = services.take_back_change(actor=actor, change_id=pk)
        return Response(CriterionChangeOut(change).data, status=status.HTTP_201_CREATED)
