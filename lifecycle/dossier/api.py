"""REST of the room: hand out a dossier, list those that were, and the record of a round."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.listing import Listing
from lifecycle.dossier import selectors
from lifecycle.dossier.permits import may_export
from lifecycle.dossier.rounds import record_of
from lifecycle.dossier.views import find_round, packed
from lifecycle.projects.api.finding import caller, find_project
from lifecycle.signoff.api.serializers import LineOut, SignatureOut


class HandedOut(serializers.Serializer[selectors.Handed]):
    """A dossier that was handed out. `head`: SHA-256 of its manifest.json; `entry`: where the trail holds it."""

    entry = serializers.IntegerField(source="seq")
    at = serializers.DateTimeField()
    by = serializers.CharField()
    head = serializers.CharField()
    files = serializers.IntegerField()
    records = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Bytes before packing")


class EvidenceLineOut(serializers.Serializer[Any]):
    """A piece of evidence of a record, with its facts in words."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field by this name, not the label of this one
    hash = serializers.CharField()
    facts = serializers.CharField()


class RecordDecisionOut(serializers.Serializer[Any]):
    """An answer as the record of its round tells it, with the signature block."""

    id = serializers.IntegerField()
    decider = serializers.CharField()
    on_behalf_of = serializers.CharField()
    role = serializers.CharField()
    verdict = serializers.CharField()
    verdict_in_words = serializers.CharField()
    reason = serializers.CharField()
    override = serializers.CharField(help_text="Why a major issue did not stop it")
    stands = serializers.BooleanField(help_text="False once the signature was taken back")
    digest = serializers.CharField()
    decided_at = serializers.DateTimeField()
    signature = SignatureOut()


class RecordConditionOut(serializers.Serializer[Any]):
    """A condition of the approval, as it stands now."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    severity = serializers.CharField()
    owner = serializers.CharField()
    verifier = serializers.CharField()
    due_on = serializers.DateField()
    state = serializers.CharField()
    state_in_words = serializers.CharField()


class RecordFeedbackOut(serializers.Serializer[Any]):
    """Advice on the round, with how an issue was settled."""

    author = serializers.CharField()
    role = serializers.CharField()
    grade = serializers.CharField()
    text = serializers.CharField()
    settled = serializers.CharField()


class RecordOut(serializers.Serializer[Any]):
    """The record of one round: what was asked, on which evidence, who answered, and what became of it."""

    id = serializers.IntegerField()
    project = serializers.DictField(child=serializers.CharField())
    stage = serializers.DictField()
    number = serializers.IntegerField()
    title = serializers.CharField()
    comment = serializers.CharField()
    requester = serializers.CharField()
    submitted_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    state = serializers.CharField()
    state_in_words = serializers.CharField()
    closed_at = serializers.DateTimeField(allow_null=True)
    lapsed_at = serializers.DateTimeField(allow_null=True)
    policy = serializers.JSONField()
    policy_in_words = serializers.CharField()
    digest = serializers.CharField()
    manifest = serializers.JSONField()
    evidence = EvidenceLineOut(many=True)
    decisions = RecordDecisionOut(many=True)
    conditions = RecordConditionOut(many=True)
    feedback = RecordFeedbackOut(many=True)
    since_former_round = LineOut(many=True)
    since_submission = LineOut(many=True)


class Dossiers(Listing):
    """Dossiers of a project."""

    serializer_class = HandedOut

    @extend_schema(operation_id="dossiers_list", summary="List dossiers that were handed out", responses=HandedOut)
    def get(self, request: Request, key: str) -> Response:
        project = find_project(request, key)
        may_export(caller(request), project).demand()
        return self.listed(selectors.handed_out(project), HandedOut)

    @extend_schema(
        operation_id="dossiers_create",
        summary="Make a dossier",
        description="A ZIP with records, files, trail, a PDF and verify.py. Its head stands in the header X-Dossier-Head.",
        request=None,
        responses={(200, "application/zip"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def post(self, request: Request, key: str) -> HttpResponseBase:
        return packed(caller(request), find_project(request, key))


class RoundRecord(APIView):
    """The record of a round."""

    @extend_schema(operation_id="rounds_record", summary="Read the record of a round", responses=RecordOut)
    def get(self, request: Request, round_id: int) -> Response:
        return Response(RecordOut(record_of(find_round(caller(request), round_id))).data)
