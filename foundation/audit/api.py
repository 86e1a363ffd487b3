"""REST of the room: the trail for those who see everything."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.utils.dateparse import parse_date
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from foundation.audit import selectors
from foundation.audit.models import Entry
from foundation.web.refused import Refused


class SeesAll(BasePermission):
    """Managers, auditors and administrators."""

    message = "Only managers, auditors and administrators read the whole trail. Each project shows its own."

    def has_permission(self, request: Request, view: APIView) -> bool:
        return bool(getattr(request.user, "sees_all", False))


class EntryRow(serializers.ModelSerializer[Entry]):
    """One entry of the trail, with what its hash covers."""

    class Meta:
        model = Entry
        fields = [
            "seq", "at", "actor", "actor_name", "verb", "thing_kind", "thing_id", "thing_name", "project_id", "before",
            "after", "reason", "request_id", "source_address", "previous_hash", "hash",
        ]  # fmt: skip
        read_only_fields = fields


def _day(text: str, field: str) -> date | None:
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise Refused(f"{text!r} is no day. Write it as 2026-03-31.", code="invalid", status=400, field=field)
    return day


def _numbers(project: str) -> list[int] | None:
    """Numbers of the projects with this key, or the number itself; None where nothing is asked for."""
    if not project:
        return None
    if project.isdecimal() and project.isascii() and len(project) < 19:
        return [int(project)]
    found = [each.number for each in selectors.named_projects() if each.key == project]
    if not found:
        raise Refused(
            f"No project has the key {project!r}. Look it up in the list of projects.",
            code="invalid",
            status=400,
            field="project",
        )
    return found


@extend_schema_view(
    get=extend_schema(
        parameters=[
            OpenApiParameter("person", str, description="Part of the name of who did it"),
            OpenApiParameter("verb", str, description="Part of the deed, such as approve"),
            OpenApiParameter("project", str, description="Key of the project, or its number"),
            OpenApiParameter("since", OpenApiTypes.DATE),
            OpenApiParameter("until", OpenApiTypes.DATE),
        ]
    )
)
class Entries(ListAPIView[Entry]):
    """The trail, newest first."""

    serializer_class = EntryRow
    permission_classes = [IsAuthenticated, SeesAll]
    queryset = Entry.objects.none()

    def get_queryset(self) -> QuerySet[Entry]:
        given = self.request.query_params
        return selectors.entries(
            person=given.get("person", ""),
            verb=given.get("verb", ""),
            projects=_numbers(given.get("project", "")),
            since=_day(given.get("since", ""), "since"),
            until=_day(given.get("until", ""), "until"),
        )
