"""REST of the portfolio. Money is text in the unit of its currency; sums never mix grades or currencies."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.outcomes.selectors import asked, portfolio_of
from explain.outcomes.selectors.portfolio.filters import LABELS
from foundation.people.models import User


class GradeTotalRow(serializers.Serializer[Any]):
    """Sums of all projects of one grade."""

    grade = serializers.CharField(allow_blank=True)
    currency = serializers.CharField()
    projects = serializers.IntegerField()
    costs = serializers.DecimalField(max_digits=28, decimal_places=4)
    benefits = serializers.DecimalField(max_digits=28, decimal_places=4)
    net = serializers.DecimalField(max_digits=28, decimal_places=4)
    planned_benefits = serializers.DecimalField(max_digits=28, decimal_places=4)


def _money(source: str) -> serializers.DecimalField:
    return serializers.DecimalField(source=source, max_digits=28, decimal_places=4, allow_null=True)


class PortfolioRow(serializers.Serializer[Any]):
    """One project in the portfolio."""

    project = serializers.CharField(source="key")
    name = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    state = serializers.CharField()
    report = serializers.IntegerField(source="number")
    as_of = serializers.DateField()
    currency = serializers.CharField()
    grade = serializers.CharField(allow_blank=True)
    costs_to_date = _money("costs")
    benefits_to_date = _money("benefits")
    net_to_date = _money("net")
    planned_net_to_date = _money("planned_net")
    shortfall_to_date = _money("shortfall")
    npv = serializers.DecimalField(max_digits=28, decimal_places=4, allow_null=True)
    chance_positive = serializers.FloatField(source="chance", allow_null=True)


class PortfolioBody(serializers.Serializer[Any]):
    """Sums by grade in one currency. `projects`: twenty-five a page, the best first. Other currencies have sums of their own."""

    currency = serializers.CharField()
    totals = GradeTotalRow(many=True)
    count = serializers.SerializerMethodField()
    pages = serializers.IntegerField()
    projects = PortfolioRow(many=True, source="rows")
    top = PortfolioRow(many=True)
    losing = PortfolioRow(many=True)
    worst = PortfolioRow(many=True)
    other_currencies = GradeTotalRow(many=True, source="elsewhere")
    without_report = serializers.IntegerField(source="without")
    without_total = serializers.IntegerField(source="not_added")
    curve_grade = serializers.CharField(source="chosen")
    first_month = serializers.DateField(allow_null=True)
    planned_net = serializers.ListField(
        source="planned", child=serializers.DecimalField(max_digits=28, decimal_places=4)
    )
    realised_net = serializers.ListField(
        source="realised", child=serializers.DecimalField(max_digits=28, decimal_places=4)
    )

    def get_count(self, found: Any) -> int:
        """Projects over all pages."""
        return len(found.order)


_FILTERS = [OpenApiParameter(name, str, description=f"Narrow to a {label}") for name, label in LABELS.items()]


class PortfolioView(APIView):
    """What all projects bring that the caller may see."""

    @extend_schema(
        responses=PortfolioBody,
        parameters=[*_FILTERS, OpenApiParameter("page", int, description="Of the projects, fifty a page")],
    )
    def get(self, request: Request) -> Response:
        """Sums by grade, projects, and the curve; months as 2026-03; `grade=all` mixes grades in the curve."""
        assert isinstance(request.user, User)
        filters = asked(request.user, request.query_params).demand()
        text = request.query_params.get("page", "1")
        page = int(text) if text.isdecimal() and len(text) < 7 else 1
        return Response(PortfolioBody(portfolio_of(request.user, filters, page=page)).data)
