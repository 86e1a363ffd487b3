"""REST of the room. Money is text; nothing of a stored report is computed anew."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from explain.outcomes.models import OutcomeReport
from explain.outcomes.selectors import report_numbered
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


def _person(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


def _project(request: Request, key: str) -> Project:
    found: Project = get_object_or_404(Project.objects.visible_to(request.user), key=key)
    return found
