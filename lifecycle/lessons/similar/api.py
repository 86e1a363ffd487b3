"""REST of pairs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.lessons.models import SimilarPair
from lifecycle.lessons.similar.selectors import similar_to
from lifecycle.lessons.similar.services import say_of_pair
from lifecycle.lessons.similar.views import other_case
from lifecycle.postmortems.api.shapes import found_or_404, given, person


class AlikeRow(serializers.Serializer[Any]):
    """A case that is like another one, and in what."""

    reference = serializers.CharField(source="case.reference")
    title = serializers.CharField(source="case.title")
    project = serializers.CharField(source="case.project.name")
    why = serializers.ListField(child=serializers.CharField())
    verdict = serializers.CharField()
    score = serializers.FloatField()


class SimilarOut(serializers.Serializer[Any]):
    """The most alike cases, and those that somebody said are not alike."""

    alike = AlikeRow(many=True)
    unlike = AlikeRow(many=True)


class VerdictAsked(serializers.Serializer[Any]):
    """What somebody says of a pair; an empty verdict takes it back."""

    other = serializers.CharField(max_length=16)
    verdict = serializers.ChoiceField(SimilarPair.Verdict.choices, allow_blank=True)


class Similar(APIView):
    """Cases like one."""

    @extend_schema(operation_id="postmortem_similar", responses=SimilarOut)
    def get(self, request: Request, reference: str) -> Response:
        """Up to five that the person may see, the most alike first, each with what both share."""
        return self._shown(request, reference)

    @extend_schema(operation_id="postmortem_similar_say", request=VerdictAsked, responses=SimilarOut)
    def post(self, request: Request, reference: str) -> Response:
        """Say that two cases are similar or not_similar; it is kept when they are compared again."""
        asked = given(VerdictAsked(data=request.data))
        say_of_pair(
            actor=person(request),
            case=found_or_404(request, reference),
            other=other_case(person(request), asked["other"]),
            verdict=asked["verdict"],
        )
        return self._shown(request, reference)

    def _shown(self, request: Request, reference: str) -> Response:
        return Response(SimilarOut(similar_to(person(request), found_or_404(request, reference))).data)
