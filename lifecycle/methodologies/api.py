"""REST views of methodologies."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.listing import Listing
from lifecycle.methodologies.models import Methodology
from lifecycle.methodologies.selectors import version_of, versions


class MethodologyOut(serializers.ModelSerializer[Methodology]):
    """A version, without its content."""

    hash = serializers.CharField(source="content_hash")
    used = serializers.IntegerField(help_text="Number of projects that use this version")

    class Meta:
        model = Methodology
        fields = (
            "key", "number", "name", "long_name", "source_version", "description", "phase_label", "hash",
            "created_at", "frozen_at", "retired_at", "used",
        )  # fmt: skip


class MethodologyContentOut(MethodologyOut):
    """A version with its content: phases, tasks, deliverables, questions, gates, feedback loops."""

    content = serializers.SerializerMethodField()

    class Meta(MethodologyOut.Meta):
        fields = (*MethodologyOut.Meta.fields, "content")  # type: ignore[assignment]

    @extend_schema_field(serializers.DictField())
    def get_content(self, methodology: Methodology) -> Any:
        return methodology.content


class MethodologyList(Listing):
    """All versions of all methodologies."""

    @extend_schema(operation_id="methodologies_list", responses=MethodologyOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(versions(), MethodologyOut)


class MethodologyOne(APIView):
    """One version with its content."""

    @extend_schema(operation_id="methodologies_retrieve", responses=MethodologyContentOut)
    def get(self, request: Request, key: str, number: int) -> Response:
        found = version_of(key, number)
        if found is None:
            raise Http404
        return Response(MethodologyContentOut(found).data)
