"""Drafts of own methodologies."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.listing import Listing
from lifecycle.methodologies.api.finding import caller, find_draft, find_version
from lifecycle.methodologies.api.serializers import (
    MethodologyContentOut,
    MethodologyDraftIn,
    MethodologyDraftLineOut,
    MethodologyDraftOut,
    MethodologyDraftPatch,
    MethodologyPublishIn,
)
from lifecycle.methodologies.selectors import drafts
from lifecycle.methodologies.services import begin_draft, change_draft, discard_draft, publish_draft


class DraftList(Listing):
    """Drafts of own methodologies."""

    @extend_schema(operation_id="methodology_drafts_list", responses=MethodologyDraftLineOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(drafts(), MethodologyDraftLineOut)

    @extend_schema(
        operation_id="methodology_drafts_create", request=MethodologyDraftIn, responses={201: MethodologyDraftOut}
    )
    def post(self, request: Request) -> Response:
        given = MethodologyDraftIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        named = values.get("based_on")
        draft = begin_draft(
            actor=caller(request),
            key=values["key"],
            name=values["name"],
            based_on=find_version(named["key"], named["number"]) if named else None,
            text=values.get("text"),
        )
        return Response(MethodologyDraftOut(draft).data, status=status.HTTP_201_CREATED)


class DraftOne(APIView):
    """One draft."""

    @extend_schema(operation_id="methodology_drafts_retrieve", responses=MethodologyDraftOut)
    def get(self, request: Request, key: str) -> Response:
        return Response(MethodologyDraftOut(find_draft(key)).data)

    @extend_schema(
        operation_id="methodology_drafts_update", request=MethodologyDraftPatch, responses=MethodologyDraftOut
    )
    def patch(self, request: Request, key: str) -> Response:
        draft = find_draft(key)
        given = MethodologyDraftPatch(data=request.data)
        given.is_valid(raise_exception=True)
        changed = change_draft(
            actor=caller(request),
            draft=draft,
            text=given.validated_data["text"],
            expected_version=given.validated_data["version"],
        )
        return Response(MethodologyDraftOut(changed).data)

    @extend_schema(
        operation_id="methodology_drafts_discard",
        parameters=[OpenApiParameter("version", int, required=True, description="The version that was read")],
        responses={204: None},
    )
    def delete(self, request: Request, key: str) -> Response:
        draft = find_draft(key)
        seen = request.query_params.get("version", "")
        discard_draft(
            actor=caller(request),
            draft=draft,
            expected_version=int(seen) if seen.isdecimal() and len(seen) < 10 else 0,
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class DraftPublish(APIView):
    """Publishing a draft as the next version."""

    @extend_schema(
        operation_id="methodology_drafts_publish",
        request=MethodologyPublishIn,
        responses={201: MethodologyContentOut},
    )
    def post(self, request: Request, key: str) -> Response:
        draft = find_draft(key)
        given = MethodologyPublishIn(data=request.data)
        given.is_valid(raise_exception=True)
        made = publish_draft(
            actor=caller(request),
            draft=draft,
            expected_version=given.validated_data["version"],
            note=given.validated_data["note"],
        )
        return Response(MethodologyContentOut(find_version(made.key, made.number)).data, status=status.HTTP_201_CREATED)
