"""Published versions: reading, checking a text, comparing, retiring."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.web.listing import Listing
from foundation.web.refused import Refused
from lifecycle.methodologies.api.finding import caller, find_version
from lifecycle.methodologies.api.serializers import (
    MethodologyChangeOut,
    MethodologyCheckOut,
    MethodologyContentOut,
    MethodologyOut,
    MethodologyRetireIn,
    MethodologyTextIn,
)
from lifecycle.methodologies.difference import difference
from lifecycle.methodologies.reading import read_methodology
from lifecycle.methodologies.selectors import versions
from lifecycle.methodologies.services import offer_again, retire


class MethodologyList(Listing):
    """All versions of all methodologies."""

    @extend_schema(operation_id="methodologies_list", responses=MethodologyOut(many=True))
    def get(self, request: Request) -> Response:
        return self.listed(versions(), MethodologyOut)


class MethodologyOne(APIView):
    """One version with its content."""

    @extend_schema(operation_id="methodologies_retrieve", responses=MethodologyContentOut)
    def get(self, request: Request, key: str, number: int) -> Response:
        return Response(MethodologyContentOut(find_version(key, number)).data)


class MethodologyCheck(APIView):
    """The faults of a text; nothing is stored."""

    @extend_schema(operation_id="methodologies_check", request=MethodologyTextIn, responses=MethodologyCheckOut)
    def post(self, request: Request) -> Response:
        given = MethodologyTextIn(data=request.data)
        given.is_valid(raise_exception=True)
        faults = read_methodology(given.validated_data["text"], key=given.validated_data["key"]).faults
        return Response(MethodologyCheckOut({"sound": not faults, "faults": faults}).data)


class MethodologyDifference(APIView):
    """What differs between an older version and this one."""

    @extend_schema(
        operation_id="methodologies_difference",
        parameters=[OpenApiParameter("from", int, required=True, description="Number of the older version")],
        responses=MethodologyChangeOut(many=True),
    )
    def get(self, request: Request, key: str, number: int) -> Response:
        named = request.query_params.get("from", "")
        if not named.isdecimal() or len(named) > 9:
            raise Refused("Name the older version by its number.", code="invalid", status=400, field="from")
        changes = difference(find_version(key, int(named)).content, find_version(key, number).content)
        return Response(MethodologyChangeOut(changes, many=True).data)


class MethodologyRetire(APIView):
    """No longer offering a version to new projects."""

    @extend_schema(operation_id="methodologies_retire", request=MethodologyRetireIn, responses=MethodologyContentOut)
    def post(self, request: Request, key: str, number: int) -> Response:
        found = find_version(key, number)
        given = MethodologyRetireIn(data=request.data)
        given.is_valid(raise_exception=True)
        retire(actor=caller(request), methodology=found, reason=given.validated_data["reason"])
        return Response(MethodologyContentOut(find_version(key, number)).data)


class MethodologyOffer(APIView):
    """Offering a retired version again."""

    @extend_schema(operation_id="methodologies_offer", request=None, responses=MethodologyContentOut)
    def post(self, request: Request, key: str, number: int) -> Response:
        offer_again(actor=caller(request), methodology=find_version(key, number))
        return Response(MethodologyContentOut(find_version(key, number)).data)
