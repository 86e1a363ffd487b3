"""REST of the hand-off record."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.acceptance import selectors, services
from lifecycle.acceptance.api.finding import given_by, person, project_of
from lifecycle.acceptance.models import ITEMS, HandOff
from lifecycle.signoff.api.serializers import SignatureOut, second_factor_code
from lifecycle.signoff.models import Signature
from lifecycle.signoff.signing import signature_json


class HandOffItemOut(serializers.Serializer[Any]):
    """One item: a text, a link, or why it is not applicable."""

    key = serializers.ChoiceField(list(ITEMS.items()))
    text = serializers.CharField(max_length=20_000, default="", allow_blank=True)
    link = serializers.CharField(max_length=300, default="", allow_blank=True)
    not_applicable = serializers.CharField(max_length=20_000, default="", allow_blank=True)


class HandOffOut(serializers.ModelSerializer[HandOff]):
    """One version of the record with its signatures."""

    project = serializers.CharField(source="project.key", read_only=True)
    items = HandOffItemOut(many=True, read_only=True)
    author_signature = serializers.SerializerMethodField()
    receiver_signature = serializers.SerializerMethodField()

    class Meta:
        model = HandOff
        fields = [
            "id", "project", "number", "state", "receiving_party", "handed_on", "items", "digest", "edits",
            "author_signature", "receiver_signature", "sent_back", "created_at",
        ]  # fmt: skip

    @extend_schema_field(SignatureOut(allow_null=True))
    def get_author_signature(self, handoff: HandOff) -> dict[str, Any] | None:
        """Of who hands over."""
        return _block(handoff, handoff.author_signature)

    @extend_schema_field(SignatureOut(allow_null=True))
    def get_receiver_signature(self, handoff: HandOff) -> dict[str, Any] | None:
        """Of who receives."""
        return _block(handoff, handoff.receiver_signature)


class HandOffAsked(serializers.Serializer[HandOff]):
    """The draft. `edits`: as it was read, so that nobody writes over another's words."""

    receiving_party = serializers.CharField(max_length=200)
    handed_on = serializers.DateField()
    items = HandOffItemOut(many=True)
    edits = serializers.IntegerField(required=False)


class HandOffSignatureAsked(serializers.Serializer[Any]):
    """The lead's signature."""

    password = serializers.CharField(trim_whitespace=False, write_only=True)
    code = second_factor_code()
    comment = serializers.CharField(max_length=20_000, default="", allow_blank=True)


class HandOffReceiptAsked(serializers.Serializer[Any]):
    """The receiver's counter-signature under what was read, or why it is sent back."""

    answer = serializers.ChoiceField(["received", "sent_back"])
    password = serializers.CharField(trim_whitespace=False, write_only=True, default="", allow_blank=True)
    code = second_factor_code()
    digest = serializers.CharField(max_length=64, default="", allow_blank=True)
    comment = serializers.CharField(max_length=20_000, default="", allow_blank=True)


def _block(handoff: HandOff, signature: Signature | None) -> dict[str, Any] | None:
    if signature is None:
        return None
    return dict(signature_json(signature, selectors.handoff_state(handoff, signature)))


def _found(request: Request, pk: int) -> HandOff:
    found = selectors.handoffs_visible_to(person(request)).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


class HandOffs(GenericAPIView[HandOff]):
    """The hand-off record of a project."""

    serializer_class = HandOffOut
    queryset = HandOff.objects.none()

    @extend_schema(operation_id="handoffs_list", responses=HandOffOut(many=True))
    def get(self, request: Request, key: str) -> Response:
        """All versions, newest first, a page at a time."""
        rows = self.paginate_queryset(selectors.handoffs_of(project_of(request, key)).select_related("project"))
        return self.get_paginated_response(HandOffOut(rows or [], many=True).data)

    @extend_schema(operation_id="handoffs_write", request=HandOffAsked, responses={201: HandOffOut})
    def post(self, request: Request, key: str) -> Response:
        """Write the draft; where the newest version was signed, begin the next one."""
        project = project_of(request, key)
        given = given_by(HandOffAsked(data=request.data))
        made = services.write_handoff(
            actor=person(request),
            project=project,
            receiving_party=given["receiving_party"],
            handed_on=given["handed_on"],
            items={item["key"]: item for item in given["items"]},
            edits=given.get("edits"),
        )
        return Response(HandOffOut(_found(request, made.pk)).data, status=status.HTTP_201_CREATED)


class HandOffSignatures(GenericAPIView[HandOff]):
    """Handing over."""

    serializer_class = HandOffOut
    queryset = HandOff.objects.none()

    @extend_schema(operation_id="handoffs_hand_over", request=HandOffSignatureAsked, responses={201: HandOffOut})
    def post(self, request: Request, pk: int) -> Response:
        """The project lead signs the record and asks the receiver."""
        _found(request, pk)
        given = given_by(HandOffSignatureAsked(data=request.data))
        services.hand_over(
            actor=person(request),
            handoff_id=pk,
            password=given["password"],
            code=given["code"],
            comment=given["comment"],
        )
        return Response(HandOffOut(_found(request, pk)).data, status=status.HTTP_201_CREATED)


class HandOffReceipts(GenericAPIView[HandOff]):
    """Receiving."""

    serializer_class = HandOffOut
    queryset = HandOff.objects.none()

    @extend_schema(operation_id="handoffs_receive", request=HandOffReceiptAsked, responses={201: HandOffOut})
    def post(self, request: Request, pk: int) -> Response:
        """A customer counter-signs what was read, or sends it back with the reason."""
        _found(request, pk)
        given = given_by(HandOffReceiptAsked(data=request.data))
        if given["answer"] == "received":
            services.receive_handoff(
                actor=person(request),
                handoff_id=pk,
                password=given["password"],
                code=given["code"],
                digest=given["digest"],
                comment=given["comment"],
            )
        else:
            services.send_handoff_back(actor=person(request), handoff_id=pk, reason=given["comment"])
        return Response(HandOffOut(_found(request, pk)).data, status=status.HTTP_201_CREATED)
