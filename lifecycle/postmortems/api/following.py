"""REST of being told of new ones."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lifecycle.postmortems import services
from lifecycle.postmortems.api.shapes import given, person


class FollowingShape(serializers.Serializer[Any]):
    """Whether the person is told of each case that everybody may read, when it is published."""

    is_told = serializers.BooleanField()


class Following(APIView):
    """One's own wish to be told."""

    @extend_schema(operation_id="postmortems_following_read", responses=FollowingShape)
    def get(self, request: Request) -> Response:
        """As it is."""
        return Response({"is_told": services.follows(person(request))})

    @extend_schema(operation_id="postmortems_following_set", request=FollowingShape, responses=FollowingShape)
    def put(self, request: Request) -> Response:
        """As it is from now on; said again, nothing changes."""
        asked = given(FollowingShape(data=request.data))
        return Response({"is_told": services.follow(actor=person(request), is_on=asked["is_told"])})
