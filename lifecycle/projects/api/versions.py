"""Deliverables and their versions."""

from __future__ import annotations

from django.http import Http404
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.listing import Listing
from lifecycle.projects.api.finding import caller, find_deliverable
from lifecycle.projects.api.serializers import DeliverableOut, VersionIn, VersionOut, VersionTextOut, WhyIn
from lifecycle.projects.models import DeliverableVersion
from lifecycle.projects.selectors import version_of, versions_of
from lifecycle.projects.services import mark_not_applicable, take_over, unmark_not_applicable, write_version
from lifecycle.projects.views.deliverables import attachment


def _version(request: Request, pk: int, number: int) -> DeliverableVersion:
    version = version_of(find_deliverable(request, pk), number)
    if version is None:
        raise Http404
    return version


class DeliverableOne(APIView):
    """One deliverable."""

    @extend_schema(operation_id="deliverables_retrieve", responses=DeliverableOut)
    def get(self, request: Request, pk: int) -> Response:
        return Response(DeliverableOut(find_deliverable(request, pk)).data)


class VersionList(Listing):
    """Versions of a deliverable, newest first."""

    @extend_schema(operation_id="versions_list", responses=VersionOut(many=True))
    def get(self, request: Request, pk: int) -> Response:
        return self.listed(versions_of(find_deliverable(request, pk)), VersionOut)

    @extend_schema(
        operation_id="versions_create",
        request={"application/json": VersionIn, "multipart/form-data": VersionIn},
        responses={201: VersionTextOut},
    )
    def post(self, request: Request, pk: int) -> Response:
        deliverable = find_deliverable(request, pk)
        given = VersionIn(data=request.data)
        given.is_valid(raise_exception=True)
        values = given.validated_data
        file = values.get("file")
        version = write_version(
            actor=caller(request),
            deliverable=deliverable,
            text=values.get("text"),
            file=file,
            filename=file.name if file else "",
            note=values.get("note", ""),
            expected_number=values["expected_number"],
        )
        return Response(VersionTextOut(version).data, status=status.HTTP_201_CREATED)


class VersionOne(APIView):
    """One version with its text."""

    @extend_schema(operation_id="versions_retrieve", responses=VersionTextOut)
    def get(self, request: Request, pk: int, number: int) -> Response:
        return Response(VersionTextOut(_version(request, pk, number)).data)


class VersionFile(APIView):
    """One version as a file."""

    @extend_schema(
        operation_id="versions_download",
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY)},
    )
    def get(self, request: Request, pk: int, number: int) -> HttpResponseBase:
        return attachment(_version(request, pk, number))


class NotApplicable(APIView):
    """The mark that a deliverable does not apply."""

    @extend_schema(operation_id="deliverables_mark_not_applicable", request=WhyIn, responses=DeliverableOut)
    def post(self, request: Request, pk: int) -> Response:
        deliverable = find_deliverable(request, pk)
        given = WhyIn(data=request.data)
        given.is_valid(raise_exception=True)
        marked = mark_not_applicable(
            actor=caller(request), deliverable=deliverable, reason=given.validated_data["reason"]
        )
        return Response(DeliverableOut(marked).data)

    @extend_schema(operation_id="deliverables_unmark_not_applicable", request=None, responses=DeliverableOut)
    def delete(self, request: Request, pk: int) -> Response:
        deliverable = find_deliverable(request, pk)
        return Response(DeliverableOut(unmark_not_applicable(actor=caller(request), deliverable=deliverable)).data)


class Former(APIView):
    """Taking over the newest version of the former iteration."""

    @extend_schema(operation_id="deliverables_take_over", request=None, responses={201: VersionTextOut})
    def post(self, request: Request, pk: int) -> Response:
        version = take_over(actor=caller(request), deliverable=find_deliverable(request, pk))
        return Response(VersionTextOut(version).data, status=status.HTTP_201_CREATED)
