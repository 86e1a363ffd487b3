"""Root, schema and readable list of the API."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework import serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

PREFIX = "/api/v1/"


@dataclass(frozen=True)
class Operation:
    """One method on one path."""

    method: str
    path: str
    summary: str
    takes: tuple[str, ...]
    answers: tuple[str, ...]


class Roots(serializers.Serializer[Any]):
    """Where to begin."""

    name = serializers.CharField()
    schema = serializers.CharField()
    docs = serializers.CharField()
    routes = serializers.ListField(child=serializers.CharField())


class Root(APIView):
    """The first page of the API."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=Roots)
    def get(self, request: Request) -> Response:
        """All routes, and where they are described."""
        paths = sorted({operation.path for operation in operations()})
        return Response({"name": "Tollgate", "schema": f"{PREFIX}schema/", "docs": f"{PREFIX}docs/", "routes": paths})


class Schema(SpectacularAPIView):
    """The OpenAPI description, for those who sign in."""

    permission_classes = [IsAuthenticated]


@cache
def operations() -> tuple[Operation, ...]:
    """All operations in the order of their paths; read once from the description that clients get too."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    found = []
    for path, methods in sorted(schema.get("paths", {}).items()):
        for method, described in methods.items():
            bodies = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            found.append(
                Operation(
                    method=method.upper(),
                    path=path,
                    summary=str(described.get("summary") or described.get("description") or "").split("\n")[0],
                    takes=tuple(_fields(bodies, schema)),
                    answers=tuple(described.get("responses", {})),
                )
            )
    return tuple(found)


def _fields(body: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """Names of the fields of a request, the optional ones with a question mark."""
    name = str(body.get("$ref", "")).rpartition("/")[2]
    described = schema.get("components", {}).get("schemas", {}).get(name, body)
    required = described.get("required", [])
    return [
        key if key in required else f"{key}?"
        for key, value in described.get("properties", {}).items()
        if not value.get("readOnly")
    ]


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The routes as a page for people."""
    return render(request, "portal/api/docs.html", {"operations": operations()})
