"""REST of the exit report."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from lifecycle.acceptance import selectors, services
from lifecycle.acceptance.api.finding import given_by, person, project_of
from lifecycle.acceptance.handoff_permits import may_read_internal
from lifecycle.acceptance.models import ExitReport
from lifecycle.projects.models import Project
from lifecycle.projects.permits import roles_of


class ReportSectionOut(serializers.Serializer[Any]):
    """A section; `internal` ones are not in the customer's version."""

    key = serializers.CharField()
    title = serializers.CharField()
    level = serializers.IntegerField()
    internal = serializers.BooleanField()
    text = serializers.CharField(allow_blank=True)
    not_applicable = serializers.CharField(allow_blank=True)


class ExitReportOut(serializers.ModelSerializer[ExitReport]):
    """The report as the person may read it: without internal parts for customers and viewers."""

    sections = serializers.SerializerMethodField()
    edited_by = serializers.CharField(source="edited_by.name", read_only=True)
    issued_by = serializers.CharField(source="issued_by.name", read_only=True, default="")

    class Meta:
        model = ExitReport
        fields = [
            "id", "number", "state", "name", "sections", "digest", "customer_digest", "edits", "edited_by",
            "edited_at", "issued_by", "issued_at",
        ]  # fmt: skip

    @extend_schema_field(ReportSectionOut(many=True))
    def get_sections(self, report: ExitReport) -> list[dict[str, Any]]:
        """The sections, as far as the person may read them."""
        return report.parts(for_customer=not self.context.get("reads_internal", False))


class ReportSectionAsked(serializers.Serializer[Any]):
    """What changes in a section."""

    key = serializers.CharField(max_length=60)
    text = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    not_applicable = serializers.CharField(max_length=50_000, required=False, allow_blank=True)
    internal = serializers.BooleanField(required=False)


class ExitReportAsked(serializers.Serializer[ExitReport]):
    """Words for some sections. `edits`: as it was read, so that nobody writes over another's words."""

    sections = ReportSectionAsked(many=True)
    edits = serializers.IntegerField(required=False)


def _shown(request: Request, project: Project) -> dict[str, Any]:
    reads_internal = may_read_internal(person(request), roles=roles_of(person(request), project))
    report = selectors.report_shown(project, reads_internal=reads_internal)
    if report is None:
        raise Http404
    return dict(ExitReportOut(report, context={"reads_internal": reads_internal}).data)


class ExitReportView(GenericAPIView[ExitReport]):
    """The exit report of a project."""

    serializer_class = ExitReportOut
    queryset = ExitReport.objects.none()

    @extend_schema(operation_id="exit_report_read", responses=ExitReportOut)
    def get(self, request: Request, key: str) -> Response:
        """The newest version that the person may read."""
        return Response(_shown(request, project_of(request, key)))

    @extend_schema(operation_id="exit_report_write", request=ExitReportAsked, responses={201: ExitReportOut})
    def post(self, request: Request, key: str) -> Response:
        """Write sections of the draft; after an issued version the next one begins."""
        project = project_of(request, key)
        given = given_by(ExitReportAsked(data=request.data))
        services.write_report(
            actor=person(request),
            project=project,
            sections={section["key"]: section for section in given["sections"]},
            edits=given.get("edits"),
        )
        return Response(_shown(request, project), status=status.HTTP_201_CREATED)


class ExitReportIssues(GenericAPIView[ExitReport]):
    """Issuing the exit report."""

    serializer_class = ExitReportOut
    queryset = ExitReport.objects.none()

    @extend_schema(operation_id="exit_report_issue", request=None, responses={201: ExitReportOut})
    def post(self, request: Request, key: str) -> Response:
        """Issue the draft: from now on it stays as it is."""
        project = project_of(request, key)
        services.issue_report(actor=person(request), project=project)
        return Response(_shown(request, project), status=status.HTTP_201_CREATED)
