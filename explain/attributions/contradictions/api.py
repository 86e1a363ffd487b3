"""REST of contradictions."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.attributions import selectors
from explain.attributions.contradictions.models import ContradictionNote
from explain.attributions.contradictions.selectors import contradictions_of
from explain.attributions.contradictions.services import LONGEST, explain_contradiction
from explain.attributions.models import Explanation
from foundation.web.views import signed_in


class NoteOut(serializers.ModelSerializer[ContradictionNote]):
    """The reason of the team."""

    author = serializers.CharField(source="author.name", read_only=True)

    class Meta:
        model = ContradictionNote
        fields = ["text", "author", "created_at"]
        read_only_fields = fields


class ContradictionOut(serializers.Serializer[Any]):
    """A feature that acts against expectation; `direction` is the model's (up, down), `share` of all influence."""

    feature = serializers.CharField()
    name = serializers.CharField()
    direction = serializers.CharField()
    share = serializers.FloatField()
    note = NoteOut(allow_null=True)


class NoteIn(serializers.Serializer[Any]):
    """Why the model acts so."""

    feature = serializers.CharField(max_length=200)
    text = serializers.CharField(max_length=LONGEST * 2, allow_blank=True)


def _found(request: Request, key: str, pk: int) -> Explanation:
    found = selectors.find_explanation(signed_in(request._request), key, pk, samples=False)
    if found is None or found.state != Explanation.State.DONE:
        raise Http404
    return found


class Contradictions(APIView):
    """Where an explanation contradicts what the business expects."""

    @extend_schema(operation_id="contradictions_list", responses=ContradictionOut(many=True))
    def get(self, request: Request, key: str, pk: int) -> Response:
        """The contradictions of an explanation, the heaviest first, with the team's reason or null."""
        return Response(_rows(_found(request, key, pk)))

    @extend_schema(operation_id="contradictions_explain", request=NoteIn, responses={201: ContradictionOut(many=True)})
    def post(self, request: Request, key: str, pk: int) -> Response:
        """Say why, for one feature."""
        found = _found(request, key, pk)
        given = NoteIn(data=request.data)
        given.is_valid(raise_exception=True)
        explain_contradiction(actor=signed_in(request._request), explanation=found, **given.validated_data)
        return Response(_rows(found), status=201)


def _rows(found: Explanation) -> Any:
    return ContradictionOut(contradictions_of(found, selectors.dictionary_of(found.project)), many=True).data
