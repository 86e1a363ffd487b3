"""REST of the room: rules and days for everybody, changes for administrators."""

from __future__ import annotations

from datetime import date
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from foundation.calendar import selectors, services
from foundation.calendar.days import MONDAY_TO_SUNDAY, Rules, SpecialDay, special_days
from foundation.web.refused import Refused
from foundation.web.views import signed_in


class CalendarRules(serializers.Serializer[Any]):
    """Which days are free by rule. Country: ISO 3166-1 alpha-2, or an empty text for no public holidays."""

    weekend = serializers.ListField(child=serializers.ChoiceField(choices=MONDAY_TO_SUNDAY), max_length=7)
    country = serializers.CharField(allow_blank=True, max_length=2, default="")
    subdivision = serializers.CharField(allow_blank=True, max_length=40, default="")


class CalendarDay(serializers.Serializer[SpecialDay]):
    """A day with a name. `works`: people work on it; `is_own`: set by an administrator."""

    day = serializers.DateField()
    name = serializers.CharField()
    works = serializers.BooleanField()
    is_own = serializers.BooleanField()
    on_weekend = serializers.BooleanField()


class CalendarRead(CalendarRules):
    """The rules, and the days of one year that have a name."""

    year = serializers.IntegerField()
    days = CalendarDay(many=True)


class OwnDayRequest(serializers.Serializer[Any]):
    """A day on which the organisation is closed, or works although it would be free."""

    day = serializers.DateField()
    name = serializers.CharField(max_length=services.NAME_LENGTH)
    works = serializers.BooleanField(default=False)


class OwnDayRow(OwnDayRequest):
    """A day of the organisation's own."""


class CalendarView(APIView):
    """The organisation's working days."""

    @extend_schema(
        operation_id="calendar",
        parameters=[OpenApiParameter("year", OpenApiTypes.INT, description="Of the days; this year when left out")],
        responses=CalendarRead,
    )
    def get(self, request: Request) -> Response:
        """Weekend, country and the days of a year that have a name."""
        return Response(_read(selectors.present(), _year(request.query_params.get("year", ""))))

    @extend_schema(operation_id="calendar_change", request=CalendarRules, responses=CalendarRead)
    def put(self, request: Request) -> Response:
        """Change weekend, country and region (administrators)."""
        asked = CalendarRules(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        services.change_calendar(
            actor=signed_in(request._request),
            weekend=[MONDAY_TO_SUNDAY.index(name) for name in given["weekend"]],
            country=given["country"],
            subdivision=given["subdivision"],
        )
        return Response(_read(selectors.present(), selectors.today().year))


class OwnDays(APIView):
    """Days of the organisation's own."""

    @extend_schema(operation_id="calendar_day_add", request=OwnDayRequest, responses={201: OwnDayRow})
    def post(self, request: Request) -> Response:
        """Add one (administrators)."""
        asked = OwnDayRequest(data=request.data)
        asked.is_valid(raise_exception=True)
        row = services.add_own_day(actor=signed_in(request._request), **asked.validated_data)
        return Response(OwnDayRow(row).data, status=status.HTTP_201_CREATED)


class OwnDay(APIView):
    """One of the organisation's own days."""

    @extend_schema(
        operation_id="calendar_day_remove",
        parameters=[OpenApiParameter("day", OpenApiTypes.DATE, OpenApiParameter.PATH)],
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, day: date) -> Response:
        """Remove it (administrators): weekend and public holidays hold for it again."""
        services.remove_own_day(actor=signed_in(request._request), day=day)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _read(rules: Rules, year: int) -> dict[str, Any]:
    body = {
        "weekend": [MONDAY_TO_SUNDAY[number] for number in sorted(rules.weekend)],
        "country": rules.country,
        "subdivision": rules.subdivision,
        "year": year,
        "days": special_days(year, rules),
    }
    return dict(CalendarRead(body).data)


def _year(text: str) -> int:
    if not text:
        return selectors.today().year
    first, last = services.FIRST_YEAR, services.LAST_YEAR
    if not (text.isascii() and text.isdecimal() and len(text) == 4 and first <= int(text) <= last):
        raise Refused(
            f"{text!r} is no year from {first} to {last}. Write it as 2026.", code="invalid", status=400, field="year"
        )
    return int(text)
