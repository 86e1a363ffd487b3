"""REST of the room. Money is text; nothing of a stored report is computed anew."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors import portfolio_of, report_numbered
from explain.outcomes.services import LARGEST_SEED, request_report
from foundation.people.models import User
from lifecycle.projects.models import Project


class ReportRequest(serializers.Serializer[Any]):
    """What a report is asked for with."""

    as_of = serializers.DateField(required=False, allow_null=True, help_text="Today if absent")
    seed = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST_SEED, default=0)


class AcceptedReport(serializers.Serializer[Any]):
    """A report that was asked for: look at the job, then at the report."""

    number = serializers.IntegerField()
    state = serializers.CharField()
    as_of = serializers.DateField()
    job = serializers.IntegerField(source="job_id", allow_null=True)


class OutcomeReportRow(serializers.ModelSerializer[OutcomeReport]):
    """The head of a report."""

    net_to_date = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True, read_only=True)
    job = serializers.IntegerField(source="job_id", allow_null=True, read_only=True)

    class Meta:
        model = OutcomeReport
        fields = [
            "number", "state", "as_of", "job", "refusal_code", "refusal", "formula_version", "seed", "inputs_hash",
            "content_hash", "is_current", "currency", "grade", "costs_to_date", "benefits_to_date", "net_to_date",
            "planned_net_to_date", "npv", "roi_percent", "payback_months", "chance_positive", "requested_at",
            "finished_at",
        ]  # fmt: skip
        read_only_fields = fields


class OutcomeReportDetail(OutcomeReportRow):
    """A report with all that it shows."""

    result = serializers.JSONField(read_only=True)

    class Meta(OutcomeReportRow.Meta):
        fields = [*OutcomeReportRow.Meta.fields, "result"]
        read_only_fields = fields


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


class OutcomeReports(ListAPIView[OutcomeReport]):
    """Reports of a project, newest first; asking for one."""

    serializer_class = OutcomeReportRow
    queryset = OutcomeReport.objects.none()

    def get_queryset(self) -> QuerySet[OutcomeReport]:
        if getattr(self, "swagger_fake_view", False):
            return OutcomeReport.objects.none()
        project = _project(self.request, self.kwargs["key"])
        return OutcomeReport.objects.filter(project=project).defer("inputs", "result").order_by("-number")

    @extend_schema(request=ReportRequest, responses={202: AcceptedReport})
    def post(self, request: Request, key: str) -> Response:
        """Ask for a report; while one waits, that one is answered."""
        project = _project(request, key)
        body = ReportRequest(data=request.data)
        body.is_valid(raise_exception=True)
        report = request_report(
            actor=_person(request),
            project=project,
            as_of=body.validated_data.get("as_of"),
            seed=body.validated_data["seed"],
        )
        return Response(AcceptedReport(report).data, status=202)


class OutcomeReportView(APIView):
    """One report."""

    @extend_schema(responses=OutcomeReportDetail)
    def get(self, request: Request, key: str, number: int) -> Response:
        """The report with its result."""
        found = report_numbered(_project(request, key), number)
        if found is None:
            raise Http404
        return Response(OutcomeReportDetail(found).data)


class PortfolioView(APIView):
    """What all projects bring that the caller may see."""

    @extend_schema(
        responses=PortfolioBody,
        parameters=[OpenApiParameter("grade", str, description="Reports that the curve adds up; `all` mixes grades")],
    )
    def get(self, request: Request) -> Response:
        """Sums by grade, projects, and the curve."""
        return Response(PortfolioBody(portfolio_of(_person(request), request.query_params.get("grade", ""))).data)


def _person(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _project(request: Request, key: str) -> Project:
    found: Project = get_object_or_404(Project.objects.visible_to(request.user), key=key)
    return found
