"""REST of claims. Shares are text, in and out."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from foundation.web.refused import Refused
from lifecycle.kpis.api.finding import RoomView
from lifecycle.kpis.claims import permits, services
from lifecycle.kpis.claims.forms import coalitions_of
from lifecycle.kpis.claims.models import ClaimEvent, KpiClaim
from lifecycle.kpis.claims.selectors import claims_of


@extend_schema_field(OpenApiTypes.DECIMAL)
class ShareField(serializers.Field[Decimal, Any, str, Any]):
    """A share from 0 to 1 as text, such as "0.5". JSON numbers are refused: they may have been rounded on the way."""

    def to_internal_value(self, data: Any) -> Decimal:
        if not isinstance(data, str):
            raise Refused(
                'Shares are exact and sent as text. Put the number in quotation marks, such as "0.5".',
                code="share_is_float" if isinstance(data, float) else "share_not_text",
                status=400,
                field=self.field_name or "share",
            )
        try:
            return services.share_of(Decimal(data.strip()))
        except ArithmeticError:
            raise Refused(
                "A share lies between 0 and 1; 0.5 is a half.", code="share_invalid", status=400, field="share"
            ) from None

    def to_representation(self, value: Decimal) -> str:
        return f"{value:.5f}"


class TurnOut(serializers.ModelSerializer[ClaimEvent]):
    """One turn of a claim."""

    by = serializers.CharField(source="by.name", read_only=True)

    class Meta:
        model = ClaimEvent
        fields = ["deed", "state", "until", "by", "at", "note"]


class ClaimOut(serializers.ModelSerializer[KpiClaim]):
    """A claim with the consents of both sides and its turns."""

    project = serializers.CharField(source="project.key", read_only=True)
    share = ShareField()
    proposed_by = serializers.CharField(source="proposed_by.name", read_only=True)
    claimant_by = serializers.CharField(source="claimant_by.name", read_only=True, default=None, allow_null=True)
    keeper_by = serializers.CharField(source="keeper_by.name", read_only=True, default=None, allow_null=True)
    turns = TurnOut(source="events", many=True, read_only=True)

    class Meta:
        model = KpiClaim
        fields = [
            "id", "project", "share", "from_month", "until", "rule", "basis", "note", "state", "counts", "proposed_by",
            "proposed_at", "claimant_by", "claimant_at", "keeper_by", "keeper_at", "turns",
        ]  # fmt: skip


class ClaimIn(serializers.Serializer[Any]):
    """A claim to propose; dates are any day of their month. `coalitions`: "triage + routing: 90", one in a line; for
    `segments` the cases of each project's segment, "triage: 400"."""

    project = serializers.SlugField()
    share = ShareField(required=False, allow_null=True)
    from_month = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True)
    rule = serializers.ChoiceField(KpiClaim.Rule.choices, required=False)
    coalitions = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    note = serializers.CharField(required=False, allow_blank=True, max_length=300)


class TurnIn(serializers.Serializer[Any]):
    """Why; and for an end, any day of the last month."""

    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)
    until = serializers.DateField(required=False, allow_null=True)


class ClaimListView(RoomView):
    """Claims on a KPI."""

    serializer_class = ClaimOut
    pagination_class = None

    @extend_schema(operation_id="claims_list", responses=ClaimOut(many=True))
    def get(self, request: Request, key: str, kpi_key: str) -> Response:
        """List the claims by their first month, withdrawn ones too."""
        return Response(ClaimOut(claims_of(self.kpi()), many=True).data)

    @extend_schema(operation_id="claims_propose", request=ClaimIn, responses={201: ClaimOut})
    def post(self, request: Request, key: str, kpi_key: str) -> Response:
        """Propose a claim of a project in whose team you are."""
        kpi, given = self.kpi(), self.read(ClaimIn)
        project = self.visible().filter(key=given.pop("project")).first()
        if project is None:
            raise Refused(
                "There is no such project. Name one in whose team you are.",
                code="project_unknown", status=400, field="project",
            )  # fmt: skip
        try:
            coalitions = coalitions_of(given.pop("coalitions", ""))
        except ValueError as fault:
            raise Refused(str(fault), code="coalitions_invalid", status=400, field="coalitions") from None
        claim = services.propose_claim(actor=self.caller(), kpi=kpi, project=project, coalitions=coalitions, **given)
        return Response(ClaimOut(claim).data, status=201)


class ClaimMoveView(RoomView):
    """A turn of a claim."""

    serializer_class = ClaimOut

    @extend_schema(
        operation_id="claims_move",
        parameters=[OpenApiParameter("move", OpenApiTypes.STR, "path", enum=list(permits.MOVES))],
        request=TurnIn,
        responses=ClaimOut,
    )
    def post(self, request: Request, claim_id: int, move: str) -> Response:
        """Agree to the claim, dispute it, settle the dispute, give it an end, or withdraw it."""
        claim = get_object_or_404(KpiClaim, kpi__project__in=self.visible(), pk=claim_id)
        if move not in permits.MOVES:
            raise Http404
        given, actor = self.read(TurnIn), self.caller()
        said = given.get("reason", "")
        if move == permits.END:
            permits.may_move(actor, move, claim).demand()
            if given.get("until") is None:
                raise Refused(
                    "Say up to which month the claim counts.", code="until_missing", status=400, field="until"
                )
        deeds: dict[str, Callable[[], KpiClaim]] = {
            permits.CONSENT: lambda: services.consent_to_claim(actor=actor, claim_id=claim.pk, note=said),
            permits.DISPUTE: lambda: services.dispute_claim(actor=actor, claim_id=claim.pk, reason=said),
            permits.SETTLE: lambda: services.settle_claim(actor=actor, claim_id=claim.pk, note=said),
            permits.WITHDRAW: lambda: services.withdraw_claim(actor=actor, claim_id=claim.pk, reason=said),
            permits.END: lambda: services.end_claim(actor=actor, claim_id=claim.pk, until=given["until"], note=said),
        }
        return Response(ClaimOut(deeds[move]()).data)
