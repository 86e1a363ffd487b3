"""REST of files to take away, and of what changed between versions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.postmortems.api.answers import AnyAnswer
from lifecycle.postmortems.api.shapes import found_or_404
from lifecycle.postmortems.changes import changes_between
from lifecycle.postmortems.views.taking import as_download, content_at, outwards, span_of, whole

_FILE = {(200, "application/octet-stream"): OpenApiTypes.BINARY}
_VERSION = OpenApiParameter("version", OpenApiTypes.INT, description="A published version; without it, as it is now.")


class LineRow(serializers.Serializer[Any]):
    """A line of a difference: same, out, in, or gap."""

    kind = serializers.CharField()
    text = serializers.CharField()


class ChangeRow(serializers.Serializer[Any]):
    """A section that differs; no lines where its text is too long to compare."""

    title = serializers.CharField()
    lines = LineRow(many=True, allow_null=True)


class ExportAs(APIView):
    """The whole post-mortem as a file."""

    content_negotiation_class = AnyAnswer

    @extend_schema(operation_id="postmortems_export_as", parameters=[_VERSION], responses=_FILE)
    def get(self, request: Request, reference: str, form: str) -> HttpResponse:
        """`form`: html, md, pdf or json."""
        return as_download(whole(found_or_404(request, reference), form, request.query_params))


class Outward(APIView):
    """The outward version as a file."""

    content_negotiation_class = AnyAnswer

    @extend_schema(
        operation_id="postmortems_outward",
        parameters=[_VERSION, OpenApiParameter("money", OpenApiTypes.BOOL, description="1: with promises of money")],
        responses=_FILE,
    )
    def get(self, request: Request, reference: str, form: str) -> HttpResponse:
        """`form`: html, md, pdf or json. Refused where nothing was written for readers outside."""
        return as_download(outwards(found_or_404(request, reference), form, request.query_params))


class Differences(APIView):
    """What changed between two versions."""

    @extend_schema(
        operation_id="postmortems_differences",
        parameters=[OpenApiParameter("from", OpenApiTypes.STR), OpenApiParameter("to", OpenApiTypes.STR)],
        responses=ChangeRow(many=True),
    )
    def get(self, request: Request, reference: str) -> Response:
        """`from` and `to`: numbers of versions, or `now`. Where neither is given: while a new version is written, from the
        last published one to now; else from the one before it to the last published one."""
        found = found_or_404(request, reference)
        numbers = [row.number for row in found.revisions.all()]
        former, later = span_of(found, numbers, request.query_params)
        changes = changes_between(content_at(found, former), content_at(found, later))
        return Response([asdict(change) for change in changes])
