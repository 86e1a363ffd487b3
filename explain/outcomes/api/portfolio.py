"""REST of the portfolio. Money is text; projects in other currencies are listed, never added."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.outcomes.api.finding import person_of
from explain.outcomes.selectors import portfolio_of


class GradeTotalRow(serializers.Serializer[Any]):
    """Sums of all projects of one grade."""

    grade = serializers.CharField(allow_blank=True)
    projects = serializers.IntegerField()
    costs = serializers.DecimalField(max_digits=24, decimal_places=4)
    benefits = serializers.DecimalField(max_digits=24, decimal_places=4)
    net = serializers.DecimalField(max_digits=24, decimal_places=4)
    planned_benefits = serializers.DecimalField(max_digits=24, decimal_places=4)


class PortfolioRow(serializers.Serializer[Any]):
    """One project in the portfolio."""

    project = serializers.CharField(source="project.key")
    name = serializers.CharField(source="project.name")
    state = serializers.CharField(source="project.state")
    report = serializers.SerializerMethodField()
    currency = serializers.SerializerMethodField()
    grade = serializers.CharField(allow_blank=True)
    costs_to_date = serializers.DecimalField(source="costs", max_digits=20, decimal_places=4, allow_null=True)
    benefits_to_date = serializers.DecimalField(source="benefits", max_digits=20, decimal_places=4, allow_null=True)
    net_to_date = serializers.DecimalField(source="net", max_digits=20, decimal_places=4, allow_null=True)
    planned_net_to_date = serializers.DecimalField(
        source="planned_net", max_digits=20, decimal_places=4, allow_null=True
    )
    chance_positive = serializers.FloatField(source="chance", allow_null=True)

    def get_report(self, row: Any) -> int | None:
        """Number of the current report."""
        return row.report["number"] if row.report else None

    def get_currency(self, row: Any) -> str:
        """The project's currency at the day of its report."""
        return str(row.report["currency"] if row.report else row.project.currency)


class PortfolioBody(serializers.Serializer[Any]):
    """Sums by grade in the reporting currency; projects in other currencies are listed, never added."""

    currency = serializers.CharField()
    totals = GradeTotalRow(many=True)
    projects = PortfolioRow(many=True, source="rows")
    other_currencies = PortfolioRow(many=True, source="elsewhere")
    without_report = PortfolioRow(many=True, source="without")
    curve_grade = serializers.CharField(source="chosen")
    first_month = serializers.DateField(allow_null=True)
    planned_net = serializers.ListField(
        source="planned", child=serializers.DecimalField(max_digits=24, decimal_places=4)
    )
    realised_net = serializers.ListField(
        source="realised", child=serializers.DecimalField(max_digits=24, decimal_places=4)
    )


class PortfolioView(APIView):
    """What all projects bring that the caller may see."""

    @extend_schema(
        responses=PortfolioBody,
        parameters=[OpenApiParameter("grade", str, description="Reports that the curve adds up; `all` mixes grades")],
    )
    def get(self, request: Request) -> Response:
        """Sums by grade, projects, and the curve."""
        return Response(PortfolioBody(portfolio_of(person_of(request), request.query_params.get("grade", ""))).data)
