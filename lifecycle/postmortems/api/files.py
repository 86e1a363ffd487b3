"""REST of the files of a post-mortem."""

from __future__ import annotations

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.postmortems import services
from lifecycle.postmortems.api.answers import AnyAnswer
from lifecycle.postmortems.api.shapes import FileRow, found_or_404, given, person
from lifecycle.postmortems.models import Attachment
from lifecycle.postmortems.views.files import sent


class FileAsked(serializers.Serializer[Any]):
    """A file to keep, as multipart form data."""

    file = serializers.FileField()


class Files(GenericAPIView[Attachment]):
    """The files of one post-mortem."""

    serializer_class = FileRow
    queryset = Attachment.objects.none()
    parser_classes = [MultiPartParser]
    pagination_class = None

    @extend_schema(operation_id="postmortems_files_list", responses=FileRow(many=True))
    def get(self, request: Request, reference: str) -> Response:
        """In the order in which they came; `file:<id>` names one in a text."""
        return Response(FileRow(found_or_404(request, reference).attachments.all(), many=True).data)

    @extend_schema(operation_id="postmortems_files_add", request=FileAsked, responses={201: FileRow})
    def post(self, request: Request, reference: str) -> Response:
        """Keep a file in the draft; the same bytes again give the row that is there."""
        found = found_or_404(request, reference)
        brought = given(FileAsked(data=request.data))["file"]
        made = services.attach_file(actor=person(request), postmortem=found, file=brought, name=brought.name)
        return Response(FileRow(made).data, status=status.HTTP_201_CREATED)


class OneFile(GenericAPIView[Attachment]):
    """One file."""

    serializer_class = FileRow
    queryset = Attachment.objects.none()
    content_negotiation_class = AnyAnswer

    @extend_schema(
        operation_id="postmortems_files_read", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY}
    )
    def get(self, request: Request, reference: str, file_id: int) -> HttpResponseBase:
        """Its bytes."""
        return sent(found_or_404(request, reference), file_id)

    @extend_schema(operation_id="postmortems_files_remove", responses={204: None})
    def delete(self, request: Request, reference: str, file_id: int) -> Response:
        """Take it out of the draft."""
        found = found_or_404(request, reference)
        services.remove_file(actor=person(request), postmortem=found, file_id=file_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
