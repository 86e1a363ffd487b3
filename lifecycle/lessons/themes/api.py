"""REST of themes."""

from __future__ import annotations

from typing import Any, cast

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.audit.since import SinceLastDeed
from foundation.people.models import User
from lifecycle.lessons.themes import selectors
from lifecycle.lessons.themes.page import page_of

_DAY, _TEXT = OpenApiTypes.DATE, OpenApiTypes.STR


class CountRow(serializers.Serializer[Any]):
    """How many of how many cases; no share where there are fewer than ten."""

    key = serializers.CharField()
    name = serializers.CharField()
    count = serializers.IntegerField()
    of = serializers.IntegerField()
    share = serializers.IntegerField(allow_null=True, help_text="per cent")


class GridRow(serializers.Serializer[Any]):
    """Counts of rows by columns."""

    row_names = serializers.ListField(child=serializers.CharField())
    column_names = serializers.ListField(child=serializers.CharField())
    counts = serializers.ListField(child=serializers.ListField(child=serializers.IntegerField()))
    of = serializers.IntegerField()


class CameBackRow(serializers.Serializer[Any]):
    """A factor that was met again after an action against it was verified."""

    name = serializers.CharField()
    verified_on = serializers.DateField()
    first = serializers.CharField()
    later = serializers.ListField(child=serializers.CharField())
    said = serializers.IntegerField()


class WorkRow(serializers.Serializer[Any]):
    """Accepted actions that were not cancelled."""

    accepted = serializers.IntegerField()
    open = serializers.IntegerField()
    overdue = serializers.IntegerField()
    median_age = serializers.FloatField(allow_null=True, help_text="days since publication, of open ones")
    aged = serializers.IntegerField()
    done_in_time = serializers.IntegerField()
    done_with_date = serializers.IntegerField()
    share_in_time = serializers.IntegerField(allow_null=True, help_text="per cent")


class ThemesFull(serializers.Serializer[Any]):
    """What published post-mortems have in common, of those that the caller may see."""

    n = serializers.IntegerField()
    sentences = serializers.ListField(child=serializers.CharField())
    factors = CountRow(many=True)
    by_phase = GridRow()
    by_trigger = GridRow()
    together = CountRow(many=True)
    quarters = CountRow(many=True)
    by_quarter = GridRow()
    detection = CountRow(many=True)
    detection_known = serializers.IntegerField()
    outside = serializers.IntegerField()
    monitoring = serializers.IntegerField()
    days_to_notice = serializers.FloatField(allow_null=True, help_text="median")
    days_known = serializers.IntegerField()
    waits = CountRow(many=True)
    came_back = CameBackRow(many=True)
    unprevented = CountRow(many=True)
    work = WorkRow()


class ThemesDetail(APIView):
    """Themes over post-mortems."""

    @extend_schema(
        operation_id="postmortem_themes",
        parameters=[
            *(OpenApiParameter(name, _DAY) for name in ("since", "until")),
            *(OpenApiParameter(name, _TEXT) for name in ("methodology", "unit", "risk", "kind", "severity")),
        ],
        responses=ThemesFull,
    )
    def get(self, request: Request) -> Response:
        """Counted over published and closed cases; `since` and `until` are days on which they were noticed."""
        user = cast(User, request.user)
        asked = selectors.asked(request.query_params)
        known = SinceLastDeed(user.pk, timezone.localdate())
        page = known.answer(f"themes {asked.query}", lambda: page_of(selectors.themes_for(user, asked)))
        return Response(ThemesFull(page.themes).data)
